/**
 * Letting go of workspaces: once it is on record that nothing more is to come of a task, and at the start of a pool for
 * those of which an earlier one had come that far.
 */
import { Effect, Option } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Task } from "../../domain/Task.ts"
import { isolationOf } from "../../domain/TaskRequest.ts"
import { isChainId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import type { Holder, Workspace } from "../../domain/Workspace.ts"
import { Store } from "../Store.ts"
import { Workspaces } from "../Workspaces.ts"

/** Whose work is done in it; null: nobody's. */
const workIn = (holder: Holder): WorkId | null => {
  switch (holder._tag) {
    case "Task":
    case "Chain":
      return holder.id
    case "Slot":
      return holder.task
    case "Spare":
    case "Landing":
      return null
  }
}

/** One that is put away, or is kept for what it has in it, is left already. */
const isEntered = ({ state }: Workspace): boolean => state._tag === "Making" || state._tag === "Ready"

export const makeLeaving = Effect.gen(function*() {
  const store = yield* Store
  const workspaces = yield* Effect.serviceOption(Workspaces)

  /** That of a chain is left when the chain ends. */
  const leave = (task: Task): Effect.Effect<void> => {
    const { options } = task
    const isItsOwn = isolationOf(options) !== "shared" && options.workspaceOf === undefined
    return Option.isSome(workspaces) && task.isFinished && isItsOwn ? workspaces.value.leave(task.id) : Effect.void
  }

  /** What is not known any more is over, too. */
  const isOver = (id: WorkId): Effect.Effect<boolean, Failure> => {
    const found: Effect.Effect<Option.Option<{ readonly isFinished: boolean }>, Failure> = isTaskId(id)
      ? store.find(id)
      : isChainId(id)
      ? store.chains.find(id)
      : Effect.succeedNone
    return Effect.map(found, (work) => Option.isNone(work) || work.value.isFinished)
  }

  const leaveFinished = Effect.gen(function*() {
    if (Option.isNone(workspaces)) return
    const entered = (yield* store.workspaces.all).filter(isEntered)
    const ids = new Set(entered.map(({ holder }) => workIn(holder)).filter((id) => id !== null))
    for (const id of ids) if (yield* isOver(id)) yield* workspaces.value.leave(id)
  }).pipe(Effect.ignore({ log: "Warn" }))

  return { leave, leaveFinished }
})
