/**
 * When slots are opened again, and when the circuit opens: over random histories, no window has more restarts than allowed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { Bytes } from "../../src/domain/ByteSize.ts"
import { Failure, type Reason } from "../../src/domain/Failure.ts"
import { causeOf, disprovedBy } from "../../src/domain/HoldRules.ts"
import { Stalled, TimedOut } from "../../src/domain/LimitFailure.ts"
import { Cancelled } from "../../src/domain/RequestFailure.ts"
import {
  afterAnswer,
  afterCrash,
  forgetCrashes,
  isCrash,
  isTooMuch,
  noRestarts,
  recentRestarts,
  type RestartRecord,
  tellCrashes
} from "../../src/domain/RestartRules.ts"
import { MemoryExceeded } from "../../src/domain/SlotFailure.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { ProviderFailed, StartFailed, WorkerLost } from "../../src/domain/WorkerFailure.ts"

const one = SlotId.make(1)
const crash = (at: number, slot = one, jitter = 1) => ({ at, slot, jitter, reason: "gone" })

/** Crashes as soon as the slot is open again; how long it rested each time, in seconds. */
const loop = (times: number, record: RestartRecord = noRestarts) => {
  const rests: Array<number> = []
  let at = 0
  for (let n = 0; n < times; n++) {
    const after = afterCrash(record, crash(at))
    record = after.record
    at += Duration.toMillis(after.rest)
    rests.push(Duration.toSeconds(after.rest))
  }
  return { rests, record, at }
}

describe("a crash", () => {
  it("is the end of a worker that nobody wanted", () => {
    const crashes: ReadonlyArray<readonly [Reason, boolean]> = [
      [new WorkerLost({ detail: "" }), true],
      [new Stalled({ after: Duration.minutes(5), phase: "starting", mode: null, evidence: "" }), true],
      [new StartFailed({ detail: "", transient: true }), true],
      [new StartFailed({ detail: "", transient: false }), false],
      [new TimedOut({ after: Duration.minutes(1) }), false],
      [new ProviderFailed({ status: 500, detail: "" }), false],
      [new Cancelled({ note: "" }), false],
      [new MemoryExceeded({ limit: Bytes.make(1), used: Bytes.make(2) }), false]
    ]
    for (const [reason, expected] of crashes) assert.strictEqual(isCrash(reason), expected, reason._tag)
  })

  it("disproves nothing of what it is itself, whichever failure it is", () => {
    const reasons = [new ProviderFailed({ status: 529, detail: "" }), new StartFailed({ detail: "", transient: true })]
    for (const reason of reasons) {
      const cause = causeOf(reason)
      assert.isTrue(cause !== null && !disprovedBy(reason).includes(cause), new Failure({ reason }).message)
    }
  })
})

describe("a slot that crashes", () => {
  it("is opened again soon, then later, and after three times in a minute only after a minute and more", () => {
    assert.deepStrictEqual(loop(8).rests, [0.5, 1, 2, 60, 8, 16, 120, 30])
  })

  it("rests for no longer than ten minutes", () => {
    assert.isAtMost(Math.max(...loop(200).rests), 600)
  })

  it("is as good as new when it has completed a task, and not before", () => {
    const { at, record } = loop(2)
    const later = afterCrash(record, crash(at + 3_600_000))
    assert.strictEqual(Duration.toSeconds(later.rest), 2)
    const mended = afterCrash(afterAnswer(record, one), crash(at + 3_600_000))
    assert.strictEqual(Duration.toSeconds(mended.rest), 0.5)
    // But what it was opened again for within the minute stays counted.
    const third = afterCrash(afterAnswer(loop(3).record, one), crash(5000))
    assert.isTrue(third.isExcessive)
  })
})

describe("all slots together", () => {
  it("open the circuit with the eleventh crash in a minute, and say what they saw", () => {
    let record = noRestarts
    for (let n = 1; n <= 11; n++) {
      assert.isFalse(isTooMuch(record))
      record = afterCrash(record, { ...crash(n, SlotId.make(n)), reason: n % 4 === 0 ? "signal 9" : "exit 1" }).record
    }
    assert.isTrue(isTooMuch(record))
    assert.strictEqual(tellCrashes(record), "11 crashes within a minute: 9 x exit 1; 2 x signal 9")
    assert.isFalse(isTooMuch(forgetCrashes(record)))
  })

  it("do not open it where as many crash in more than a minute", () => {
    let record = noRestarts
    for (let n = 0; n < 100; n++) {
      record = afterCrash(record, crash(n * 6001, SlotId.make(1 + n % 8))).record
      assert.isFalse(isTooMuch(record))
    }
    assert.isAtMost(recentRestarts(record, 100 * 6001), 10)
  })
})

const Event = Schema.Struct({
  slot: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 })),
  after: Schema.Literals([0, 1, 100, 2000, 30_000]),
  jitter: Schema.Literals([0, 0.1, 0.5, 1]),
  answers: Schema.Boolean
})

describe("in whatever order slots crash and work,", () => {
  it.prop(
    "none is opened again more than three times in a minute, nor all more than ten times",
    [Schema.Array(Event).check(Schema.isMinLength(5), Schema.isMaxLength(80))],
    ([events]) => {
      let record = noRestarts
      let at = 0
      const opened = new Map<number, Array<number>>()
      for (const { after, answers, jitter, slot } of events) {
        at += after
        const id = SlotId.make(slot)
        const times = opened.get(slot) ?? []
        opened.set(slot, times)
        // One that rests does not crash.
        if (times.length > 0 && times.at(-1)! > at) continue
        if (answers) {
          record = afterAnswer(record, id)
          continue
        }
        const next = afterCrash(record, { at, slot: id, jitter, reason: "gone" })
        record = next.record
        times.push(at + Duration.toMillis(next.rest))
      }
      const within = (all: ReadonlyArray<number>) =>
        Math.max(0, ...all.map((start) => all.filter((time) => time >= start && time < start + 60_000).length))
      for (const times of opened.values()) assert.isAtMost(within(times), 3)
      assert.isAtMost(within([...opened.values()].flat()), 10)
    },
    { arbitrary: { runs: 500, size: 80 } }
  )
})
