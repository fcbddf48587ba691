/**
 * How long anything of a killed pool lives on, at each level of containment, and what a look at the processes costs.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { linuxTable } from "../../src/layers/processes/LinuxTable.ts"
import type { ContainmentLevel } from "../../src/services/Containment.ts"
import { call } from "../mcp/StdioDriver.ts"
import { Census } from "../support/Census.ts"
import { fillSlots, gone, levelOf, openPool, reaperOf } from "../support/DaemonPool.ts"
import { type Figure, median, quantile } from "./Figure.ts"

const slots = 16
const rounds = 5

/** Milliseconds until none of these processes lives; the time that a look at all of them takes is part of it. */
const untilGone = (pids: ReadonlyArray<number>, from: number) =>
  Effect.promise(async () => {
    const lives = (pid: number) => {
      try {
        return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
      } catch {
        return false
      }
    }
    let left = pids
    while ((left = left.filter(lives)).length > 0) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- it is waited for
      await new Promise((resolve) => setImmediate(resolve))
    }
    return performance.now() - from
  })

/** From the kill to the end of the last one. `killReaper`: what held them is killed first, and the next pool has to come. */
const survival = (options: { readonly isPlain: boolean; readonly killReaper: boolean }) =>
  Effect.scoped(Effect.gen(function*() {
    const directory = yield* Census.directory("bench-contain-")
    const pool = yield* openPool({ directory, isPlain: options.isPlain, slots })
    yield* fillSlots(pool, directory, slots)
    const reaper = reaperOf(pool.pid)
    if (options.killReaper && reaper !== null) {
      process.kill(reaper, "SIGKILL")
      yield* gone(reaper)
    }
    const level = levelOf(pool.pid)
    const pids = Census.processesOf(directory).map((one) => Number.parseInt(one, 10)).filter((pid) => pid !== pool.pid)
    const killed = performance.now()
    yield* pool.signal("SIGKILL")
    if (!options.killReaper) return { level, ms: yield* untilGone(pids, killed), processes: pids.length }
    yield* pool.ended
    const opened = performance.now()
    const next = yield* openPool({ directory, slots: 1 })
    const ms = yield* untilGone(pids, opened)
    yield* next.send(call(1, "pool_status"))
    yield* next.reply(1)
    yield* next.signal("SIGTERM")
    yield* next.ended
    return { level, ms, processes: pids.length }
  }))

const aims: { readonly [K in ContainmentLevel]: string } = {
  "pid-namespace": "at most 250 ms",
  "reaper": "at most 2000 ms",
  "marker-sweep": "at the next start"
}

const survivalFigures = Effect.gen(function*() {
  const ways = [
    { isPlain: false, killReaper: false },
    { isPlain: true, killReaper: false },
    { isPlain: true, killReaper: true }
  ]
  const figures: Array<Figure> = []
  for (const way of ways) {
    const runs = yield* Effect.replicateEffect(survival(way), rounds)
    const [{ level, processes } = { level: "marker-sweep", processes: 0 } as const] = runs
    const times = runs.map(({ ms }) => ms)
    const what = level === "marker-sweep" ? "from the next start" : "from SIGKILL"
    figures.push({
      name: `${what} to no survivor of ${processes}, ${level}, median of ${rounds}`,
      value: median(times),
      unit: "ms",
      aim: aims[level]
    }, { name: `the longest, ${level}`, value: quantile(times, 1), unit: "ms", aim: aims[level] })
  }
  return figures
})

const many = 300

const lookFigures = Effect.acquireUseRelease(
  Effect.sync(() =>
    Array.from(
      { length: many },
      (_, at) => spawn("/bin/sleep", ["600"], { stdio: "ignore", env: { CLAUDE_POOL_MARKER: `bench-${at % slots}-x` } })
    )
  ),
  () =>
    Effect.promise(async (): Promise<ReadonlyArray<Figure>> => {
      const markers = Array.from({ length: slots }, (_, at) => `bench-${at}-`)
      const table = linuxTable()
      while (table.usage(["bench-"])[0]?.processes !== many) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- they are starting
        await new Promise((resolve) => setImmediate(resolve))
      }
      const timed = (look: () => unknown) =>
        median(Array.from({ length: 50 }, () => {
          const start = performance.now()
          look()
          return performance.now() - start
        }))
      const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length
      return [
        {
          name: `usage of ${slots} slots among ${all} processes, ${many} of them marked`,
          value: timed(() => table.usage(markers)),
          unit: "ms",
          aim: "a few ms"
        },
        { name: "the processes of one mark among them", value: timed(() => table.marked("bench-1-")), unit: "ms" }
      ]
    }),
  (children) => Effect.sync(() => children.forEach((child) => child.kill("SIGKILL")))
)

export const containFigures = Effect.gen(function*(): Effect.fn.Return<ReadonlyArray<Figure>> {
  return [...yield* survivalFigures, ...yield* lookFigures]
})
