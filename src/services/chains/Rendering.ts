/**
 * Prompts of a chain, with the values put in and what is too long for them in files. The same inputs give the same prompt,
 * so that a task is found again by its key: also the nonce of the fences comes from the inputs, which no worker knows.
 */
import { Effect, Result } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import { Failure } from "../../domain/Failure.ts"
import { escapeTemplate, type Template } from "../../domain/Template.ts"
import { type Rendered, renderTemplate } from "../../domain/TemplateRendering.ts"
import { type InputFiles, inputsOf } from "../tasks/InputFiles.ts"
import type { Unit } from "./Journal.ts"
import { unusable } from "./StepFailure.ts"
import type { Inputs } from "./StepInputs.ts"
import { templateLookup, type Values } from "./Values.ts"

const renderInto = (
  template: Template,
  values: Values,
  nonce: string,
  directory: string
): Effect.Effect<Rendered, Failure> =>
  Result.match(renderTemplate(template, { lookup: templateLookup(values), nonce }, { directory }), {
    onSuccess: Effect.succeed,
    onFailure: (missing) => new Failure({ reason: unusable(...missing.map(({ message }) => message)) })
  })

export const makeRendering = ({ files, hashOf }: Pick<Inputs, "hashOf"> & { readonly files: InputFiles }) => {
  const nonceOf = (unit: Unit) => Effect.map(hashOf([unit.hash, "nonce"]), (hash) => hash.slice(0, 16))

  const render = Effect.fnUntraced(function*(chain: Chain, unit: Unit, template: Template, values: Values) {
    const nonce = yield* nonceOf(unit)
    const shared = inputsOf(chain.id, `${unit.key.replaceAll("/", "-")}-${unit.hash.slice(0, 12)}`)
    const { item } = values.place
    const first = yield* renderInto(template, values, nonce, shared)
    const isOwn = item !== undefined && first.files.some(({ name }) => name.startsWith("item"))
    // What all items share is one file for all of them.
    const directory = isOwn ? `${shared}/${item.index}` : shared
    const { files: needed, text } = isOwn ? yield* renderInto(template, values, nonce, directory) : first
    yield* files.write(chain.cwd, directory, needed)
    return text
  })

  /** The prompt of a reducer is a template still: of all references only `{outcomes}` is left in it. */
  const renderReducer = Effect.fnUntraced(function*(chain: Chain, unit: Unit, template: Template, values: Values) {
    const mark = `outcomes of ${yield* nonceOf(unit)}`
    const text = yield* render(chain, unit, template, { ...values, place: { ...values.place, outcomes: mark } })
    return escapeTemplate(text).replaceAll(mark, "{outcomes}")
  })

  return { render, renderReducer }
}

export type Rendering = ReturnType<typeof makeRendering>
