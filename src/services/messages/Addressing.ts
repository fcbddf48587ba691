/**
 * Which mailboxes a recipient means, and whether there are any: what could never be delivered is refused at once.
 */
import { Array, Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { Mailbox, type Sender } from "../../domain/Message.ts"
import type { Recipient } from "../../domain/Recipient.ts"
import { InvalidRequest, NotFound } from "../../domain/RequestFailure.ts"
import { formatSlotId, type SlotId } from "../../domain/SlotId.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { Store } from "../Store.ts"

/** A slot that messages can be sent to. */
export interface SlotAddress {
  readonly slot: SlotId
  readonly role: string | null
}

export const makeAddressing = Effect.fnUntraced(function*(slots: ReadonlyArray<SlotAddress>) {
  const store = yield* Store
  const roles = Array.dedupe(slots.flatMap(({ role }) => role === null ? [] : [`role:${role}`]))
  const names = ["all", ...slots.map(({ slot }) => formatSlotId(slot)), ...roles]

  const refused = (from: Sender, issue: string) => {
    const all = from._tag === "Worker" ? ["coordinator", ...names] : names
    const hint = `send to ${all.join(", ")}, or the id of a task that has not finished`
    return new Failure({ reason: new InvalidRequest({ issues: [`to: ${issue}`], hint }) })
  }

  const mailboxesOf = (chosen: ReadonlyArray<SlotAddress>): ReadonlyArray<Mailbox> =>
    chosen.map(({ slot }) => Mailbox.cases.Slot.make({ slot }))

  /** Nobody writes to itself by writing to many. */
  const others = (from: Sender) => slots.filter(({ slot }) => from._tag === "Coordinator" || slot !== from.slot)

  const mailboxOfTask = Effect.fnUntraced(function*(from: Sender, id: TaskId) {
    const task = yield* store.find(id)
    if (Option.isNone(task)) {
      return yield* from._tag === "Coordinator"
        ? new Failure({ reason: new NotFound({ id }) })
        : refused(from, `there is no task ${id}`)
    }
    if (task.value.isFinished) return yield* refused(from, `${id} has finished`)
    return [Mailbox.cases.Task.make({ task: id })]
  })

  /** At least one. */
  return Effect.fnUntraced(function*(
    from: Sender,
    to: Recipient
  ): Effect.fn.Return<ReadonlyArray<Mailbox>, Failure> {
    switch (to._tag) {
      case "Coordinator":
        if (from._tag === "Worker") return [Mailbox.cases.Coordinator.make({})]
        return yield* refused(from, "the coordinator does not write to itself")
      case "All": {
        const chosen = others(from)
        return chosen.length > 0 ? mailboxesOf(chosen) : yield* refused(from, "there is no other slot")
      }
      case "Slot": {
        const chosen = slots.filter(({ slot }) => slot === to.slot)
        return chosen.length > 0 ? mailboxesOf(chosen) : yield* refused(from, `there is no ${formatSlotId(to.slot)}`)
      }
      case "Role": {
        const chosen = others(from).filter(({ role }) => role === to.role)
        return chosen.length > 0 ? mailboxesOf(chosen) : yield* refused(from, `no slot has the role ${to.role}`)
      }
      case "Task":
        return yield* mailboxOfTask(from, to.task)
    }
  })
})
