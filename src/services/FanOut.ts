/**
 * Groups: independent tasks, each with an outcome of its own. Watches their ends, does what their rules ask for, and has
 * one more task make an answer of them where that was asked.
 */
import { Context, DateTime, Effect, Fiber, FiberMap, Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import type { RetryOptions } from "../domain/CallOptions.ts"
import type { Failure } from "../domain/Failure.ts"
import type { FanOutItem, FanOutOptions } from "../domain/FanOut.ts"
import { Group, GroupState } from "../domain/Group.ts"
import { type GroupId, groupIdFrom } from "../domain/GroupId.ts"
import type { RetryReply } from "../domain/GroupView.ts"
import { PoolEvent } from "../domain/PoolEvent.ts"
import { idBytes } from "../domain/RandomId.ts"
import type { Task } from "../domain/Task.ts"
import { Events } from "./Events.ts"
import { makeGroupAdmission, mustBeGroup, readOptions } from "./fanout/GroupAdmission.ts"
import { makeGroupEnds } from "./fanout/GroupEnds.ts"
import { makeGroupRecord } from "./fanout/GroupRecord.ts"
import { makeGroupWatch } from "./fanout/GroupWatch.ts"
import { makeReducing } from "./fanout/Reducing.ts"
import { makeReopening } from "./fanout/Reopening.ts"
import { Store } from "./Store.ts"
import { Tasks } from "./Tasks.ts"

/** How far groups are taken up in this process. */
export interface FanOutLayerOptions {
  /** Whether groups that were open before are taken up again, beside those that are asked for here. */
  readonly resume: boolean
}

const membersTogether = 500

export class FanOut extends Context.Service<FanOut, {
  /** Accepts a group with all of its tasks, durably, or nothing. The same key returns the same group. */
  readonly start: (items: ReadonlyArray<FanOutItem>, options?: FanOutOptions) => Effect.Effect<Group, Failure>
  readonly find: (id: GroupId) => Effect.Effect<Group, Failure>
  /** Waits for the end of a group, good or bad. */
  readonly ended: (id: GroupId) => Effect.Effect<Group, Failure>
  /** Stops a group and all of its tasks for good; false if it had ended before. */
  readonly cancel: (id: GroupId, note: string) => Effect.Effect<boolean, Failure>
  /** Runs the items of an ended group that are not done. */
  readonly retry: (id: GroupId, options?: RetryOptions) => Effect.Effect<RetryReply, Failure>
  /** Gives an ended group other items; those that it has done already, by their content, are kept. */
  readonly refan: (
    id: GroupId,
    items: ReadonlyArray<FanOutItem>,
    options?: RetryOptions
  ) => Effect.Effect<RetryReply, Failure>
}>()("claude-pool/services/FanOut") {
  static readonly layer = (options: FanOutLayerOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const store = yield* Store
        const tasks = yield* Tasks
        const events = yield* Events
        const random = yield* SecureRandom.SecureRandom
        const ends = makeGroupEnds()
        const record = yield* makeGroupRecord(ends)
        const admission = yield* makeGroupAdmission
        const watch = yield* makeGroupWatch({ ends, record, reducing: yield* makeReducing(record) })
        const watches = yield* FiberMap.make<GroupId>()
        const cancellations = yield* FiberMap.make<GroupId, boolean, Failure>()

        const isAttended = (id: GroupId): boolean =>
          FiberMap.hasUnsafe(watches, id) || FiberMap.hasUnsafe(cancellations, id)

        /** From now on the group is worked at, until it has ended. */
        const attend = Effect.fnUntraced(function*(group: Group) {
          if (isAttended(group.id)) return
          yield* record.open(group)
          if (!isAttended(group.id)) yield* FiberMap.run(watches, group.id, watch(group.id))
        })

        const begin = (group: Group, queued: ReadonlyArray<Task>) =>
          Effect.andThen(attend(group), tasks.enqueue(queued))

        /** A group of before may be left from an earlier pool: who asks for it wants it to be run. */
        const takeUp = Effect.fnUntraced(function*(group: Group) {
          if (group.isFinished || isAttended(group.id)) return
          yield* attend(group)
          for (let from = 0; from < group.size; from += membersTogether) {
            const members = yield* store.groups.members(group.id, { from, limit: membersTogether })
            yield* tasks.enqueue(members.map(({ task }) => task))
          }
          if (group.reducer !== null) yield* tasks.enqueue([yield* tasks.find(group.reducer)])
        })

        const start = Effect.fn("FanOut.start")(function*(items: ReadonlyArray<FanOutItem>, input: FanOutOptions = {}) {
          const { defaults = {}, onFailure = "continue", ...asked } = yield* readOptions(input)
          yield* mustBeGroup(items.length, onFailure)
          const frame = {
            id: groupIdFrom(yield* random.randomBytes(idBytes)),
            size: items.length,
            budget: asked.budget ?? null,
            defaults,
            within: asked.within ?? null
          }
          const members = yield* Effect.flatMap(
            admission.candidates(items, frame),
            (all) => admission.makeTasks(all, frame)
          )
          const group = new Group({
            ...frame,
            key: asked.key ?? null,
            name: asked.name ?? null,
            onFailure,
            concurrency: asked.concurrency ?? null,
            reduce: asked.reduce === undefined ? null : yield* admission.reduction(asked.reduce, frame),
            submittedAt: yield* DateTime.now,
            state: GroupState.cases.Running.make({}),
            reducer: null,
            retries: 0,
            version: 1
          })
          yield* tasks.room(members.length)
          const accept = Effect.gen(function*() {
            const kept = yield* store.groups.accept(group, members)
            if (kept.id !== group.id) {
              yield* takeUp(kept)
              return kept
            }
            yield* events.publish(PoolEvent.cases.GroupSubmitted.make({ id: group.id, tasks: members.length }))
            yield* begin(group, members.map(({ task }) => task))
            return group
          })
          return yield* Effect.uninterruptible(accept)
        })

        const ended = Effect.fn("FanOut.ended")(function*(id: GroupId) {
          const wait = yield* ends.wait(id)
          // Looked at after the wait is set up, so that an end in between is not missed.
          const group = yield* record.find(id)
          if (group.isFinished) {
            yield* ends.announce(group)
            return group
          }
          yield* attend(group)
          return yield* wait
        })

        const stopOnce = Effect.fnUntraced(function*(id: GroupId, note: string) {
          yield* FiberMap.remove(watches, id)
          yield* record.stopTasks(id, note)
          const group = yield* record.find(id)
          if (group.isFinished) return false
          yield* record.end(yield* Effect.fromResult(group.cancel(note, yield* DateTime.now)))
          return true
        })

        /** What has overtaken it is stopped too. */
        const stop = (id: GroupId, note: string): Effect.Effect<boolean, Failure> =>
          Effect.catchTag(stopOnce(id, note), "IllegalTransition", () => stop(id, note))

        /** One that was begun goes on, whoever has asked for it, and everybody who has gets its answer. */
        const cancel = Effect.fn("FanOut.cancel")(function*(id: GroupId, note: string) {
          const group = yield* record.find(id)
          if (group.isFinished) return false
          const begun = FiberMap.getUnsafe(cancellations, id)
          const stopping = Option.isSome(begun) ? begun.value : yield* FiberMap.run(cancellations, id, stop(id, note))
          // A cancellation that the store cuts off leaves the group at work.
          return yield* Effect.tapErrorTag(Fiber.join(stopping), "Failure", () => attend(group))
        })

        const reopening = yield* makeReopening({
          admission,
          record,
          begin,
          leave: (id) => FiberMap.remove(watches, id)
        })

        const left = options.resume ? yield* store.groups.open : []
        yield* Effect.forEach(left, attend, { discard: true })

        return { start, find: Effect.fn("FanOut.find")(record.find), ended, cancel, ...reopening }
      })
    )
}
