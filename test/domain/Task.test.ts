import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Result, Schema } from "effect"
import { fromUsd, MicroUsd } from "../../src/domain/MicroUsd.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { Spend } from "../../src/domain/Spend.ts"
import { acceptTask, Task, TaskState } from "../../src/domain/Task.ts"
import { TaskId, taskIdFrom } from "../../src/domain/TaskId.ts"
import { TaskResult } from "../../src/domain/TaskResult.ts"
import { WorkerLost } from "../../src/domain/WorkerFailure.ts"

const now = DateTime.makeUnsafe(0)
const slot = SlotId.make(1)
const lost = new WorkerLost({ detail: "gone" })
const result = new TaskResult({
  summary: "",
  outputChars: 0,
  session: null,
  model: null,
  denials: [],
  hash: "0".repeat(64)
})
const cost = (micro: number) => new Spend({ ...Spend.zero, cost: MicroUsd.make(micro) })

const fresh = acceptTask({
  id: TaskId.make("t_0123456789abcdef"),
  prompt: "do it",
  key: null,
  options: {
    permissions: "edit",
    cwd: "/w",
    inherit: "none",
    budget: fromUsd(1),
    timeout: Duration.minutes(1)
  },
  parent: null,
  now
})

/** Every change there is, each as a report about attempt `attempt`: late and wrong ones included. */
const Move = Schema.Struct({
  kind: Schema.Literals([
    "start",
    "complete",
    "fail",
    "retry",
    "postpone",
    "shutdown",
    "crash",
    "abandon",
    "refuse",
    "cancel"
  ]),
  attempt: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })),
  cost: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))
})

const apply = (task: Task, move: typeof Move.Type) => {
  const spend = cost(move.cost)
  switch (move.kind) {
    case "start":
      return task.start(slot, now)
    case "complete":
      return task.complete(move.attempt, result, spend, now)
    case "fail":
      return task.fail(move.attempt, lost, spend, now)
    case "retry":
      return task.retry(move.attempt, lost, spend, now)
    case "shutdown":
    case "crash":
      return task.requeue(move.attempt, move.kind, spend)
    case "postpone":
      return task.postpone(move.attempt, lost, spend)
    case "abandon":
      return task.abandon(move.attempt, lost, spend, now)
    case "refuse":
      return task.refuse(lost, now)
    case "cancel":
      return task.cancel("enough", spend, now)
  }
}

describe("Task", () => {
  it.prop("moves only along the edges of its life, and ends once", [Schema.Array(Move)], ([moves]) => {
    const edges = new Set([
      "Queued>Running",
      "Queued>Failed",
      "Queued>Cancelled",
      "Running>Done",
      "Running>Failed",
      "Running>Cancelled",
      "Running>Queued"
    ])
    let task = fresh
    let spent = 0
    for (const move of moves) {
      const before = task
      const after = apply(task, move)
      if (Result.isFailure(after)) {
        assert.strictEqual(after.failure.from, before.state._tag)
        continue
      }
      task = after.success
      assert.isTrue(edges.has(`${before.state._tag}>${task.state._tag}`), `${before.state._tag}>${task.state._tag}`)
      assert.isFalse(before.isFinished)
      assert.strictEqual(task.version, before.version + 1)
      if (before.state._tag === "Running" && move.kind !== "cancel") {
        assert.strictEqual(before.state.attempt, move.attempt)
      }
      if (move.kind !== "start" && move.kind !== "refuse") spent += move.cost
      assert.strictEqual(task.spend.cost, spent)
    }
  }, { arbitrary: { runs: 300, size: 60 } })

  it("drops the report of an attempt that is not the running one", () => {
    const first = Result.getOrThrow(fresh.start(slot, now))
    const again = Result.getOrThrow(Result.getOrThrow(first.requeue(1, "crash", Spend.zero)).start(slot, now))
    assert.isTrue(Result.isFailure(again.complete(1, result, Spend.zero, now)))
    assert.isTrue(Result.isSuccess(again.complete(2, result, Spend.zero, now)))
  })

  it("does not charge a try for an attempt that was interrupted", () => {
    const first = Result.getOrThrow(fresh.start(slot, now))
    const again = Result.getOrThrow(first.requeue(1, "shutdown", Spend.zero))
    assert.deepStrictEqual([again.attempts, again.tries, again.crashes], [1, 0, 0])
  })

  it("does not charge a try for an attempt that met what all meet, and says what that was", () => {
    const first = Result.getOrThrow(fresh.start(slot, now))
    const again = Result.getOrThrow(first.postpone(1, lost, Spend.zero))
    assert.deepStrictEqual([again.attempts, again.tries, again.crashes], [1, 0, 0])
    assert.deepStrictEqual(again.state, TaskState.cases.Queued.make({ notBefore: null, lastFailure: lost }))
    assert.isTrue(Result.isFailure(again.postpone(1, lost, Spend.zero)))
  })

  it.effect.prop("comes back from its JSON as it went", [Task], ([before]) =>
    Effect.gen(function*() {
      const codec = Schema.fromJsonString(Task)
      const text = yield* Schema.encodeEffect(codec)(before)
      const after = yield* Schema.decodeEffect(codec)(text)
      assert.strictEqual(yield* Schema.encodeEffect(codec)(after), text)
    }), { arbitrary: { maxDiscards: 50_000 } })
})

describe("TaskId", () => {
  it("has at least 60 random bits", () => {
    const ids = new Set(
      Array.from({ length: 32 }, (_, byte) => taskIdFrom(Uint8Array.from({ length: 16 }, () => byte)))
    )
    assert.strictEqual(ids.size, 32)
    assert.isAtLeast(16 * Math.log2(32), 60)
  })
})
