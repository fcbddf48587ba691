/**
 * The messages of the store: a row for each copy, in the order in which they were sent.
 */
import { Array, DateTime, Effect, Result, Schema, Struct } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { type Mailbox, Message, MessageFate } from "../../domain/Message.ts"
import { bodyOf, encodeWith } from "./Body.ts"
import type { MessageStore } from "./MessageStore.ts"
import type { WithFailures } from "./StorageError.ts"
import type { Writing } from "./TaskWrites.ts"

/** What never changes of a copy. */
const Letter = Schema.Struct(Struct.omit(Message.fields, ["seq", "fate"]))
type Letter = typeof Letter.Type

const LetterBody = bodyOf(Letter)
const FateBody = bodyOf(MessageFate)
const MessageRow = Schema.Struct({ seq: Schema.Int, body: LetterBody, fate: FateBody })
const encodeLetter = encodeWith(LetterBody)
const encodeFate = encodeWith(FateBody)

const waitingFate = MessageFate.cases.Waiting.make({})

/** As SQLite says it. */
const anyNumber = -1

const mailboxKey = (mailbox: Mailbox): string => {
  switch (mailbox._tag) {
    case "Coordinator":
      return "coordinator"
    case "Slot":
      return `slot ${mailbox.slot}`
    case "Task":
      return mailbox.task
  }
}

const asMessage = ({ body, fate, seq }: typeof MessageRow.Type): Message => ({ ...body, seq, fate })

export const makeMessageTable = Effect.fnUntraced(function*(
  { commits, failing }: Pick<Writing, "commits"> & { readonly failing: WithFailures }
) {
  const sql = yield* SqlClient.SqlClient

  const waitingRows = SqlSchema.findAll({
    Request: Schema.Struct({ mailbox: Schema.String, now: Schema.Int, limit: Schema.Int }),
    Result: MessageRow,
    execute: ({ limit, mailbox, now }) =>
      sql`SELECT seq, body, fate FROM messages
        WHERE state = 'Waiting' AND mailbox = ${mailbox} AND expires_at >= ${now} ORDER BY seq LIMIT ${limit}`
  })

  const unexpiredRows = SqlSchema.findAll({
    Request: Schema.Int,
    Result: MessageRow,
    execute: (now) => sql`SELECT seq, body, fate FROM messages WHERE expires_at >= ${now} ORDER BY seq`
  })

  const listRows = SqlSchema.findAll({
    Request: Schema.Struct({ mailbox: Schema.NullOr(Schema.String), since: Schema.Int, limit: Schema.Int }),
    Result: MessageRow,
    execute: ({ limit, mailbox, since }) =>
      sql`SELECT seq, body, fate FROM messages
        WHERE seq > ${since} ${mailbox === null ? sql.literal("") : sql`AND mailbox = ${mailbox}`}
        ORDER BY seq LIMIT ${limit}`
  })

  const send = Effect.fn("Store.messages.send")(function*(letters: ReadonlyArray<Letter>) {
    const fate = yield* encodeFate(waitingFate)
    const rows = yield* Effect.forEach(letters, (letter) =>
      Effect.map(encodeLetter(letter), (body) => ({
        letter,
        columns: {
          mailbox: mailboxKey(letter.to),
          state: waitingFate._tag,
          expires_at: DateTime.toEpochMillis(letter.expiresAt),
          body,
          fate
        }
      })))
    // One after the other: only so do the numbers follow the order.
    const apply = Effect.forEach(rows, ({ columns, letter }) =>
      Effect.map(
        sql<{ readonly seq: number }>`INSERT INTO messages ${sql.insert(columns)} RETURNING seq`,
        Array.map(({ seq }): Message => ({ ...letter, seq, fate: waitingFate }))
      ))
    return yield* commits.submit({
      durable: true,
      apply: Effect.map(apply, (sent) => Result.succeed(Array.flatten(sent)))
    })
  }, failing)

  const settle = Effect.fn("Store.messages.settle")(function*(seqs: ReadonlyArray<number>, fate: MessageFate) {
    const body = yield* encodeFate(fate)
    const apply = sql`UPDATE messages SET state = ${fate._tag}, fate = ${body}
      WHERE seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`
    yield* commits.submit({ durable: true, apply: Effect.as(apply, Result.void) })
  }, failing)

  return {
    send,
    waiting: Effect.fn("Store.messages.waiting")(
      (to, now, limit = anyNumber) =>
        Effect.map(
          waitingRows({ mailbox: mailboxKey(to), now: DateTime.toEpochMillis(now), limit }),
          Array.map(asMessage)
        ),
      failing
    ),
    unexpired: Effect.fn("Store.messages.unexpired")(
      (now) => Effect.map(unexpiredRows(DateTime.toEpochMillis(now)), Array.map(asMessage)),
      failing
    ),
    settle,
    list: Effect.fn("Store.messages.list")(
      ({ limit, since, to }) =>
        Effect.map(
          listRows({ limit, since, mailbox: to === undefined ? null : mailboxKey(to) }),
          Array.map(asMessage)
        ),
      failing
    )
  } satisfies MessageStore as MessageStore
})
