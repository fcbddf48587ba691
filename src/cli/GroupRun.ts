/**
 * A group from its acceptance to its outcome, or, detached, to its id.
 */
import { Effect, Option, type Stdio } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import type { FanOutItem, FanOutOptions } from "../domain/FanOut.ts"
import { GroupId } from "../domain/GroupId.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import type { Configuration } from "../services/Configuration.ts"
import { Pool } from "../services/Pool.ts"
import { attend, noteLeft } from "./Attended.ts"
import { counted } from "./Count.ts"
import { note, show } from "./Format.ts"
import { exitAs, showOutcome } from "./Outcome.ts"
import type { Reported } from "./Reported.ts"
import { prepareResults, resultFiles, writeResults } from "./ResultFiles.ts"
import type { Files } from "./TextFile.ts"

export interface GroupEnd {
  readonly detach: boolean
  /** Where the answers are written to. */
  readonly results: Option.Option<string>
}

export const runGroup = (
  items: ReadonlyArray<FanOutItem>,
  options: FanOutOptions,
  { detach, results }: GroupEnd
): Effect.Effect<void, Failure | Reported, Configuration | Files | Pool | Stdio.Stdio> =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const directory = Option.getOrNull(results)
    if (detach && directory !== null) {
      return yield* fail(
        new InvalidRequest({
          issues: ["--detach and --results contradict each other: there are no answers yet"],
          hint: "leave one of the two out"
        })
      )
    }
    const files = resultFiles(items)
    if (directory !== null) yield* prepareResults(directory, files)
    const start = pool.fanOut(items, options)
    if (detach) {
      const group = yield* start
      yield* show({ json: group, text: group.id })
      return yield* noteLeft(`${counted(group.items, "item")} accepted`, group.id)
    }
    const { outcome, started } = yield* attend(start)
    yield* showOutcome(outcome, options.reduce === undefined ? "parts" : "answer")
    if (directory !== null) {
      const written = yield* writeResults(directory, files, GroupId.make(started.id))
      yield* note(`${counted(written, "answer")} written to ${directory}`)
    }
    yield* exitAs(outcome)
  })
