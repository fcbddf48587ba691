/**
 * Random histories of messages: whatever is sent, taken, answered, failed and killed, in whatever order, each copy is
 * where it should be, nobody has what is not for it, and none is lost.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Exit, Layer, Option, Path, Ref, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import { zeroUsd } from "../src/domain/MicroUsd.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import type { MessageView } from "../src/domain/PoolView.ts"
import type { Recipient } from "../src/domain/Recipient.ts"
import { formatSlotId } from "../src/domain/SlotId.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Budget } from "../src/services/Budget.ts"
import { Events } from "../src/services/Events.ts"
import { type Correspondence, Messages } from "../src/services/Messages.ts"
import { Store } from "../src/services/Store.ts"
import { recoverTasks } from "../src/services/tasks/Recovery.ts"
import { begin, type Begun, cancel, end, reject } from "./support/Attempts.ts"
import { memoryFiles } from "./support/MemoryFiles.ts"
import { noTranscripts } from "./support/NoTranscripts.ts"
import { at, sampleId, sampleTask } from "./support/SampleTask.ts"
import { all, numbersIn, slot, testMessages, toRole, toSlot, toTask } from "./support/TestMessages.ts"
import { settle } from "./support/Time.ts"

const which = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))
const to = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 }))

const Step = Schema.Union([
  Schema.TaggedStruct("Send", { to, wait: Schema.Literals([1, 24]) }),
  Schema.TaggedStruct("Begin", { which, slot: Schema.Literals([1, 2, 3]) }),
  Schema.TaggedStruct("End", { which, how: Schema.Literals(["done", "presented", "retried", "failed"]) }),
  Schema.TaggedStruct("Read", { which }),
  Schema.TaggedStruct("Write", { which, to }),
  Schema.TaggedStruct("Deafen", { which }),
  Schema.TaggedStruct("Collect", {}),
  Schema.TaggedStruct("Reject", { which }),
  Schema.TaggedStruct("Cancel", { which }),
  Schema.TaggedStruct("Pass", { minutes: Schema.Literals([1, 59, 61, 1500]) }),
  Schema.TaggedStruct("Crash", { tasksFirst: Schema.Boolean })
])

const tasks = [1, 2, 3, 4, 5, 6]
const recipients: ReadonlyArray<Recipient> = [
  all,
  toRole("reviewer"),
  toSlot(1),
  toSlot(2),
  toTask(1),
  toTask(2),
  toTask(3),
  toTask(4),
  { _tag: "Coordinator" }
]

/** An attempt, and the numbers of all that has come into its conversation, in that order. */
interface Worker {
  readonly begun: Begun
  readonly letters: Correspondence
  readonly scope: Scope.Closeable
  readonly has: Array<number>
  isDeaf: boolean
}

const isFor = ({ begun: { attempt } }: Worker, { to: mailbox }: MessageView) =>
  mailbox === attempt.task || mailbox === formatSlotId(attempt.slot)

/** The store as one pool sees it: from its crash on, that pool can do no more to its messages. */
const severable = (store: Store["Service"], isGone: Ref.Ref<boolean>): Store["Service"] => {
  const unlessGone = <A, E>(call: Effect.Effect<A, E>) =>
    Effect.flatMap(Ref.get(isGone), (gone): Effect.Effect<A, E> => gone ? Effect.never : call)
  return Store.of({
    ...store,
    messages: {
      ...store.messages,
      waiting: (...of) => unlessGone(store.messages.waiting(...of)),
      settle: (...of) => unlessGone(store.messages.settle(...of))
    }
  })
}

const history = Effect.fnUntraced(function*(steps: ReadonlyArray<typeof Step.Type>) {
  const store = Context.get(yield* Layer.build(StoreDirectory.layerMemory), Store)
  yield* Effect.forEach(tasks, (number) => store.accept(sampleTask(number)))

  const open = Effect.gen(function*() {
    const isGone = yield* Ref.make(false)
    // A scope that nobody closes: what is killed runs no finalizers.
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(
      testMessages(Layer.succeed(Store, severable(store, isGone))),
      scope
    )
    return { isGone, scope, context, messages: Context.get(context, Messages), events: Context.get(context, Events) }
  })

  let alive = yield* open
  const workers: Array<Worker> = []
  const collected = new Set<number>()
  const answered = new Map<number, Worker>()
  /** Had been taken when its taker was killed, and could not have been delivered again. */
  const overdue = new Set<number>()

  const pick = <A>(from: ReadonlyArray<A>, n: number) => from.length === 0 ? [] : [from[n % from.length]!]
  const taskOf = (number: number) => Effect.map(store.find(sampleId(number)), Option.getOrThrow)
  const inState = (state: string) =>
    Effect.map(Effect.forEach(tasks, taskOf), (found) => found.filter((task) => task.state._tag === state))
  const views = Effect.suspend(() => alive.messages.list({ since: 0, limit: 10_000 }))

  const beginOn = Effect.fnUntraced(function*(number: number, n: number) {
    if (workers.some(({ begun }) => begun.attempt.slot === number)) return
    for (const task of pick(yield* inState("Queued"), n)) {
      const begun = yield* begin(task, slot(number))
      const scope = yield* Scope.make()
      const letters = yield* Scope.provide(alive.messages.open(task, slot(number)), scope)
      const worker: Worker = { begun, letters, scope, has: [...numbersIn(yield* letters.waiting)], isDeaf: false }
      workers.push(worker)
      const attend = letters.attend(({ text }) =>
        Effect.sync(() => {
          if (!worker.isDeaf) worker.has.push(...numbersIn(text))
          return !worker.isDeaf
        })
      )
      yield* Scope.provide(attend, scope)
    }
  })

  const endOf = Effect.fnUntraced(function*(worker: Worker, how: Parameters<typeof end>[1]) {
    const isAnswer = how === "done" || how === "presented"
    yield* end(worker.begun, how)
    if (isAnswer) {
      yield* worker.letters.confirm
      for (const seq of worker.has) {
        assert.isFalse(answered.has(seq), `${seq} was delivered twice`)
        answered.set(seq, worker)
      }
    }
    yield* Scope.close(worker.scope, Exit.void)
    workers.splice(workers.indexOf(worker), 1)
  })

  const crash = Effect.fnUntraced(function*(tasksFirst: boolean) {
    const now = DateTime.formatIso(yield* DateTime.now)
    const had = new Set(workers.flatMap(({ has }) => has))
    for (const { expires_at, seq } of yield* views) {
      if (had.has(seq) && expires_at < now) overdue.add(seq)
    }
    yield* Ref.set(alive.isGone, true)
    workers.length = 0
    const recovered = recoverTasks({ maxAttempts: 3 }).pipe(
      Effect.provideService(Store, store),
      Effect.provide([noTranscripts, memoryFiles().layer, Path.layer, Budget.layer({ cap: null, settled: zeroUsd })])
    )
    if (tasksFirst) yield* recovered
    alive = yield* open
    if (!tasksFirst) yield* recovered
  })

  const play = Effect.fnUntraced(function*(step: typeof Step.Type) {
    switch (step._tag) {
      case "Send": {
        const expiresAfter = Duration.hours(step.wait)
        return yield* Effect.ignore(alive.messages.send(recipients[step.to]!, "text", { expiresAfter }))
      }
      case "Begin":
        return yield* beginOn(step.slot, step.which)
      case "End":
        return yield* Effect.forEach(pick(workers, step.which), (worker) => endOf(worker, step.how))
      case "Read":
        return yield* Effect.forEach(
          pick(workers, step.which),
          ({ has, letters }) =>
            Effect.map(letters.answer({ _tag: "ReadMessages" }), (text) => {
              const read = Array.from(text.matchAll(/^{"number":(\d+),/gm), ([, number]) => Number(number))
              has.push(...read.filter((seq) => !has.includes(seq)))
            })
        )
      case "Write":
        return yield* Effect.forEach(
          pick(workers, step.which),
          ({ letters }) =>
            Effect.ignore(letters.answer({ _tag: "SendMessage", to: recipients[step.to]!, text: "text" }))
        )
      case "Deafen":
        return yield* Effect.forEach(pick(workers, step.which), (worker) => {
          worker.isDeaf = !worker.isDeaf
          const progress = {
            phase: "running-tool" as const,
            tool: "Bash",
            turns: 1,
            outputTokens: 0,
            cost: zeroUsd,
            lastEventAt: at(0)
          }
          return alive.events.publish(PoolEvent.cases.Progressed.make({ id: worker.begun.task.id, progress }))
        })
      case "Collect":
        return (yield* alive.messages.read({ limit: 3 })).forEach(({ seq }) => collected.add(seq))
      case "Reject":
        return yield* Effect.forEach(pick(yield* inState("InReview"), step.which), reject)
      case "Cancel":
        return yield* Effect.forEach(pick(yield* inState("Queued"), step.which), cancel)
      case "Pass":
        return yield* TestClock.adjust(Duration.minutes(step.minutes))
      case "Crash":
        return yield* crash(step.tasksFirst)
    }
  })

  /** Where a copy should be. */
  const expected = Effect.fnUntraced(function*(view: MessageView) {
    if (collected.has(view.seq)) return "acknowledged"
    const taker = answered.get(view.seq) ?? workers.find(({ has }) => has.includes(view.seq))
    if (taker !== undefined) return `taken by ${taker.begun.task.id}`
    const isLate = view.expires_at < DateTime.formatIso(yield* DateTime.now)
    const task = tasks.find((number) => sampleId(number) === view.to)
    const hasEnded = task !== undefined && (yield* taskOf(task)).isFinished
    return isLate || hasEnded ? "expired" : "waiting"
  })

  const shown = ({ state, task }: MessageView) => task === undefined ? state : `taken by ${task}`

  const check = Effect.gen(function*() {
    const all = yield* views
    for (const view of all.filter(({ seq }) => !overdue.has(seq))) {
      assert.strictEqual(shown(view), yield* expected(view), `message ${view.seq} to ${view.to}`)
    }
    for (const worker of workers) {
      const mail = all.filter((view) => isFor(worker, view))
      for (const mailbox of new Set(mail.map((view) => view.to))) {
        const numbers = mail.filter((view) => view.to === mailbox)
        const has = worker.has.filter((seq) => numbers.some((view) => view.seq === seq))
        assert.deepStrictEqual(has, has.toSorted((a, b) => a - b), `order of ${mailbox}`)
        const left = numbers.filter(({ state }) => state === "waiting").map(({ seq }) => seq)
        assert.isTrue(left.every((seq) => has.every((other) => other < seq)), `left behind in ${mailbox}`)
      }
      assert.isTrue(worker.has.every((seq) => mail.some((view) => view.seq === seq)), "has what is not for it")
      if (!worker.isDeaf) assert.isFalse(mail.some(({ state }) => state === "waiting"), "was not told")
    }
  })

  for (const step of steps) {
    yield* Effect.provideContext(play(step), Context.add(alive.context, Scope.Scope, alive.scope))
    yield* TestClock.adjust("1 millis")
    yield* settle
    yield* check
  }
}, Effect.scoped)

describe("messages, whatever happens to them,", () => {
  it.effect.prop(
    "reach whom they are for once, in order, or wait, or expire, and none is lost",
    [Schema.Array(Step).check(Schema.isMinLength(30), Schema.isMaxLength(60))],
    ([steps]) => history(steps),
    { arbitrary: { runs: 150, size: 60 } }
  )

  it.effect("are with the next worker of a slot, when the one before was killed in the middle", () =>
    history([
      { _tag: "Send", to: 0, wait: 24 },
      { _tag: "Begin", which: 0, slot: 1 },
      { _tag: "Send", to: 4, wait: 24 },
      { _tag: "Read", which: 0 },
      { _tag: "Crash", tasksFirst: false },
      { _tag: "Begin", which: 1, slot: 1 },
      { _tag: "End", which: 0, how: "presented" },
      { _tag: "Crash", tasksFirst: true },
      { _tag: "Reject", which: 0 },
      { _tag: "Begin", which: 0, slot: 2 },
      { _tag: "Write", which: 0, to: 8 },
      { _tag: "Crash", tasksFirst: true },
      { _tag: "Collect" }
    ]))
})
