/**
 * A pool for a person who waits for a command. A pool that many share waits for a login, or for a CLI that can be started;
 * a person is told of it at once, and can do something about it. What passes by itself is waited for, and said once.
 */
import { DateTime, Duration, Effect, Stream } from "effect"
import { CliUnusable, NotLoggedIn } from "../../domain/EnvironmentFailure.ts"
import { Failure } from "../../domain/Failure.ts"
import type { HoldCause, HoldView } from "../../domain/Hold.ts"
import type { Pool } from "../Pool.ts"

export interface ImpatientOptions {
  /** What the CLI is called, where it is what is wrong. */
  readonly binary: string
  /** Says a line to the person: what is waited for. */
  readonly tell: (line: string) => Effect.Effect<void>
}

/** Holds change without a word, too: where one of them is tried in vain, nothing is said of it. */
const lookEvery = "10 seconds"

/** A hold says what its first task has failed with, which is said here anew. */
const saidAlready = /^(?:the worker is not logged in|the claude CLI at .*? cannot be used): /

const again = ({ until }: HoldView): string => until === undefined ? "" : `; tried again at ${until}`

const tellHold = (hold: HoldView): string =>
  `nothing is started (${hold.cause}): ${hold.detail}${again(hold)}\n  ${hold.hint}`

export const impatient = (pool: Pool["Service"], { binary, tell }: ImpatientOptions): Pool["Service"] => {
  const holds = Effect.map(pool.status, ({ holds = [] }) => holds)

  const failureOf = (hold: HoldView): Failure | null => {
    // It was met with the environment of the pool, which may be another one than that of this command.
    const detail = `${hold.detail.replace(saidAlready, "")}${
      again(hold)
    }, or at once by a new pool after \`claude-pool stop\``
    if (hold.cause === "login") return new Failure({ reason: new NotLoggedIn({ status: null, detail }) })
    return hold.cause === "config" ? new Failure({ reason: new CliUnusable({ binary, detail }) }) : null
  }

  /** What cannot be waited for now. One whose time has come is tried with the very next task: that may be this one. */
  const refusal = Effect.fnUntraced(function*(all: ReadonlyArray<HoldView>) {
    const now = DateTime.formatIso(yield* DateTime.now)
    const standing = all.filter(({ probing, until }) => probing !== true && (until === undefined || until > now))
    return standing.map(failureOf).find((failure) => failure !== null) ?? null
  })

  const watched = Effect.suspend(() => {
    const told = new Set<HoldCause>()
    const look = Effect.gen(function*() {
      const all = yield* holds
      const refused = yield* refusal(all)
      if (refused !== null) return refused
      for (const hold of all) {
        if (told.has(hold.cause) || failureOf(hold) !== null) continue
        told.add(hold.cause)
        yield* tell(tellHold(hold))
      }
      return null
    }).pipe(
      // What cannot be asked says nothing of the work.
      Effect.orElseSucceed(() => null),
      Effect.flatMap((refused) => refused ?? Effect.void)
    )
    // An end of the events says nothing of it, either.
    const news = Stream.catchCause(pool.events, () => Stream.never).pipe(
      Stream.filter(({ _tag }) => _tag === "Held" || _tag === "Requeued")
    )
    return Stream.merge(Stream.tick(lookEvery), news).pipe(
      Stream.runForEach(() => look),
      Effect.andThen(Effect.never)
    )
  })

  const unlessHeld = <A>(call: Effect.Effect<A, Failure>): Effect.Effect<A, Failure> => Effect.raceFirst(watched, call)

  /** Nothing is handed in that would be taken back in the next moment. */
  const handedIn = <A>(call: Effect.Effect<A, Failure>): Effect.Effect<A, Failure> =>
    holds.pipe(
      Effect.flatMap(refusal),
      Effect.orElseSucceed(() => null),
      Effect.flatMap((refused) => refused ?? unlessHeld(call))
    )

  return {
    ...pool,
    run: (request) => handedIn(pool.run(request)),
    runFanOut: (items, options) => handedIn(pool.runFanOut(items, options)),
    runChain: (request) => handedIn(pool.runChain(request)),
    // What has ended has ended, whatever holds now.
    wait: (options) =>
      Effect.flatMap(
        pool.wait({ ...options, timeout: Duration.zero }),
        (reply) => reply.timed_out ? unlessHeld(pool.wait(options)) : Effect.succeed(reply)
      )
  }
}
