/**
 * What the caller knows of a request that is to be routed, as flags.
 */
import { Effect, Option, Record, Schema } from "effect"
import { type Command, Flag } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import { issueLines } from "../domain/Issues.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { RouteHints, RouteKind } from "../domain/Route.ts"

export const routeFlags = {
  prefer: Flag.Literals("prefer", RouteKind.literals).pipe(
    Flag.withDescription("What to choose where it is a close call (default: none)"),
    Flag.optional
  ),
  maxParallel: Flag.Int("max-parallel").pipe(
    Flag.withDescription("The most tasks side by side, 1 to 64 (default: 8)"),
    Flag.optional
  ),
  maxSteps: Flag.Int("max-steps").pipe(
    Flag.withDescription("The most steps of a chain, 1 to 32 (default: 8)"),
    Flag.optional
  ),
  domain: Flag.String("domain").pipe(
    Flag.withMetavar("text"),
    Flag.withDescription("What the work is about, for a model that is asked (default: none)"),
    Flag.optional
  ),
  parts: Flag.String("part").pipe(
    Flag.withMetavar("text"),
    Flag.withDescription("A part that you see in it; repeated, these are the parts (default: none)"),
    Flag.atLeast(0)
  ),
  ask: Flag.Literals("ask", ["never", "if-unsure", "always"]).pipe(
    Flag.withDescription("When a model is asked, which costs a little (default: if-unsure)"),
    Flag.optional
  )
}

export type RouteFlags = Command.Command.Config.Infer<typeof routeFlags>

const flagNames: Readonly<Record<string, string>> = {
  maxParallel: "--max-parallel",
  maxSteps: "--max-steps",
  domain: "--domain",
  parts: "--part"
}

const byFlag = (issue: string): string => issue.replace(/^\w+/, (field) => flagNames[field] ?? field)

export const readHints = (flags: RouteFlags): Effect.Effect<RouteHints, Failure> =>
  Schema.decodeEffect(RouteHints)(
    {
      ...Record.getSomes({ prefer: flags.prefer, domain: flags.domain, model: flags.ask }),
      ...Record.getSomes({ maxParallel: flags.maxParallel, maxSteps: flags.maxSteps }),
      ...(flags.parts.length === 0 ? {} : { parts: flags.parts })
    },
    { errors: "all" }
  ).pipe(
    Effect.mapError((error) =>
      fail(
        new InvalidRequest({
          issues: issueLines(error).map(byFlag),
          hint: "`claude-pool route --help` explains the flags"
        })
      )
    )
  )

/** Whether a model may be asked, for which there has to be a worker. */
export const mayAsk = ({ ask }: RouteFlags): boolean => !Option.contains(ask, "never")
