/**
 * Work that a group of tasks does: one for each element of a list. A group that has ended badly is taken up again after a
 * resume, so that of its items only those are run again that are not done.
 */
import { Effect, Ref, type Schema } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { FanOutItem, FanOutOptions } from "../../domain/FanOut.ts"
import type { Group } from "../../domain/Group.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import { Cancelled } from "../../domain/RequestFailure.ts"
import { StepOutcome, type StepValue } from "../../domain/StepRecord.ts"
import { FanOut } from "../FanOut.ts"
import { Store } from "../Store.ts"
import { Tasks } from "../Tasks.ts"
import type { Begun, Came } from "./Journal.ts"
import { failedWith, handedOut, patiently } from "./StepFailure.ts"
import type { TaskWork } from "./TaskWork.ts"

/** How many items are read at once. */
const page = 200

/** The group that a unit has had, as the journal of its chain keeps it. */
export interface EarlierGroup {
  readonly id: GroupId
  /** How often the group and the chain had been taken up again when it was noted. */
  readonly retries: number
  readonly resumes: number
}

export interface GroupRequest {
  readonly items: ReadonlyArray<FanOutItem>
  readonly options: FanOutOptions
}

export interface GroupWorkOptions {
  readonly chain: Chain
  readonly asked: Effect.Effect<GroupRequest, Failure>
  readonly earlier: EarlierGroup | null
  /** Notes the group in the journal. */
  readonly noteGroup: (group: EarlierGroup) => Effect.Effect<void, Failure>
  /** What its tasks are told where it is stopped. */
  readonly note: string
}

const nothing: Came = {
  outcome: StepOutcome.cases.Done.make({ result: { output: "", outputChars: 0, value: [] } }),
  task: null,
  group: null
}

export const makeGroupWork = Effect.fnUntraced(function*({ output }: TaskWork) {
  const fanOut = yield* FanOut
  const tasks = yield* Tasks
  const store = yield* Store

  /** The answers in the order of the items; null where there is none. */
  const answers = Effect.fnUntraced(function*(group: Group) {
    const found: Array<Schema.Json> = Array.from({ length: group.size }, () => null)
    for (let from = 0; from < group.size; from += page) {
      for (const { index, task } of yield* store.groups.members(group.id, { from, limit: page })) {
        if (task.state._tag !== "Done") continue
        found[index] = task.state.result.structured ?? (yield* output(task.id))
      }
    }
    return found
  })

  const came = Effect.fnUntraced(function*(group: Group): Effect.fn.Return<Came, Failure> {
    const { state } = group
    if (state._tag === "Failed") return { ...failedWith(state.reason), group: group.id }
    if (state._tag === "Cancelled") return { ...failedWith(new Cancelled({ note: state.note })), group: group.id }
    const value = yield* answers(group)
    const done = (task: Came["task"], text: Pick<StepValue, "output" | "outputChars">): Came => ({
      outcome: StepOutcome.cases.Done.make({ result: { ...text, value } }),
      task,
      group: group.id
    })
    if (group.reducer !== null) {
      const { state: reduced } = yield* tasks.find(group.reducer)
      const outputChars = reduced._tag === "Done" ? reduced.result.outputChars : 0
      return done(group.reducer, { output: null, outputChars })
    }
    const lines = value.map((answer) => JSON.stringify(answer)).join("\n")
    return done(null, { output: lines, outputChars: lines.length })
  })

  /** The group as it was, going on; it is taken up again where it has ended badly and the chain was taken up again since. */
  const goOn = Effect.fnUntraced(function*({ chain, noteGroup }: GroupWorkOptions, earlier: EarlierGroup) {
    const { id, resumes, retries } = earlier
    const group = yield* fanOut.find(id)
    if (resumes === chain.resumes) return group
    if (group.isFinished && group.state._tag !== "Done" && group.retries === retries) yield* fanOut.retry(id)
    yield* noteGroup({ id, retries: group.retries, resumes: chain.resumes })
    return group
  })

  const start = Effect.fnUntraced(function*(options: GroupWorkOptions, { items, options: asked }: GroupRequest) {
    const { chain, earlier, noteGroup } = options
    if (earlier !== null) return yield* goOn(options, earlier)
    const group = yield* fanOut.start(items, asked)
    yield* noteGroup({ id: group.id, retries: group.retries, resumes: chain.resumes })
    return group
  })

  return (options: GroupWorkOptions): Effect.Effect<Begun> =>
    Effect.map(Ref.make<GroupId | null>(null), (started): Begun => {
      const run = Effect.gen(function*() {
        const request = yield* options.asked
        if (request.items.length === 0) return nothing
        const { id } = yield* patiently(
          Effect.uninterruptible(Effect.tap(start(options, request), (group) => Ref.set(started, group.id))),
          tasks.open,
          request.items.length
        )
        return yield* came(yield* fanOut.ended(id))
      })
      const stop = Effect.gen(function*(): Effect.fn.Return<Came | null, Failure> {
        const id = yield* Ref.get(started)
        if (id === null) return null
        yield* fanOut.cancel(id, options.note)
        const group = yield* fanOut.find(id)
        return group.state._tag === "Done" ? yield* came(group) : null
      })
      return { came: handedOut(run), stop }
    })
})

export type GroupWork = Effect.Success<ReturnType<typeof makeGroupWork>>
