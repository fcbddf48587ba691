/**
 * What a sweep of the radar costs, where sixteen branches of a repository are worked on: all of them have changed since the
 * last one, a few have, or none has.
 */
import { DateTime, Effect } from "effect"
import { zeroUsd } from "../../src/domain/MicroUsd.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import type { TaskId } from "../../src/domain/TaskId.ts"
import { RadarWorld } from "../support/RadarWorld.ts"
import { settle } from "../support/Time.ts"
import { type Figure, median } from "./Figure.ts"

const files = 2000
const worktrees = 16
const rounds = 9

const text = (changed: number | null) =>
  Array.from({ length: 40 }, (_, at) => `${at === changed ? "changed " : ""}line ${at}\n`).join("")

const nameOf = (at: number): string => `part-${at % 50}/file-${at}.txt`

const progressed = (id: TaskId) =>
  PoolEvent.cases.Progressed.make({
    id,
    progress: {
      phase: "waiting-model",
      tool: null,
      turns: 1,
      outputTokens: 0,
      cost: zeroUsd,
      lastEventAt: DateTime.makeUnsafe(0)
    }
  })

export const radarFigures = RadarWorld.use(
  Object.fromEntries(Array.from({ length: files }, (_, at) => [nameOf(at), text(null)])),
  (world) =>
    Effect.gen(function*() {
      const stays = yield* Effect.forEach(Array.from({ length: worktrees }, (_, at) => at + 1), (number) =>
        world.enter(number))
      for (const [at, { write }] of stays.entries()) {
        // Ten files each, of which every neighbour has some, too.
        yield* write(Object.fromEntries(Array.from({ length: 10 }, (_, n) => [nameOf(at * 5 + n), text(20)])))
      }
      const sweep = (moved: number) =>
        Effect.gen(function*() {
          yield* Effect.forEach(stays.slice(0, moved), ({ task }) =>
            world.events.publish(progressed(task)))
          yield* settle
          const start = performance.now()
          const commands = yield* world.commands(world.sweep)
          return { ms: performance.now() - start, commands }
        })
      const first = yield* sweep(0)
      const figure = Effect.fnUntraced(function*(name: string, moved: number, aim: string) {
        const runs = yield* Effect.replicateEffect(sweep(moved), rounds)
        const commands = median(runs.map((run) => run.commands))
        return {
          name: `${name}, ${commands} commands of git's`,
          value: median(runs.map(({ ms }) => ms)),
          unit: "ms",
          aim
        }
      })
      const of = `of ${worktrees} worktrees with ${files} files`
      const found = yield* world.overlaps
      return [
        { name: `first sweep ${of}, ${first.commands} commands of git's`, value: first.ms, unit: "ms" },
        yield* figure(`sweep ${of}, work in all`, worktrees, "far below its 10 s"),
        yield* figure(`sweep ${of}, work in two`, 2, "at most 100 ms"),
        yield* figure(`sweep ${of}, work in none`, 0, "a few ms"),
        { name: "overlaps told among them", value: found.length, unit: "overlaps", aim: `${5 * (worktrees - 1)}` }
      ] satisfies ReadonlyArray<Figure> as ReadonlyArray<Figure>
    })
)
