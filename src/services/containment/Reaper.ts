/**
 * The helper that outlives the pool by as long as it takes to end what is left of its workers: a process of its own, in a
 * session of its own, that holds the other end of a pipe. However the pool ends, the pipe does so with it.
 *
 * It is told the marks to watch, one a line, and says each line again as soon as it has taken it.
 */
import {
  type Cause,
  Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Layer,
  Queue,
  Ref,
  Scope,
  Stream,
  SynchronizedRef
} from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import type { CommandWords } from "./CommandWords.ts"

export class Reaper extends Context.Service<Reaper, {
  /** Whether it is on watch; started where it never was. */
  readonly isOnWatch: Effect.Effect<boolean>
  /**
   * Has it end whatever carries a marker that begins so, should this process end and leave it, until the scope closes. It
   * is started where it is not there. False where it cannot be had.
   */
  readonly watch: (marker: string) => Effect.Effect<boolean, never, Scope.Scope>
}>()("claude-pool/services/containment/Reaper") {
  static readonly layer = (command: CommandWords) => Layer.effect(this, make(command))

  /** There is none. */
  static readonly layerNone = Layer.succeed(
    this,
    this.of({ isOnWatch: Effect.succeed(false), watch: () => Effect.succeed(false) })
  )
}

/** The first answer takes as long as Node needs to start: 40 ms on a quiet machine. */
const answersWithin = Duration.seconds(10)

/** It has nothing left to do when a pool ends in good order. */
const leavesWithin = Duration.seconds(2)

/** One that was started. */
interface Helper {
  readonly isThere: Effect.Effect<boolean>
  /** Says a line; true once it has been taken, false where it never will be. */
  readonly tell: (line: string) => Effect.Effect<boolean>
}

const make = Effect.fnUntraced(function*(command: CommandWords) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const scope = yield* Effect.scope
  const watched = yield* Ref.make<ReadonlySet<string>>(new Set())
  /** Undefined: it was never started. Null: it could not be. */
  const current = yield* SynchronizedRef.make<Helper | null | undefined>(undefined)

  const start = startHelper(command).pipe(
    Effect.provideService(ChildProcessSpawner.ChildProcessSpawner, spawner),
    Scope.provide(scope),
    Effect.tap((helper) =>
      Effect.flatMap(Ref.get(watched), (markers) => Effect.forEach(markers, (marker) => helper.tell(`+${marker}`)))
    ),
    Effect.orElseSucceed(() => null)
  )

  const isThere = (helper: Helper | null | undefined) => helper == null ? Effect.succeed(false) : helper.isThere

  const present = SynchronizedRef.updateAndGetEffect(
    current,
    (helper) => Effect.flatMap(isThere(helper), (there) => there ? Effect.succeed(helper) : start)
  )

  const tell = (helper: Helper | null | undefined, line: string) =>
    helper == null ? Effect.succeed(false) : helper.tell(line)

  return Reaper.of({
    isOnWatch: Effect.flatMap(
      SynchronizedRef.get(current),
      (helper) => helper === undefined ? Effect.flatMap(present, isThere) : isThere(helper)
    ),
    watch: (marker) =>
      Effect.acquireRelease(
        Effect.gen(function*() {
          const helper = yield* present
          yield* Ref.update(watched, (all) => new Set(all).add(marker))
          return yield* tell(helper, `+${marker}`)
        }),
        () =>
          Effect.gen(function*() {
            yield* Ref.update(watched, (all) => new Set([...all].filter((other) => other !== marker)))
            yield* tell(yield* SynchronizedRef.get(current), `-${marker}`)
          })
      )
  })
})

const startHelper = Effect.fnUntraced(function*([program, ...words]: CommandWords) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const input = yield* Queue.unbounded<string, Cause.Done>()
  const ended = yield* Deferred.make<void>()
  const waiting = yield* Ref.make<ReadonlyMap<string, Deferred.Deferred<void>>>(new Map())
  // With an environment that is empty it never carries a mark itself, wherever the pool was started.
  const handle = yield* spawner.spawn(ChildProcess.make(program, words, {
    cwd: "/",
    env: {},
    stdin: { stream: Stream.encodeText(Stream.fromQueue(input)), endOnDone: true },
    stderr: "ignore"
  }))
  // It leaves by itself: this process neither waits for it to end, nor ends it.
  yield* Effect.asVoid(handle.unref)
  const close = Queue.end(input)
  yield* Effect.forkScoped(Effect.andThen(Effect.exit(handle.exitCode), Deferred.succeed(ended, undefined)))
  const hear = Effect.fnUntraced(function*(line: string) {
    const taken = (yield* Ref.get(waiting)).get(line)
    if (taken !== undefined) yield* Deferred.succeed(taken, undefined)
  })
  yield* handle.stdout.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.runForEach(hear),
    Effect.ignore,
    Effect.forkScoped
  )
  yield* Effect.addFinalizer(() => Effect.andThen(close, Effect.timeoutOption(Deferred.await(ended), leavesWithin)))

  const tell = Effect.fnUntraced(function*(line: string) {
    const taken = yield* Deferred.make<void>()
    yield* Ref.update(waiting, (all) => new Map(all).set(line, taken))
    yield* Queue.offer(input, `${line}\n`)
    const exit = yield* Effect.exit(Effect.timeout(Deferred.await(taken), answersWithin)).pipe(
      Effect.raceFirst(Effect.as(Deferred.await(ended), null))
    )
    yield* Ref.update(waiting, (all) => new Map([...all].filter(([, other]) => other !== taken)))
    if (exit !== null && Exit.isSuccess(exit)) return true
    // One that does not answer is not to be relied on: it ends what it knows of when its input ends.
    yield* close
    yield* Deferred.succeed(ended, undefined)
    return false
  })

  return { isThere: Effect.map(Deferred.isDone(ended), (gone) => !gone), tell } satisfies Helper as Helper
})
