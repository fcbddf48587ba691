/**
 * Recipients, as they are written and read.
 */
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { formatRecipient, parseRecipient, Recipient, RecipientText } from "../src/domain/Recipient.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { WorkerCall } from "../src/domain/WorkerCall.ts"

const all: ReadonlyArray<readonly [text: string, recipient: Recipient]> = [
  ["coordinator", Recipient.cases.Coordinator.make({})],
  ["all", Recipient.cases.All.make({})],
  ["slot-12", Recipient.cases.Slot.make({ slot: SlotId.make(12) })],
  ["role:reviewer", Recipient.cases.Role.make({ role: "reviewer" })],
  ["t_0123456789abcdef", Recipient.cases.Task.make({ task: TaskId.make("t_0123456789abcdef") })]
]

describe("a recipient", () => {
  it.each(all)("%s is read and written as it is", (text, recipient) => {
    assert.deepStrictEqual(parseRecipient(` ${text}\n`), Option.some(recipient))
    assert.strictEqual(formatRecipient(recipient), text)
    assert.strictEqual(Schema.encodeSync(RecipientText)(recipient), text)
  })

  it.each([
    "",
    "All",
    "slot-0",
    "slot-1.5",
    "slot-99999999999999999999",
    "role:",
    "role: ",
    "t_0",
    "pool",
    "slot-1 slot-2"
  ])(
    "is not %s",
    (text) => assert.deepStrictEqual(parseRecipient(text), Option.none())
  )

  it("that is wrong is told what would be right", () => {
    const decode = () => Schema.decodeSync(WorkerCall)({ _tag: "SendMessage", to: "nobody", text: "hi" })
    assert.throws(decode, /coordinator, all, a slot such as slot-2/)
  })
})
