/**
 * The items of a group: several prompts, one template for each element of a list, or a file that has them.
 */
import { Effect, Option, Path, Result, type Schema, type Stdio } from "effect"
import { Argument, type Command, Flag } from "effect/cli"
import { describeIssue } from "../domain/ChainIssue.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import type { FanOutItem } from "../domain/FanOut.ts"
import { readItemValues } from "../domain/FanOutItemFile.ts"
import { prepareFanOut } from "../domain/FanOutRequest.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Machine } from "../services/Machine.ts"
import { readInputs, readList } from "./ItemInputs.ts"
import type { Files } from "./TextFile.ts"

export const itemFlags = {
  over: Flag.String("over").pipe(
    Flag.withMetavar("file|pattern|-"),
    Flag.withDescription(
      "Ask the one prompt for each {item}: of a file of lines or JSON, of a pattern of files, of stdin (default: none)"
    ),
    Flag.optional
  ),
  items: Flag.String("items").pipe(
    Flag.withMetavar("file|-"),
    Flag.withDescription("Items with options of their own, a JSON object a line (default: the prompts)"),
    Flag.optional
  )
}

export type ItemFlags = Command.Command.Config.Infer<typeof itemFlags>

export const promptsArgument = Argument.String("prompts").pipe(
  Argument.withDescription("What the workers are asked, one task for each; or with --over one template"),
  Argument.variadic()
)

const templateHint = "{item} is an element, {item.field} a part of it, {index} its place from 0; double other braces"

const refuse = (issues: ReadonlyArray<string>, hint: string): Failure => fail(new InvalidRequest({ issues, hint }))

const fromResult = <A>(result: Result.Result<A, ReadonlyArray<string>>, hint: string): Effect.Effect<A, Failure> =>
  Result.match(result, { onFailure: (issues) => refuse(issues, hint), onSuccess: Effect.succeed })

const fill = (template: string, inputs: ReadonlyArray<Schema.Json>) =>
  prepareFanOut({ prompt: template, items: inputs }, {}).pipe(
    Result.mapError((issues) => issues.map((issue) => `the prompt: ${describeIssue(issue)}`)),
    Result.flatMap(({ request }) => request(inputs)),
    Result.map(({ items }) => items)
  )

const readTemplate = Effect.fnUntraced(function*(over: string, prompts: ReadonlyArray<string>) {
  const [template, ...others] = prompts
  if (template === undefined || others.length > 0) {
    return yield* refuse(
      [`--over: there has to be one prompt, and there are ${prompts.length}`],
      `give it in quotes: ${templateHint}`
    )
  }
  return yield* fromResult(fill(template, yield* readInputs(over)), templateHint)
})

/** Where they work is meant from the current directory, as `--cwd` is. */
const readItemFile = Effect.fnUntraced(function*(said: string) {
  const { cwd } = yield* Machine
  const path = yield* Path.Path
  const values = yield* readList("--items", said, "json-lines")
  if (values.length === 0) return yield* refuse(["--items: there are no items"], "write a JSON object a line")
  const items = yield* fromResult(
    readItemValues(values),
    "each line is {\"prompt\": \"…\"}, with name, model and so on"
  )
  const place = (item: FanOutItem): FanOutItem =>
    item.cwd === undefined ? item : { ...item, cwd: path.resolve(cwd, item.cwd) }
  return items.map(place)
})

/** Exactly what was said: prompts are no templates, unless they are asked over a list. */
export const readItems = (
  prompts: ReadonlyArray<string>,
  { items, over }: ItemFlags
): Effect.Effect<ReadonlyArray<FanOutItem>, Failure, Files | Stdio.Stdio> =>
  Effect.gen(function*() {
    if (Option.isSome(items) && (Option.isSome(over) || prompts.length > 0)) {
      return yield* refuse(["--items has the prompts: no others, and no --over, go with it"], "leave one of them out")
    }
    if (Option.isSome(items)) return yield* readItemFile(items.value)
    if (Option.isSome(over)) return yield* readTemplate(over.value, prompts)
    if (prompts.length === 0 || prompts.some((prompt) => prompt.trim() === "")) {
      return yield* refuse(
        [prompts.length === 0 ? "there are no prompts" : "a prompt is empty"],
        "give several, each in quotes, or one with --over"
      )
    }
    return prompts.map((prompt) => ({ prompt }))
  })
