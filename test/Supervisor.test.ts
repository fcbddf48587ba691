/**
 * The supervisor over slots, workers and a machine that do what the test says: which workers it finds to hang, and what it
 * does about them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Effect, Exit } from "effect"
import { SessionId } from "../src/domain/SessionId.ts"
import type { Transcript } from "../src/domain/Transcript.ts"
import { jumpingClock } from "./support/JumpingClock.ts"
import { resting } from "./support/ScriptedMachine.ts"
import { scriptedWorker, slot } from "./support/ScriptedSlots.ts"
import { details, playing, reasonOf, seconds } from "./support/SupervisedPlay.ts"

const whole = { isIntact: true, isWhole: true, toolCalls: 0 }

describe("a worker that hangs", () => {
  it.effect("is suspicious first, and then concluded with how it hangs and what was seen of it", () =>
    Effect.gen(function*() {
      const hung = yield* scriptedWorker()
      const well = yield* scriptedWorker()
      yield* playing({ slots: [slot(hung.worker), slot(well.worker)] }, ({ supervisor }) =>
        Effect.gen(function*() {
          yield* seconds(100)
          yield* well.speak
          assert.deepStrictEqual(yield* details(supervisor), [
            "stream-stalled: no sign of life for 1m40s (waiting-model)",
            "stream-stalled: no sign of life for 1m40s (waiting-model)"
          ])
          yield* seconds(225)
          assert.isNull(hung.conclusion())
          yield* seconds(10)
          const reason = reasonOf(hung)
          assert.deepInclude(reason, {
            _tag: "Stalled",
            mode: "stream-stalled",
            phase: "waiting-model",
            evidence: "its processes used 0ms of CPU in 5m25s, and its transcript could not be seen"
          })
          assert.isNull(well.conclusion())
          // Its slot is lent to another, or rests.
          assert.strictEqual(
            (yield* details(supervisor))[1],
            "stream-stalled: no sign of life for 3m55s (waiting-model)"
          )
        }))
    }))

  it.effect("is not taken for one where the machine was suspended, and is found as late as otherwise", () =>
    Effect.gen(function*() {
      const { jump, wall } = yield* jumpingClock
      const worker = yield* scriptedWorker()
      yield* playing({ slots: [slot(worker.worker)] }, ({ supervisor }) =>
        Effect.gen(function*() {
          yield* seconds(60)
          jump(8 * 3_600_000)
          yield* seconds(100)
          assert.isNull(worker.conclusion())
          // Of the night ten seconds count, as of every look that comes late.
          assert.deepStrictEqual(yield* details(supervisor), [
            "stream-stalled: no sign of life for 2m45s (waiting-model)"
          ])
          yield* seconds(160)
          assert.isNull(worker.conclusion())
          yield* seconds(20)
          assert.deepInclude(reasonOf(worker), { _tag: "Stalled", mode: "stream-stalled" })
        })).pipe(Effect.provideService(Clock.Clock, wall))
    }))

  it.effect("is left alone while its processes work", () =>
    Effect.gen(function*() {
      const busy = yield* scriptedWorker()
      yield* playing({ slots: [slot(busy.worker)] }, ({ machine }) =>
        Effect.gen(function*() {
          for (let minute = 1; minute <= 60; minute++) {
            machine.usage.set("m1", { ...resting, cpuMs: minute * 5000 })
            yield* seconds(60)
          }
          assert.isNull(busy.conclusion())
        }))
    }))

  it.effect("is given the answer that its transcript has come to", () =>
    Effect.gen(function*() {
      const unheard = yield* scriptedWorker({ resume: SessionId.make("earlier") })
      const asked: Array<number | null> = []
      const end = 120_000
      const transcript = (session: SessionId, from?: DateTime.Utc) =>
        Effect.map(DateTime.now, (now): Transcript => {
          asked.push(from === undefined ? null : DateTime.toEpochMillis(from))
          const written = Math.min(DateTime.toEpochMillis(now), end)
          const answer = written === end ? { output: "written down", structured: { n: 1 }, model: "a model" } : null
          return {
            session,
            bytes: written,
            modifiedAt: DateTime.makeUnsafe(written),
            answer,
            usage: [],
            turns: 3,
            ...whole
          }
        })
      yield* playing({ slots: [slot(unheard.worker)], script: { transcript } }, ({ supervisor }) =>
        Effect.gen(function*() {
          yield* seconds(60)
          assert.match((yield* details(supervisor))[0] ?? "", /^output-stopped: nothing on stdout for 1m, while/)
          yield* seconds(74)
          assert.isNull(unheard.conclusion())
          yield* seconds(6)
          assert.deepStrictEqual(
            unheard.conclusion(),
            Exit.succeed({ output: "written down", structured: { n: 1 }, model: "a model", denials: [] })
          )
          // What was written before it was asked says nothing of its task.
          assert.deepStrictEqual(
            [...new Set(asked)].filter((from) =>
              from !== null
            ),
            [5000]
          )
        }))
    }))

  for (
    const [what, more, schema] of [
      ["of an earlier task", { modifiedAt: DateTime.makeUnsafe(4999) }, undefined],
      ["that does not fit its schema", {}, { type: "object" }]
    ] as const
  ) {
    it.effect(`is not given an answer ${what}`, () =>
      Effect.gen(function*() {
        const hung = yield* scriptedWorker(
          schema === undefined ? { resume: SessionId.make("earlier") } : { schema }
        )
        const transcript = (session: SessionId) =>
          Effect.succeed<Transcript>({
            session,
            bytes: 10,
            modifiedAt: DateTime.makeUnsafe(6000),
            answer: { output: "old", model: null },
            ...whole,
            usage: [],
            turns: 1,
            ...more
          })
        yield* playing({ slots: [slot(hung.worker)], script: { transcript } }, () =>
          Effect.gen(function*() {
            yield* seconds(336)
            assert.deepInclude(reasonOf(hung), { _tag: "Stalled", mode: "stream-stalled" })
          }))
      }))
  }

  it.effect("is given an answer that was there before it was first looked at, in a session of its own", () =>
    Effect.gen(function*() {
      const unheard = yield* scriptedWorker()
      const transcript = (session: SessionId) =>
        Effect.succeed<Transcript>({
          session,
          bytes: 10,
          modifiedAt: DateTime.makeUnsafe(0),
          answer: { output: "at once", model: null },
          ...whole,
          usage: [],
          turns: 1
        })
      yield* playing({ slots: [slot(unheard.worker)], script: { transcript } }, () =>
        Effect.gen(function*() {
          yield* seconds(336)
          assert.deepStrictEqual(
            unheard.conclusion(),
            Exit.succeed({ output: "at once", model: null, denials: [] })
          )
        }))
    }))

  it.effect("is told apart from the next one in its slot", () =>
    Effect.gen(function*() {
      const first = yield* scriptedWorker()
      const here = slot(first.worker)
      yield* playing({ slots: [here] }, () =>
        Effect.gen(function*() {
          yield* seconds(300)
          const second = yield* scriptedWorker()
          // A spare that has been ready for as long as the first one worked.
          const ready = DateTime.makeUnsafe(0)
          second.show({ phase: "starting", phaseSince: ready, lastEventAt: ready })
          here.worker = second.worker
          yield* seconds(60)
          assert.isNull(first.conclusion())
          assert.isNull(second.conclusion())
          yield* seconds(6)
          assert.deepInclude(reasonOf(second), { _tag: "Stalled", mode: "no-start" })
        }))
    }))

  it.effect("is found, though the slot beside it cannot be looked at", () =>
    Effect.gen(function*() {
      const hung = yield* scriptedWorker()
      const broken = yield* scriptedWorker()
      const worker = { ...broken.worker, vitals: Effect.die("broken") }
      yield* playing({ slots: [slot(worker), slot(hung.worker)] }, () =>
        Effect.gen(function*() {
          yield* seconds(336)
          assert.deepInclude(reasonOf(hung), { _tag: "Stalled" })
        }))
    }))
})

describe("a process without a worker", () => {
  it.effect("is suspicious when it is not ready in time", () =>
    playing({ slots: [slot(null, "starting")] }, ({ machine, supervisor }) =>
      Effect.gen(function*() {
        yield* seconds(24)
        assert.deepStrictEqual(yield* details(supervisor), [null])
        yield* seconds(2)
        assert.deepStrictEqual(yield* details(supervisor), ["no-start: it is not ready after 20s"])
        assert.deepStrictEqual(machine.killed, [])
      })))

  it.effect("is ended when it takes too much memory before it is ready", () =>
    playing({ slots: [slot(null, "starting"), slot(null)] }, ({ machine }) =>
      Effect.gen(function*() {
        for (const marker of ["m1", "m2"]) machine.usage.set(marker, { ...resting, rssBytes: 1.2e9 })
        yield* seconds(6)
        assert.deepStrictEqual(machine.killed, ["m1"])
      })))

  it.effect("is lingering after its work, and left to whoever ends it", () =>
    Effect.gen(function*() {
      const done = yield* scriptedWorker()
      const here = slot(done.worker)
      yield* playing({ slots: [here] }, ({ machine, supervisor }) =>
        Effect.gen(function*() {
          machine.usage.set("m1", { ...resting, rssBytes: 5e9 })
          yield* seconds(5)
          here.worker = null
          yield* seconds(10)
          assert.deepStrictEqual(yield* details(supervisor), [
            "lingering: it has ended its work, and does not leave after 5s"
          ])
          assert.deepStrictEqual(machine.killed, [])
        }))
    }))
})
