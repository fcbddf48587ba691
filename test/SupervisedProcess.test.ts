/**
 * Supervision of real processes of the simulator: those that hang are found and ended, those that are only slow are not.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit } from "effect"
import { healthBounds } from "../src/domain/HealthBounds.ts"
import type { Worker } from "../src/services/ClaudeCli.ts"
import { Census } from "./support/Census.ts"
import { SupervisedSlot } from "./support/SupervisedSlot.ts"

const ask = (worker: Worker, prompt: string) => worker.run({ prompt }, () => Effect.void)

const failureOf = (worker: Worker, prompt: string) =>
  Effect.map(Effect.orDie(Effect.flip(ask(worker, prompt))), ({ reason }) => reason)

describe("a process that hangs", () => {
  it.live("in its answer is found, and has still told what it cost", () =>
    Effect.gen(function*() {
      const { directory, worker } = yield* SupervisedSlot.make()
      yield* Effect.scoped(Effect.gen(function*() {
        const it = yield* worker()
        const reason = yield* failureOf(it, "[[tool:Read]] [[stall]]")
        assert.deepInclude(reason, { _tag: "Stalled", mode: "stream-stalled", phase: "waiting-model" })
        assert.include(reason.message, "its transcript did not grow")
        assert.deepInclude(yield* it.spent, { exact: true })
      }))
      assert.deepStrictEqual(Census.processesOf(directory), [])
    }).pipe(Effect.scoped))

  it.live("and takes no hint is ended all the same", () =>
    Effect.gen(function*() {
      const { directory, worker } = yield* SupervisedSlot.make()
      yield* Effect.scoped(Effect.gen(function*() {
        const it = yield* worker()
        const prompt = "[[ignore-term]] [[linger]] [[daemon:600]] [[stall]]"
        assert.deepInclude(yield* failureOf(it, prompt), { _tag: "Stalled" })
      }))
      assert.deepStrictEqual(Census.processesOf(directory), [])
    }).pipe(Effect.scoped))

  it.live("after it has announced another try is found", () =>
    Effect.gen(function*() {
      const { worker } = yield* SupervisedSlot.make()
      const reason = yield* failureOf(yield* worker(), "[[retry:1,delay=200]] [[stall]]")
      assert.deepInclude(reason, { _tag: "Stalled", mode: "retry-overdue", phase: "backing-off" })
    }).pipe(Effect.scoped))

  it.live("in a command, past the command's own limit, is found", () =>
    Effect.gen(function*() {
      // What a command gets that asks for nothing, as its users can set it.
      const { worker } = yield* SupervisedSlot.make({ env: { BASH_DEFAULT_TIMEOUT_MS: "300" } })
      const reason = yield* failureOf(yield* worker(), "[[tool:Bash,ms=600000]]")
      assert.deepInclude(reason, { _tag: "Stalled", mode: "tool-stuck" })
    }).pipe(Effect.scoped))

  it.live("at its start is not waited for", () =>
    Effect.gen(function*() {
      const starting = { ...healthBounds.starting, hung: Duration.millis(1500) }
      const { worker } = yield* SupervisedSlot.make({ scenario: "[[slow-start:600000]]", bounds: { starting } })
      const { reason } = yield* Effect.orDie(Effect.flip(worker()))
      assert.deepInclude(reason, { _tag: "StartFailed", transient: true })
    }).pipe(Effect.scoped))
})

/** For who is not to be ended: a slow machine adds to each silence. What lasts, lasts longer than this. */
const bounds = { waitingModel: { suspicious: Duration.millis(200), hung: Duration.seconds(3) } }

describe("a process that is not heard any more", () => {
  it.live("works on, and its answer is taken from its transcript", () =>
    Effect.gen(function*() {
      const { worker } = yield* SupervisedSlot.make({ bounds })
      const it = yield* worker()
      const work = Array.from({ length: 25 }, () => "[[tool:mcp__a__b,ms=150]]").join(" ")
      const answer = yield* ask(it, `[[tool:Read]] [[mute]] ${work} [[say:written down]]`)
      assert.deepInclude(answer, { output: "written down", denials: [] })
      assert.isFalse((yield* it.spent).exact)
    }).pipe(Effect.scoped))
})

describe("a process that uses too much memory", () => {
  it.live("is ended with what it may use, and what it used", () =>
    Effect.gen(function*() {
      const limit = 400 * 2 ** 20
      // Of its silence it is not to be ended.
      const { waitingModel } = healthBounds
      const { directory, worker } = yield* SupervisedSlot.make({
        bounds: { waitingModel },
        supervisor: { slotMemory: limit }
      })
      yield* Effect.scoped(Effect.gen(function*() {
        const reason = yield* failureOf(yield* worker(), "[[balloon:500]] [[await:never]]")
        assert.strictEqual(reason._tag, "MemoryExceeded")
        if (reason._tag === "MemoryExceeded") assert.isAbove(reason.used, limit)
      }))
      assert.deepStrictEqual(Census.processesOf(directory), [])
    }).pipe(Effect.scoped))

  it.live("before it is ready is ended, and can be started again", () =>
    Effect.gen(function*() {
      const starting = { ...healthBounds.starting, memory: 1024 }
      const { worker } = yield* SupervisedSlot.make({ scenario: "[[slow-start:600000]]", bounds: { starting } })
      const { reason } = yield* Effect.orDie(Effect.flip(worker()))
      assert.deepInclude(reason, { _tag: "StartFailed", transient: true })
    }).pipe(Effect.scoped))
})

describe("a process that is only slow", () => {
  const slow: Readonly<Record<string, string>> = {
    "runs a silent command within its own limit": "[[tool:Bash,ms=4000]] [[say:done]]",
    "runs a tool that nobody limits": "[[tool:mcp__a__b,ms=4000]] [[say:done]]",
    "is retried": "[[retry:1,delay=4000,wait=4000]] [[say:done]]",
    "thinks": Array.from({ length: 10 }, () => "[[think:1]] [[delay:400]]").join(" ") + "[[say:done]]",
    "burns CPU": "[[bash:i=0; while [ $i -lt 900000 ]; do i=$((i+1)); done]] [[say:done]]",
    "writes a long line": "[[flood:5000000]] [[delay:300]] [[say:done]]"
  }
  for (const [what, prompt] of Object.entries(slow)) {
    it.live(`is left alone: it ${what}`, () =>
      Effect.gen(function*() {
        const { worker } = yield* SupervisedSlot.make({ bounds })
        const exit = yield* Effect.exit(ask(yield* worker(), prompt))
        assert.strictEqual(Exit.isSuccess(exit) ? exit.value.output : `${exit.cause}`, "done")
      }).pipe(Effect.scoped))
  }

  it.live("to leave has its answer kept", () =>
    Effect.gen(function*() {
      const { directory, worker } = yield* SupervisedSlot.make()
      const output = yield* Effect.scoped(Effect.gen(function*() {
        return (yield* ask(yield* worker(), "[[linger]] [[ignore-term]] [[say:done]]")).output
      }))
      assert.strictEqual(output, "done")
      assert.deepStrictEqual(Census.processesOf(directory), [])
    }).pipe(Effect.scoped))
})
