/**
 * A pool that works: every call of the contract, over the services of this process.
 */
import { Effect, Queue, Stream } from "effect"
import type { PoolEvent } from "../../domain/PoolEvent.ts"
import type { WorkId } from "../../domain/WorkId.ts"
import { Events } from "../Events.ts"
import { Messages } from "../Messages.ts"
import { SharedContext } from "../SharedContext.ts"
import { Store } from "../Store.ts"
import { Tasks } from "../Tasks.ts"
import { makeAutoCalls } from "./AutoCalls.ts"
import { makeBranchCalls } from "./BranchCalls.ts"
import { makeCancel } from "./Cancelling.ts"
import { makeDrainCalls } from "./Draining.ts"
import { makePrune } from "./Pruning.ts"
import { makeReading } from "./Reading.ts"
import { makeSlotCalls } from "./SlotCalls.ts"
import { makeStatus } from "./Status.ts"
import { makeTaskCalls } from "./TaskCalls.ts"
import { makeWait, type WaitingOptions } from "./Waiting.ts"
import { makeWholeCalls } from "./WholeCalls.ts"

/** Whether an event may be what somebody waits for who waits for these. */
const matters = (ids: ReadonlySet<WorkId>) => (event: PoolEvent): boolean => {
  switch (event._tag) {
    case "Finished":
    case "GroupFinished":
    case "ChainFinished":
      return ids.has(event.id)
    // It may be a part of one of them.
    case "Presented":
      return true
    default:
      return false
  }
}

export const makeWorking = Effect.gen(function*() {
  const tasks = yield* Tasks
  const store = yield* Store
  const events = yield* Events
  const context = yield* SharedContext
  const messages = yield* Messages
  const reading = yield* makeReading(tasks.live)
  const taskCalls = yield* makeTaskCalls(reading.views)
  const wholeCalls = yield* makeWholeCalls(reading.views, taskCalls)
  const autoCalls = yield* makeAutoCalls
  const cancel = yield* makeCancel
  const drainCalls = yield* makeDrainCalls
  const status = yield* makeStatus(reading.views)

  const until: WaitingOptions["until"] = (ids, look) =>
    Effect.scoped(Effect.gen(function*() {
      const wake = yield* Queue.sliding<void>(1)
      yield* events.stream.pipe(
        Stream.filter(matters(new Set(ids))),
        Stream.runForEach(() => Queue.offer(wake, undefined)),
        Effect.forkScoped({ startImmediately: true })
      )
      // Looked at after the ear is there: an end in between is not missed.
      while (!(yield* look)) yield* Queue.take(wake)
    }))

  return {
    ...reading.calls,
    submit: taskCalls.submit,
    run: taskCalls.run,
    approve: taskCalls.approve,
    reject: taskCalls.reject,
    ...wholeCalls,
    ...autoCalls,
    setContext: context.set,
    getContext: context.get,
    deleteContext: context.delete,
    listContext: context.list,
    sendMessage: messages.send,
    readMessages: messages.read,
    listMessages: messages.list,
    wait: yield* makeWait({ views: reading.views, until }),
    cancel,
    status,
    ...(yield* makeSlotCalls),
    drain: drainCalls.drain,
    resume: drainCalls.resume,
    prune: yield* makePrune,
    ...(yield* makeBranchCalls),
    acknowledge: Effect.fn("Pool.acknowledge")((reader: string, seq: number) => store.readers.acknowledge(reader, seq)),
    events: events.stream
  }
})
