/**
 * The façade, and the public contract: everything that can be asked of a pool. Both surfaces stand on it, and so do
 * services that compose it as a layer.
 */
import { Context, Effect, Layer, Option, type Stream } from "effect"
import type { Failure, Reason } from "../domain/Failure.ts"
import { toUsd } from "../domain/MicroUsd.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import type { CancelReply, ListReply, OutputReply, PoolStatus, SlotView, WaitReply } from "../domain/PoolView.ts"
import { formatSlotId } from "../domain/SlotId.ts"
import type { Task } from "../domain/Task.ts"
import type { TaskId } from "../domain/TaskId.ts"
import type { TaskRequest } from "../domain/TaskRequest.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { Budget } from "./Budget.ts"
import { ClaudeCli } from "./ClaudeCli.ts"
import { Events } from "./Events.ts"
import type { ListOptions, WaitOptions } from "./pool/Options.ts"
import { makeReader } from "./pool/Reader.ts"
import { countsByName, makeReading, waitReply } from "./pool/Reading.ts"
import { Slots } from "./Slots.ts"
import { Store } from "./Store.ts"
import { Tasks } from "./Tasks.ts"

export class Pool extends Context.Service<Pool, {
  /** Accepts a task, durably, and returns at once. The same idempotency key returns the same task. */
  readonly submit: (request: TaskRequest) => Effect.Effect<TaskView, Failure>
  /** Accepts a task and waits for its end, good or bad. Interrupting the wait cancels the task. */
  readonly run: (request: TaskRequest) => Effect.Effect<TaskView, Failure>
  /** Waits for tasks, within bounds. Interrupting it ends the wait only. */
  readonly wait: (options: WaitOptions) => Effect.Effect<WaitReply, Failure>
  /** A task as it stands. */
  readonly result: (id: TaskId) => Effect.Effect<TaskView, Failure>
  /** The text of a finished task, by pages of characters. */
  readonly output: (
    id: TaskId,
    page: { readonly offset: number; readonly limit: number }
  ) => Effect.Effect<OutputReply, Failure>
  /** Tasks, newest first. */
  readonly list: (options: ListOptions) => Effect.Effect<ListReply, Failure>
  /** Stops tasks for good; a running one's whole process tree is gone when this returns. */
  readonly cancel: (ids: ReadonlyArray<TaskId>, note: string) => Effect.Effect<CancelReply, Failure>
  readonly status: Effect.Effect<PoolStatus, Failure>
  /** What happens from now on, progress of running tasks included. */
  readonly events: Stream.Stream<PoolEvent, Failure>
}>()("claude-pool/services/Pool") {
  /** The pool in this process. Without `Slots` and `ClaudeCli` it accepts tasks and runs none. */
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const store = yield* Store
      const tasks = yield* Tasks
      const budget = yield* Budget
      const events = yield* Events
      const slots = yield* Effect.serviceOption(Slots)
      const claude = yield* Effect.serviceOption(ClaudeCli)
      const reading = yield* makeReading(tasks.live)
      const { view } = reading

      const submit = Effect.fn("Pool.submit")((request: TaskRequest) => Effect.flatMap(tasks.submit(request), view))

      // Not to be interrupted between the acceptance and the wait: an accepted task that nobody waits for would be left.
      const run = Effect.fn("Pool.run")((request: TaskRequest) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(tasks.submit(request), ({ id }) =>
            restore(tasks.ended(id)).pipe(
              Effect.onInterrupt(() => Effect.ignore(tasks.cancel(id, "the caller went away"))),
              Effect.flatMap(view)
            ))
        )
      )

      const wait = Effect.fn("Pool.wait")(function*({ ids, mode, timeout }: WaitOptions) {
        const chosen = ids.length === 0 ? yield* reading.unfinished : [...new Set(ids)]
        // An unknown id is said at once, not after the wait.
        yield* Effect.forEach(chosen, tasks.find, { discard: true })
        const awaitEnd = (id: TaskId) => Effect.asVoid(tasks.ended(id))
        const ended = mode === "all"
          ? Effect.forEach(chosen, awaitEnd, { concurrency: "unbounded", discard: true })
          : Effect.raceAllFirst(chosen.map(awaitEnd))
        const inTime = chosen.length === 0 ? Option.some(undefined) : yield* Effect.timeoutOption(ended, timeout)
        return yield* waitReply(yield* Effect.forEach(chosen, tasks.find), view, Option.isNone(inTime))
      })

      const cancel = Effect.fn("Pool.cancel")(function*(ids: ReadonlyArray<TaskId>, note: string) {
        yield* Effect.forEach(ids, tasks.find, { discard: true })
        const stopped = yield* Effect.forEach(
          ids,
          (id) => Effect.map(tasks.cancel(id, note), (done) => ({ id, done })),
          {
            concurrency: "unbounded"
          }
        )
        return {
          cancelled: stopped.filter(({ done }) => done).map(({ id }) => id),
          already_finished: stopped.filter(({ done }) => !done).map(({ id }) => id)
        }
      })

      const status = Effect.gen(function*(): Effect.fn.Return<PoolStatus, Failure> {
        const running = (yield* store.running).map(([task]) => task)
        const money = yield* budget.state
        const { exact } = yield* store.spent
        const containment = Option.isSome(claude) ? { containment: yield* claude.value.containment } : {}
        return {
          store: store.directory,
          pool: "here",
          slots: withTasks(Option.isSome(slots) ? yield* slots.value.view : [], running),
          tasks: countsByName(yield* store.counts),
          running: yield* Effect.forEach(running, view),
          budget: {
            spent_usd: toUsd(money.settled),
            reserved_usd: toUsd(money.reserved),
            ...(money.cap === null ? {} : { cap_usd: toUsd(money.cap) }),
            ...(exact ? {} : { exact })
          },
          ...containment
        }
      }).pipe(Effect.withSpan("Pool.status"))

      return {
        submit,
        run,
        wait,
        result: reading.result,
        output: reading.output,
        list: reading.list,
        cancel,
        status,
        events: events.stream
      }
    })
  )

  /** A pool that only reads the store; `refusal` is what a call that changes something fails with. */
  static readonly layerReader = (options: { readonly refusal: Reason; readonly owned: boolean }) =>
    Layer.effect(this, makeReader(options.refusal, options.owned))
}

const withTasks = (slots: ReadonlyArray<SlotView>, running: ReadonlyArray<Task>): ReadonlyArray<SlotView> =>
  slots.map((slot) => {
    const task = running.find(({ state }) => state._tag === "Running" && formatSlotId(state.slot) === slot.slot)
    return task === undefined ? slot : { ...slot, task: task.id }
  })
