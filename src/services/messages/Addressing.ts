/**
 * Which mailboxes a recipient means, and whether there are any: what could never be delivered is refused at once.
 */
import { Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { Mailbox, type Sender } from "../../domain/Message.ts"
import type { Recipient } from "../../domain/Recipient.ts"
import { InvalidRequest, NotFound } from "../../domain/RequestFailure.ts"
import { formatSlotId } from "../../domain/SlotId.ts"
import { roleOf, rolesOf, type Seat } from "../../domain/SlotProfile.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { Roster } from "../Roster.ts"
import { Store } from "../Store.ts"

const mailboxesOf = (chosen: ReadonlyArray<Seat>): ReadonlyArray<Mailbox> =>
  chosen.map(({ id }) => Mailbox.cases.Slot.make({ slot: id }))

/** The slots are those that there are when something is sent. */
export const makeAddressing = Effect.gen(function*() {
  const store = yield* Store
  const roster = yield* Roster

  const refused = (from: Sender, issue: string) => {
    const seats = roster.now()
    const roles = rolesOf(seats.map(({ settings }) => settings)).map((role) => `role:${role}`)
    const names = ["all", ...seats.map(({ id }) => formatSlotId(id)), ...roles]
    const all = from._tag === "Worker" ? ["coordinator", ...names] : names
    const hint = `send to ${all.join(", ")}, or the id of a task that has not finished`
    return new Failure({ reason: new InvalidRequest({ issues: [`to: ${issue}`], hint }) })
  }

  /** Nobody writes to itself by writing to many. */
  const others = (from: Sender) => roster.now().filter(({ id }) => from._tag === "Coordinator" || id !== from.slot)

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
        const chosen = roster.now().filter(({ id }) => id === to.slot)
        return chosen.length > 0 ? mailboxesOf(chosen) : yield* refused(from, `there is no ${formatSlotId(to.slot)}`)
      }
      case "Role": {
        const chosen = others(from).filter((seat) => roleOf(seat) === to.role)
        return chosen.length > 0 ? mailboxesOf(chosen) : yield* refused(from, `no slot has the role ${to.role}`)
      }
      case "Task":
        return yield* mailboxOfTask(from, to.task)
    }
  })
})
