/**
 * A route as text: what was decided, by whom and why, and what would be run.
 */
import { formatUsd, fromUsd } from "../domain/MicroUsd.ts"
import type { RouteView } from "../domain/RouteView.ts"
import { oneLine, printable } from "./Printable.ts"

const deciders: { readonly [D in RouteView["decided_by"]]: string } = {
  rules: "by the rules",
  model: "by a model",
  fallback: "for want of a better answer",
  caller: "by your hints"
}

/** Which route, why, who decided, and why it fell back. */
export const routeLines = (view: RouteView): ReadonlyArray<string> => [
  `route: ${view.route}, decided ${deciders[view.decided_by]}, ${Math.round(view.confidence * 100)}% sure${
    view.cost_usd === 0 ? "" : `, for ${formatUsd(fromUsd(view.cost_usd))}`
  }`,
  `why: ${oneLine(view.reason)}`,
  ...(view.fallback === undefined ? [] : [`fell back to ${view.route}: ${oneLine(view.fallback)}`])
]

const section = (title: string, prompt: string): string =>
  `${title}\n${printable(prompt).trimEnd().replaceAll(/^/gm, "  ")}`

/** Each prompt that would be run. */
export const planText = ({ combine, prompts = [], steps = [] }: RouteView): string =>
  [
    ...prompts.map((prompt, index) => section(prompts.length === 1 ? "task" : `task ${index + 1}`, prompt)),
    ...steps.map(({ name, prompt }, index) => section(`step ${index + 1}, ${name}`, prompt)),
    ...(combine === undefined ? [] : [section("then, of all answers", combine)])
  ].join("\n\n")
