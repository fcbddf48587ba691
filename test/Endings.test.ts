/**
 * How a worker ends, and all that came from it: however it ends, whatever it has left behind, at every level of
 * containment, nothing with its mark is there when its scope has closed.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import type { Launch } from "../src/domain/Launch.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import * as MachineContainment from "../src/layers/MachineContainment.ts"
import * as MachineProcesses from "../src/layers/MachineProcesses.ts"
import { temporaryDirectory } from "../src/layers/TemporaryDirectory.ts"
import { ClaudeCli, type SlotHome, type Worker } from "../src/services/ClaudeCli.ts"
import { sweepLeftovers } from "../src/services/containment/Leftovers.ts"
import { Processes } from "../src/services/Processes.ts"
import { Census } from "./support/Census.ts"

const simulator = fileURLToPath(new URL("../dist/simulator.js", import.meta.url))

const levels = {
  "pid-namespace": MachineContainment.layer,
  "reaper": MachineContainment.layerReaper,
  "marker-sweep": MachineContainment.layerMarkerSweep
} as const

const machine = Layer.mergeAll(NodeServices.layer, SecureRandom.layerWebCrypto, MachineProcesses.layer)

const cliIn = (directory: string, level: keyof typeof levels) =>
  ClaudeCli.layer({
    named: null,
    standIn: [process.execPath, simulator],
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory },
    home: directory,
    platform: process.platform,
    passEnv: [],
    directories: {
      slots: join(directory, "slots"),
      sessions: join(directory, "sessions"),
      temporary: join(directory, "temporary")
    },
    stallAfter: Duration.minutes(5),
    figuresWithin: Duration.millis(500)
  }).pipe(Layer.provide(levels[level]))

const launchIn = (cwd: string): Launch => ({ cwd, permissions: "full", inherit: "none", budget: fromUsd(5) })

/** Daemons in sessions of their own, forked twice, deaf to SIGTERM, one with the worker's stdout open. */
const daemons = [
  "[[daemon:600]] [[daemon:600,hold]]",
  `[[bash:setsid sh -c 'trap "" TERM HUP; sleep 600' >/dev/null 2>&1 & (setsid sleep 600 >/dev/null 2>&1 &)]]`
].join(" ")

/** How its turn ends, or does not: then it is stopped from outside. */
const endings = {
  "its turn ends": "[[say:done]]",
  "it leaves with exit code 0 and no result": "[[no-result:exit=0]]",
  "it leaves with an exit code": "[[exit:3]]",
  "it is killed": "[[say:begun]] [[await:never]]",
  "it is cancelled": "[[say:begun]] [[stall]]",
  "it is cancelled, and takes no hint": "[[ignore-interrupt]] [[ignore-term]] [[linger]] [[say:begun]] [[stall]]",
  "it has ended, and stays": "[[ignore-term]] [[linger]] [[say:done]]"
} as const

const atTheEnd = Effect.fnUntraced(function*(prompt: string, worker: Worker) {
  const begun = yield* Deferred.make<void>()
  const run = yield* Effect.forkChild(
    worker.run(
      { prompt: `${daemons} ${prompt}` },
      ({ turns }) => turns < 4 ? Effect.void : Deferred.succeed(begun, undefined)
    )
  )
  if (prompt.includes("[[say:begun]]")) yield* Deferred.await(begun)
  if (prompt.includes("[[stall]]")) yield* Fiber.interrupt(run)
  if (prompt.includes("[[await:never]]")) process.kill(worker.pid, "SIGKILL")
  yield* Fiber.await(run)
})

/** Whether there is anything that carries the mark: seen by the mark, and by where it belongs. */
const nothingIsLeft = Effect.fnUntraced(function*(home: SlotHome, directory: string) {
  assert.deepStrictEqual(yield* (yield* Processes).marked(home.marker), [])
  assert.deepStrictEqual(Census.processesOf(directory), [])
})

for (const level of ["pid-namespace", "reaper", "marker-sweep"] as const) {
  describe(`a worker with the containment ${level}`, () => {
    for (const [name, prompt] of Object.entries(endings)) {
      it.live(`leaves nothing when ${name}`, () =>
        Effect.gen(function*() {
          const directory = yield* Census.directory("ending-")
          yield* Effect.gen(function*() {
            const claude = yield* ClaudeCli
            const home = yield* claude.home(SlotId.make(1))
            yield* Effect.scoped(Effect.gen(function*() {
              const worker = yield* claude.start(launchIn(directory), home)
              assert.strictEqual(readdirSync(home.temporary).length, 1)
              yield* atTheEnd(prompt, worker)
              // They were there: else that none is would say nothing.
              if (level !== "pid-namespace") assert.isAtLeast(Census.processesOf(directory).length, 4)
            }))
            yield* nothingIsLeft(home, directory)
            // Its temporary directory has gone with it, and that of its slot stays for the next one.
            assert.deepStrictEqual(readdirSync(home.temporary), [])
          }).pipe(Effect.scoped, Effect.provide(cliIn(directory, level)))
          assert.deepStrictEqual(readdirSync(join(directory, "slots")), [])
        }).pipe(Effect.scoped, Effect.provide(machine)))
    }
  })
}

describe("what a killed pool has left in its store", () => {
  /** What is noted of a slot. */
  const note = (directory: string, name: string, text: string) => {
    mkdirSync(join(directory, "slots", name), { recursive: true })
    writeFileSync(join(directory, "slots", name, "marker"), text)
  }

  it.live("is nothing, of a pool that never was", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("left-")
      yield* sweepLeftovers(join(directory, "slots"))
      assert.deepStrictEqual(readdirSync(directory), [])
    }).pipe(Effect.scoped, Effect.provide(machine)))

  it.live("is removed for the slots whose notes a pool has made, and for no others", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("left-")
      note(directory, "slot-9", "0123456789abcdef0123456789abcdef")
      // A short one would fit every pool's processes.
      note(directory, "slot-8", "")
      note(directory, "slot-7", "0123")
      note(directory, "slot-6", "0123456789abcdef0123456789abcdef0")
      yield* sweepLeftovers(join(directory, "slots"))
      assert.deepStrictEqual(readdirSync(join(directory, "slots")).toSorted(), ["slot-6", "slot-7", "slot-8"])
    }).pipe(Effect.scoped, Effect.provide(machine)))

  it.live("is its temporary directory too, also where it was killed before it had made it", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("left-")
      const open = temporaryDirectory(directory, directory)
      const made = yield* Effect.scoped(open)
      assert.isFalse(existsSync(made))
      const [left, never] = ["claude-pool-left", "claude-pool-never"].map((name) => join(directory, name)) as [
        string,
        string
      ]
      mkdirSync(left)
      mkdirSync(join(directory, "foreign"))
      for (const noted of [left, never, join(directory, "foreign"), join(directory, "..")]) {
        writeFileSync(join(directory, "temporary"), noted)
        yield* Effect.scoped(Effect.map(open, (own) => assert.isTrue(existsSync(own))))
      }
      assert.deepStrictEqual(readdirSync(directory), ["foreign"])
    }).pipe(Effect.scoped, Effect.provide(machine)))
})
