/**
 * Many writers, one transaction: what is asked for while a transaction is under way goes into the next one, together.
 *
 * Nobody waits for company: a lone write is committed at once. To flush the disk once for a hundred writes costs what it
 * costs for one.
 */
import { type Cause, Deferred, Effect, Fiber, Queue, Result } from "effect"
import { SqlClient } from "effect/sql"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import type { StorageError } from "./StorageError.ts"

/** A change that is made whole or not at all. */
export interface Write<A, E> {
  /** Whether the answer has to survive a power cut. If not, it survives a crash of the process all the same. */
  readonly durable: boolean
  /** How large it is, about, where it may be large. */
  readonly bytes?: number
  /**
   * Runs inside a transaction, together with others. A refusal is a `Result`, and has to come before the first row is
   * written; an error undoes the whole transaction.
   */
  readonly apply: Effect.Effect<Result.Result<A, E>, StorageError>
}

export interface GroupCommit {
  /** Answers after the commit. It cannot be interrupted: who has asked for a write learns how it ended. */
  readonly submit: <A, E>(write: Write<A, E>) => Effect.Effect<A, E | StorageError>
}

interface Pending {
  readonly durable: boolean
  /** Makes the change, and says what is to be told once it is committed. */
  readonly apply: Effect.Effect<Effect.Effect<unknown>, StorageError>
  readonly fail: (cause: Cause.Cause<StorageError>) => Effect.Effect<unknown>
}

/** Keeps a transaction short enough for readers to get in between. */
const maxWrites = 256

export const makeGroupCommit = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const queue = yield* Queue.unbounded<Pending, Cause.Done>()

  const synchronous = (writes: ReadonlyArray<Pending>) =>
    sql.unsafe(`PRAGMA synchronous = ${writes.some((write) => write.durable) ? "FULL" : "NORMAL"}`).unprepared

  // One write may spoil it for all, as one that no longer fits on the disk: then each is tried alone.
  const commit = (writes: ReadonlyArray<Pending>): Effect.Effect<void> =>
    Effect.andThen(synchronous(writes), sql.withTransaction(Effect.forEach(writes, (write) => write.apply))).pipe(
      Effect.matchCauseEffect({
        onSuccess: (answers) => Effect.all(answers, { discard: true }),
        onFailure: (cause) =>
          writes.length === 1
            ? Effect.forEach(writes, (write) => write.fail(cause), { discard: true })
            : Effect.forEach(writes, (write) => commit([write]), { discard: true })
      })
    )

  const writer = yield* Queue.takeBetween(queue, 1, maxWrites).pipe(
    Effect.flatMap(commit),
    Effect.forever,
    Effect.ignore,
    Effect.uninterruptible,
    Effect.forkScoped
  )
  // What was asked for before the end is still written: the writer goes on until its queue has ended.
  yield* Effect.addFinalizer(() => Effect.andThen(Queue.end(queue), Fiber.await(writer)))

  const submit: GroupCommit["submit"] = Effect.fnUntraced(
    function*<A, E>(write: Write<A, E>) {
      const answer = yield* Deferred.make<A, E | StorageError>()
      const isOpen = yield* Queue.offer(queue, {
        durable: write.durable,
        apply: Effect.map(
          write.apply,
          Result.match({
            onFailure: (refusal) => Deferred.fail(answer, refusal),
            onSuccess: (value) => Deferred.succeed(answer, value)
          })
        ),
        fail: (cause) => Deferred.failCause(answer, cause)
      })
      if (!isOpen) return yield* closed
      return yield* Deferred.await(answer)
    },
    Effect.uninterruptible
  )

  return { submit } satisfies GroupCommit as GroupCommit
})

const closed = new SqlError({
  reason: new ConnectionError({ message: "the store is closed", operation: "submit", cause: null })
})
