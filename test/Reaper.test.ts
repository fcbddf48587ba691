/**
 * The reaper as a process of its own, and what the pool makes of it: what it ends, what it takes for an order, and what
 * becomes of the level when it dies.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import process from "node:process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as MachineContainment from "../src/layers/MachineContainment.ts"
import * as MachineProcesses from "../src/layers/MachineProcesses.ts"
import { Containment } from "../src/services/Containment.ts"
import { Reaper } from "../src/services/containment/Reaper.ts"
import { childrenOf, gone } from "./support/DaemonPool.ts"

const program = fileURLToPath(new URL("../dist/reaper.js", import.meta.url))

let count = 0
/** As a pool makes them, and no other test's. */
const newMarker = (): string => `${process.pid}${count++}`.padEnd(32, "0")

const kill = (child: ChildProcess) =>
  Effect.promise(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    child.kill("SIGKILL")
    await ended
  })

/** A process that carries a marker, in a session of its own. */
const marked = (marker: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const env = { CLAUDE_POOL_MARKER: `${marker}-worker` }
      const child = spawn("/bin/sleep", ["600"], { detached: true, stdio: "ignore", env })
      await once(child, "spawn")
      return child
    }),
    kill
  )

const isThere = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

const ended = (child: ChildProcess) =>
  Effect.promise(async () => isThere(child) ? await once(child, "exit") : [child.exitCode, child.signalCode])

/** The reaper itself, with what it has answered. */
const reaper = Effect.acquireRelease(
  Effect.sync(() => {
    const child = spawn(process.execPath, [program], { detached: true, env: {}, stdio: ["pipe", "pipe", "inherit"] })
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return {
      child,
      tell: (text: string) => Effect.sync(() => child.stdin.write(text)),
      answer: Effect.promise(async () => (await answers.next()).value as string)
    }
  }),
  ({ child }) => kill(child)
)

describe("the reaper", () => {
  it.live("ends what it watches when its input ends, nothing else, and then itself", () =>
    Effect.gen(function*() {
      const [watched, forgotten, other] = [newMarker(), newMarker(), newMarker()]
      const [one, two, three] = [yield* marked(watched), yield* marked(forgotten), yield* marked(other)]
      const { answer, child, tell } = yield* reaper
      yield* tell(`+${watched}\n+${forgotten}\n`)
      assert.strictEqual(yield* answer, `+${watched}`)
      assert.strictEqual(yield* answer, `+${forgotten}`)
      yield* tell(`-${forgotten}\n`)
      assert.strictEqual(yield* answer, `-${forgotten}`)
      child.stdin.end()
      assert.deepStrictEqual(yield* ended(one), [null, "SIGKILL"])
      assert.deepStrictEqual(yield* ended(child), [0, null])
      assert.isTrue(isThere(two))
      assert.isTrue(isThere(three))
    }).pipe(Effect.scoped))

  it.live("is deaf to what ends everything around it", () =>
    Effect.gen(function*() {
      const marker = newMarker()
      const one = yield* marked(marker)
      const { answer, child, tell } = yield* reaper
      yield* tell(`+${marker}\n`)
      yield* answer
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) child.kill(signal)
      const later = newMarker()
      yield* tell(`+${later}\n`)
      assert.strictEqual(yield* answer, `+${later}`)
      child.stdin.end()
      assert.deepStrictEqual(yield* ended(one), [null, "SIGKILL"])
      assert.deepStrictEqual(yield* ended(child), [0, null])
    }).pipe(Effect.scoped))

  it.live("takes no part of an order for an order, whether it was cut at its end or has come in pieces", () =>
    Effect.gen(function*() {
      const marker = newMarker()
      const neighbour = `${marker.slice(0, 31)}f`
      const [one, two] = [yield* marked(marker), yield* marked(neighbour)]
      const { answer, child, tell } = yield* reaper
      yield* tell("+\n+ \nnonsense\n-\n+abc\n\u0000\n")
      yield* tell(`+${marker.slice(0, 10)}`)
      yield* tell(`${marker.slice(10)}\n+${marker}f\n`)
      // The first answer is to the first order that is one.
      assert.strictEqual(yield* answer, `+${marker}`)
      // The pool was killed in the middle of this line: it would fit both.
      yield* tell(`+${marker.slice(0, 31)}`)
      child.stdin.end()
      assert.deepStrictEqual(yield* ended(one), [null, "SIGKILL"])
      assert.deepStrictEqual(yield* ended(child), [0, null])
      assert.isTrue(isThere(two))
    }).pipe(Effect.scoped))

  it.live("leaves at once where it has nothing to watch, also when nobody reads its answers", () =>
    Effect.gen(function*() {
      const { child } = yield* reaper
      child.stdout.destroy()
      child.stdin.end(`+${newMarker()}\n-${newMarker()}\n`)
      assert.deepStrictEqual(yield* ended(child), [0, null])
    }).pipe(Effect.scoped))
})

describe("the containment with a reaper", () => {
  const allReapers = () => childrenOf(process.pid).filter(({ command }) => command.endsWith("/reaper.ts"))

  it.live("starts one when it is needed, drops to less when that dies, and starts another for the next slot", () =>
    Effect.gen(function*() {
      // Nobody waits for long until one has left: those of the tests before may still be there.
      const others = new Set(allReapers().map(({ pid }) => pid))
      const reapers = () => allReapers().filter(({ pid }) => !others.has(pid))
      const layer = MachineContainment.layerReaper.pipe(Layer.provide(NodeServices.layer))
      const scope = yield* Scope.make()
      yield* Effect.gen(function*() {
        const containment = yield* Containment
        assert.deepStrictEqual(reapers(), [])
        const first = newMarker()
        const worker = yield* marked(first)
        yield* containment.watch(first)
        assert.strictEqual(yield* containment.level, "reaper")
        const [one, ...none] = reapers()
        assert.deepStrictEqual(none, [])

        process.kill(one!.pid, "SIGKILL")
        yield* gone(one!.pid)
        while ((yield* containment.level) === "reaper") yield* Effect.sleep(0)
        assert.strictEqual(yield* containment.level, "marker-sweep")
        assert.deepStrictEqual(reapers(), [])

        yield* containment.watch(newMarker())
        assert.strictEqual(yield* containment.level, "reaper")
        const [other] = reapers()
        assert.notStrictEqual(other!.pid, one!.pid)

        // It was told what the first one had watched: the end of its input is the end of that.
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(yield* ended(worker), [null, "SIGKILL"])
        yield* gone(other!.pid)
      }).pipe(Effect.provide(yield* Layer.buildWithScope(layer, scope)))
    }).pipe(Effect.scoped))

  it.live("says so where there can be none", () =>
    Effect.gen(function*() {
      const containment = yield* Containment
      yield* containment.watch(newMarker())
      assert.strictEqual(yield* containment.level, "marker-sweep")
    }).pipe(
      Effect.scoped,
      Effect.provide(
        Containment.layerReaper.pipe(
          Layer.provide([MachineProcesses.layer, Reaper.layer([join("/nowhere", "node"), program])]),
          Layer.provide(NodeServices.layer)
        )
      )
    ))
})
