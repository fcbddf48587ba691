/**
 * How long a task waits for its workspace: one that was made ahead, a new one, and `git worktree add` by itself; one at a
 * time, and sixteen at once. Run by itself: `node test/bench/workspaces.ts`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Array, Console, Effect } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { Workspaces } from "../../src/services/Workspaces.ts"
import { slot, taskIn, withWorkspaces } from "../support/TestWorkspaces.ts"
import { type Figure, figureTable, median } from "./Figure.ts"

const execute = promisify(execFile)
const rounds = 8
const files = Object.fromEntries(
  Array.makeBy(500, (at) => [`src/${at % 40}/file-${at}.ts`, `export const value${at} = ${at}\n`.repeat(100)])
)

const millis = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const start = performance.now()
    return Effect.map(effect, () => performance.now() - start)
  })

const enter = (repository: string, number: number) =>
  millis(Effect.flatMap(Workspaces, (workspaces) => workspaces.enter(taskIn(repository, number), slot(1))))

/** Milliseconds of each, with so many spares at its start. */
const entering = (spares: number, atOnce: number, times: number) => {
  const all: Array<number> = []
  return withWorkspaces({ files, spares }, ({ repository }) =>
    Effect.gen(function*() {
      const workspaces = yield* Workspaces
      // The first request is what they are made ahead after.
      yield* Effect.scoped(enter(repository, 1000))
      for (let round = 0; round < times; round++) {
        yield* workspaces.idle
        const numbers = Array.range(round * atOnce + 1, (round + 1) * atOnce)
        const took = yield* Effect.forEach(numbers, (number) => enter(repository, number), { concurrency: "unbounded" })
        all.push(...took)
      }
      return all
    }))
}

const adding = (atOnce: number, times: number) => {
  const all: Array<number> = []
  return withWorkspaces({ files }, ({ directory, repository }) =>
    Effect.gen(function*() {
      for (let round = 0; round < times; round++) {
        const numbers = Array.range(round * atOnce + 1, (round + 1) * atOnce)
        const add = (number: number) =>
          millis(Effect.promise(() =>
            // Of sixteen at once, some fail over what others have half made: how long that took counts as well.
            execute("git", ["worktree", "add", "--no-track", "-b", `plain-${number}`, `${directory}/plain-${number}`], {
              cwd: repository
            }).catch(() => null)
          ))
        all.push(...(yield* Effect.forEach(numbers, add, { concurrency: "unbounded" })))
      }
      return all
    }))
}

export const workspaceFigures = Effect.gen(function*() {
  const figures: Array<Figure> = []
  for (const [atOnce, times] of [[1, rounds], [16, 1]] as const) {
    const baseline = { name: "git worktree add", value: median(yield* adding(atOnce, times)) }
    const claimed = median(yield* entering(atOnce, atOnce, times))
    const fresh = median(yield* entering(0, atOnce, times))
    figures.push(
      { name: `workspace made ahead, ${atOnce} at once, p50`, value: claimed, unit: "ms", baseline },
      { name: `workspace made new, ${atOnce} at once, p50`, value: fresh, unit: "ms", baseline }
    )
  }
  return figures
})

if (import.meta.main) {
  NodeRuntime.runMain(Effect.flatMap(workspaceFigures, (figures) => Console.log(figureTable(figures))))
}
