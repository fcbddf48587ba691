/**
 * The answers of a group as files: one for each item that is done, named by its place and its name. Nothing that is there
 * is overwritten.
 */
import { Effect, FileSystem, Path, Stream } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import type { FanOutItem } from "../domain/FanOut.ts"
import type { GroupId } from "../domain/GroupId.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { TaskId } from "../domain/TaskId.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { Machine } from "../services/Machine.ts"
import type { Pool } from "../services/Pool.ts"
import { readAnswer } from "./Answer.ts"
import { itemsOfGroup } from "./GroupOutcome.ts"
import type { Files } from "./TextFile.ts"

const longest = 80

/** What is safe in a name, whoever chose it: no separator, no dots in front. */
const slug = (name: string): string =>
  name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+/, "").slice(0, longest)

/** `007-src-a.ts.md`; `total` says how many digits there are. */
export const resultFile = (index: number, name: string | undefined, total: number): string => {
  const place = String(index).padStart(String(Math.max(0, total - 1)).length, "0")
  const called = slug(name ?? "")
  return `${called === "" ? place : `${place}-${called}`}.md`
}

const refuse = (directory: string, problem: string): Failure =>
  fail(
    new InvalidRequest({
      issues: [`--results ${directory}: ${problem}`],
      hint: "name a directory of its own: nothing is overwritten"
    })
  )

/** What each is called: its name, or else the text that it was made from. */
export const resultFiles = (items: ReadonlyArray<FanOutItem>): ReadonlyArray<string> =>
  items.map(({ input, name }, index) =>
    resultFile(index, name ?? (typeof input === "string" ? input : undefined), items.length)
  )

/** Makes the directory, before anything is spent, and refuses one that has such files. */
export const prepareResults = (
  directory: string,
  files: ReadonlyArray<string>
): Effect.Effect<void, Failure, Files> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { cwd } = yield* Machine
    const root = path.resolve(cwd, directory)
    yield* fs.makeDirectory(root, { recursive: true })
    const there = new Set(yield* fs.readDirectory(root))
    const taken = files.find((file) => there.has(file))
    if (taken !== undefined) return yield* refuse(directory, `${taken} is there already`)
  }).pipe(Effect.catchTag("PlatformError", (error) => refuse(directory, error.message)))

/** Writes them as they are read, one after the other: no answer is held longer than that. Says how many there are. */
export const writeResults = (
  directory: string,
  files: ReadonlyArray<string>,
  id: GroupId
): Effect.Effect<number, Failure, Files | Pool> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { cwd } = yield* Machine
    const write = (task: TaskView) =>
      Effect.flatMap(readAnswer(TaskId.make(task.id)), (text) => {
        const index = task.index ?? 0
        const file = files[index] ?? resultFile(index, task.name, files.length)
        return fs.writeFileString(path.resolve(cwd, directory, file), text, { flag: "wx" })
      })
    return yield* itemsOfGroup(id).pipe(
      Stream.filter(({ state }) => state === "done"),
      Stream.tap(write),
      Stream.runCount
    )
  }).pipe(Effect.catchTag("PlatformError", (error) => refuse(directory, error.message)))
