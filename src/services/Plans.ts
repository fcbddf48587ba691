/**
 * Plans by name: those of the project, those of the user, and those that come with the program. A plan may hold commands,
 * so nothing here runs one: it is read, checked, and handed out. What reads them is loaded only where they are asked for.
 */
import { Array, Context, Effect, FileSystem, Layer, Path, Result, Schema } from "effect"
import { StepName } from "../domain/ChainDefinition.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import type * as PlanText from "../domain/PlanText.ts"
import { InvalidPlan, InvalidRequest } from "../domain/RequestFailure.ts"
import { didYouMean } from "../domain/Suggestion.ts"
import { shippedPlans } from "../plans/ShippedPlans.ts"

export type PlanOrigin = "project" | "user" | "shipped"

/** A place where plans are looked for. */
export interface PlanDirectory {
  readonly origin: PlanOrigin
  readonly path: string
}

/** A line in the list of plans. */
export interface PlanEntry {
  /** That of its file. */
  readonly name: string
  readonly origin: PlanOrigin
  /** Of its file; null for one that comes with the program. */
  readonly path: string | null
  /** The plan, or why it cannot be used. */
  readonly plan: Result.Result<PlanText.Plan, InvalidPlan>
}

/** A plan, and where it was found. */
export interface FoundPlan {
  readonly name: string
  readonly origin: PlanOrigin
  readonly path: string | null
  readonly plan: PlanText.Plan
  /** As it is written. */
  readonly text: string
}

interface Source {
  readonly name: string
  readonly origin: PlanOrigin
  readonly path: string | null
  /** As it is written, or why it cannot be read. */
  readonly text: Result.Result<string, InvalidPlan>
}

const extensions = [".yaml", ".yml", ".json"]

const isName = Schema.is(StepName)

const unreadable = (path: string, message: string): InvalidPlan =>
  new InvalidPlan({ origin: path, issues: [{ line: null, column: null, message: `it cannot be read: ${message}` }] })

const ambiguous = (path: string, other: string): InvalidPlan =>
  new InvalidPlan({
    origin: path,
    issues: [{ line: null, column: null, message: `there is also ${other}, which has the same name; keep one of them` }]
  })

const shipped: ReadonlyArray<Source> = Object.entries(shippedPlans).map(([name, text]) => ({
  name,
  origin: "shipped",
  path: null,
  text: Result.succeed(text)
}))

const orFail = <A>(result: Result.Result<A, InvalidPlan>): Effect.Effect<A, Failure> =>
  Effect.mapError(Effect.fromResult(result), fail)

/** So a shell makes a file before the command begins that is to fill it: it stands for nothing that has its name. */
const isBlank = ({ text }: Source): boolean => Result.isSuccess(text) && text.success.trim() === ""

const unlessBlank = (sources: Array.NonEmptyReadonlyArray<Source>): Array.NonEmptyReadonlyArray<Source> => {
  const written = sources.filter((source) => !isBlank(source))
  return Array.isReadonlyArrayNonEmpty(written) ? written : sources
}

/** One of those that have the same name in a directory. */
const only = (sources: Array.NonEmptyReadonlyArray<Source>): Source => {
  const [first, second] = unlessBlank(sources)
  return second === undefined
    ? first
    : { ...first, text: Result.fail(ambiguous(first.path ?? first.name, second.path ?? second.name)) }
}

/** By name, in the order in which they come. */
const byName = (sources: ReadonlyArray<Source>) => Object.values(Array.groupBy(sources, ({ name }) => name))

const reader: Effect.Effect<typeof PlanText> = Effect.promise(() => import("../domain/PlanText.ts"))

const read = ({ readPlan }: typeof PlanText, { name, origin, path, text }: Source): PlanEntry => ({
  name,
  origin,
  path,
  plan: Result.flatMap(text, (written) => readPlan(written, path ?? name))
})

export class Plans extends Context.Service<Plans, {
  /** All that there are, by name; one that cannot be used is there, with what is wrong with it. */
  readonly list: Effect.Effect<ReadonlyArray<PlanEntry>, Failure>
  readonly find: (name: string) => Effect.Effect<FoundPlan, Failure>
}>()("claude-pool/services/Plans") {
  /** What is found in a directory hides what has the same name in a later one, and in what comes with the program; but not if it is empty. */
  static readonly layer = (
    directories: ReadonlyArray<PlanDirectory>
  ): Layer.Layer<Plans, never, FileSystem.FileSystem | Path.Path> =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path

        const readFile = (whole: string) =>
          fs.readFileString(whole).pipe(
            Effect.mapError((error) => unreadable(whole, error.message)),
            Effect.result
          )

        const sourcesIn = Effect.fnUntraced(function*({ origin, path: directory }: PlanDirectory) {
          const files = yield* fs.readDirectory(directory).pipe(
            Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed([])),
            Effect.mapError((error) => fail(unreadable(directory, error.message)))
          )
          const found = extensions.flatMap((extension) =>
            files.filter((file) => path.extname(file) === extension && isName(path.basename(file, extension)))
          )
          const sources = yield* Effect.forEach(found, (file) => {
            const whole = path.join(directory, file)
            const name = path.basename(file, path.extname(file))
            return Effect.map(readFile(whole), (text): Source => ({ name, origin, path: whole, text }))
          })
          return byName(sources).map(only)
        })

        const sources = Effect.gen(function*() {
          const found = [...yield* Effect.forEach(directories, sourcesIn), shipped].flat()
          return byName(found).map((same) => unlessBlank(same)[0])
            .toSorted((one, other) => one.name < other.name ? -1 : 1)
        })

        const list = Effect.gen(function*() {
          const planText = yield* reader
          return (yield* sources).map((source) => read(planText, source))
        })

        const find = Effect.fn("Plans.find")(function*(name: string): Effect.fn.Return<FoundPlan, Failure> {
          const all = yield* sources
          const source = all.find((one) => one.name === name)
          if (source === undefined) {
            return yield* fail(
              new InvalidRequest({
                issues: [`there is no plan ${name}`],
                hint: didYouMean(name, all.map((one) => one.name))
              })
            )
          }
          return { ...source, plan: yield* orFail(read(yield* reader, source).plan), text: yield* orFail(source.text) }
        })

        return { list, find }
      })
    )
}
