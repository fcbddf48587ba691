/**
 * What a pool costs that has nothing to do: how often its process wakes up, and what CPU it takes, with sixteen idle
 * slots of the simulator; watched over, against the same pool that nobody watches over.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Schedule } from "effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import * as App from "../../src/layers/App.ts"
import { Configuration } from "../../src/services/Configuration.ts"
import { Machine } from "../../src/services/Machine.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Census } from "../support/Census.ts"
import { testMachine } from "../support/TestMachine.ts"
import type { Figure } from "./Figure.ts"

const slots = 16

/** Twice the long pause between two looks. */
const seconds = 60

const measure = Effect.fnUntraced(function*(supervise: boolean, seconds: number) {
  const directory = yield* Census.directory("bench-idle-")
  const project = join(directory, "project")
  mkdirSync(project)
  const layer = App.layer("host").pipe(
    Layer.provide([
      Configuration.layer(
        { simulate: true, store: join(directory, "store"), slots, maxSlots: slots, supervise },
        project
      ),
      Machine.layer({
        ...testMachine,
        env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
        home: directory,
        cwd: project,
        temporary: directory,
        node: process.execPath
      }),
      NodeServices.layer,
      NodeCrypto.layerSecureRandom,
      NodeCrypto.layerDigest
    ])
  )
  return yield* Effect.gen(function*() {
    const pool = yield* Pool
    yield* pool.status.pipe(
      Effect.map((now) => now.slots.length === slots && now.slots.every(({ pid }) => pid !== undefined)),
      Effect.repeat({ until: (ready) => ready === true, schedule: Schedule.spaced("100 millis") })
    )
    // What follows from the start comes to rest: the first look is over, and so is what was built for all of it.
    yield* Effect.sleep("10 seconds")
    const [before, cpu] = [process.resourceUsage(), process.cpuUsage()]
    yield* Effect.sleep(`${seconds} seconds`)
    const after = process.resourceUsage()
    const { system, user } = process.cpuUsage(cpu)
    const switches = after.voluntaryContextSwitches + after.involuntaryContextSwitches -
      before.voluntaryContextSwitches - before.involuntaryContextSwitches
    const { slots: seen } = yield* pool.status
    return {
      wakeUps: switches / seconds,
      cpu: (user + system) / 1e6 / seconds * 100,
      writes: (after.fsWrite - before.fsWrite) / (seconds / 60),
      watched: seen.filter((slot) => slot.rss_bytes !== undefined).length
    }
  }).pipe(Effect.provide(layer))
})

export const idleFigures = Effect.gen(function*() {
  // The first one warms up.
  yield* Effect.scoped(measure(false, 5))
  const plain = yield* Effect.scoped(measure(false, seconds))
  const watched = yield* Effect.scoped(measure(true, seconds))
  const none = "not watched over"
  return [
    {
      name: `idle, ${slots} slots: context switches of all threads`,
      value: watched.wakeUps,
      unit: "/s",
      baseline: { name: none, value: plain.wakeUps },
      aim: "at most 2/s"
    },
    {
      name: `idle, ${slots} slots: CPU`,
      value: watched.cpu,
      unit: "% of a core",
      baseline: { name: none, value: plain.cpu },
      aim: "at most 0.2 %"
    },
    { name: "idle: writes to disk", value: watched.writes, unit: "/min", aim: "0" },
    { name: "idle: slots whose memory is known", value: watched.watched, unit: "", aim: `${slots}` }
  ] satisfies ReadonlyArray<Figure>
})
