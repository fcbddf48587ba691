/**
 * Whom a message is for, as workers and people write it: `coordinator`, `all`, `slot-2`, `role:reviewer`, or a task's id.
 */
import { Effect, Option, Schema, SchemaIssue, SchemaTransformation } from "effect"
import { formatSlotId, parseSlotId, SlotId } from "./SlotId.ts"
import { TaskId } from "./TaskId.ts"

export const Recipient = Schema.TaggedUnion({
  Coordinator: {},
  /** Every slot; where a worker says it, every other one. */
  All: {},
  Slot: { slot: SlotId },
  /** Every slot of that role; where a worker says it, every other one. */
  Role: { role: Schema.NonEmptyString },
  /** The worker of that task, now or once it has one. */
  Task: { task: TaskId }
})
export type Recipient = typeof Recipient.Type

const taskOf = Schema.decodeOption(TaskId)

const parsers: ReadonlyArray<(text: string) => Option.Option<Recipient>> = [
  (text) => text === "coordinator" ? Option.some(Recipient.cases.Coordinator.make({})) : Option.none(),
  (text) => text === "all" ? Option.some(Recipient.cases.All.make({})) : Option.none(),
  (text) =>
    Option.map(
      parseSlotId(text),
      (slot) => Recipient.cases.Slot.make({ slot })
    ),
  (text) => {
    const role = /^role:(.*\S.*)$/.exec(text)?.[1]?.trim()
    return role === undefined ? Option.none() : Option.some(Recipient.cases.Role.make({ role }))
  },
  (text) => Option.map(taskOf(text), (task) => Recipient.cases.Task.make({ task }))
]

/** None where the text names nobody. */
export const parseRecipient = (text: string): Option.Option<Recipient> =>
  Option.firstSomeOf(parsers.map((parse) => parse(text.trim())))

/** What `parseRecipient` reads back as the same one. */
export const formatRecipient = Recipient.match({
  Coordinator: () => "coordinator",
  All: () => "all",
  Slot: ({ slot }) => formatSlotId(slot),
  Role: ({ role }) => `role:${role}`,
  Task: ({ task }) => task
})

const spelled = "coordinator, all, a slot such as slot-2, a role such as role:reviewer, or a task id"

/** A recipient as people write it. */
export const RecipientText = Schema.String.pipe(Schema.decodeTo(
  Schema.toType(Recipient),
  SchemaTransformation.transformEffect({
    decode: (text: string, options) =>
      Effect.mapError(
        Effect.fromOption(parseRecipient(text)),
        () => new SchemaIssue.InvalidValue({ expected: spelled }, text, options)
      ),
    encode: (recipient: Recipient) => Effect.succeed(formatRecipient(recipient))
  })
))
