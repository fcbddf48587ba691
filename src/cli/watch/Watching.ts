/**
 * The dashboard at work: it looks at the pool when something has changed there, at most five times a second and at least
 * once; it listens to keys; and it draws what has come of both. A pool that goes away is looked for until there is one
 * again.
 */
import { Clock, Deferred, Effect, type Layer, Ref, type Scope, Stream, SubscriptionRef, Terminal } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { viewFailure } from "../../domain/TaskView.ts"
import type { Machine } from "../../services/Machine.ts"
import { Pool } from "../../services/Pool.ts"
import { Styles } from "../Styles.ts"
import { begun, type Call, type Change, perform, refused } from "./Acting.ts"
import type { Dashboard } from "./Dashboard.ts"
import { render } from "./Frame.ts"
import { keyOf } from "./Key.ts"
import { look } from "./Looking.ts"
import { initialModel, looked, type Model } from "./Model.ts"
import { press } from "./Press.ts"
import { readOn } from "./Reading.ts"
import { withScreen } from "./Screen.ts"

/** Nothing is looked at more often. */
const lookAtMostEvery = "200 millis"

/** Where nothing is heard, times still go by. */
const lookAtLeastEvery = 1000

/** How long one that is not heard of is held on to, before another one is looked for. */
const lookForAnother = 2000

interface Watching {
  readonly model: SubscriptionRef.SubscriptionRef<Model>
  /** Whether there may be something new. */
  readonly heard: Ref.Ref<boolean>
  /** The pool that is asked just now. */
  readonly pool: Ref.Ref<Pool["Service"] | null>
}

const change = ({ model }: Watching, how: Change): Effect.Effect<void> => SubscriptionRef.update(model, how)

/** What is open goes on being read, unless something else was opened meanwhile. */
const readOpened = Effect.fnUntraced(function*(watching: Watching): Effect.fn.Return<void, never, Pool> {
  const { opened } = yield* SubscriptionRef.get(watching.model)
  if (opened === null) return
  const read = yield* Effect.result(readOn(opened))
  if (read._tag === "Success" && read.success.more) yield* Ref.set(watching.heard, true)
  yield* change(watching, (model) => {
    if (model.opened?.id !== opened.id) return model
    return read._tag === "Success" ? { ...model, opened: read.success } : refused(read.failure)(model)
  })
})

const showDashboard = (watching: Watching, dashboard: Dashboard) =>
  change(watching, (model) => looked(model, dashboard))

/** Asks one pool for as long as it answers, and can be listened to. */
const attend = (watching: Watching): Effect.Effect<void, Failure, Pool | Scope.Scope> =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const { heard } = watching
    const isHeard = yield* Ref.make(true)
    yield* Effect.acquireRelease(Ref.set(watching.pool, pool), () => Ref.set(watching.pool, null))
    yield* Stream.runForEach(pool.events, () => Ref.set(heard, true)).pipe(
      Effect.exit,
      Effect.andThen(Ref.set(isHeard, false)),
      Effect.forkScoped({ startImmediately: true })
    )
    const since = yield* Clock.currentTimeMillis
    yield* Ref.set(heard, true)

    const lookedAt = yield* Ref.make(0)

    /** Whether another one is to be looked for. */
    const step = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const news = yield* Ref.getAndSet(heard, false)
      if (news || now - (yield* Ref.get(lookedAt)) >= lookAtLeastEvery) {
        yield* Ref.set(lookedAt, now)
        yield* showDashboard(watching, yield* look)
        yield* readOpened(watching)
      }
      yield* Effect.sleep(lookAtMostEvery)
      return !(yield* Ref.get(isHeard)) && now - since >= lookForAnother
    })
    yield* Effect.repeat(step, { until: (isOver) => isOver })
  })

const lose = (watching: Watching, { reason }: Failure): Effect.Effect<void> =>
  change(watching, (model) => ({ ...model, lost: viewFailure(reason) }))

/** From one pool to the next. */
const attendAll = <R>(watching: Watching, pool: Layer.Layer<Pool, Failure, R>): Effect.Effect<never, never, R> =>
  Effect.scoped(attend(watching)).pipe(
    Effect.provide(pool, { local: true }),
    Effect.catchTag("Failure", (failure) => Effect.andThen(lose(watching, failure), Effect.sleep(lookAtLeastEvery))),
    Effect.forever
  )

const noPool: Change = (model) => ({
  ...model,
  mode: model.mode._tag === "Judge" ? model.mode.back : model.mode,
  notice: { tone: "bad", text: "the pool does not answer just now, and was not asked: try again when it is back" }
})

/** A call of the pool, beside everything else: the screen goes on while it is under way. */
const call = Effect.fnUntraced(function*(watching: Watching, what: Call): Effect.fn.Return<void, never, Machine> {
  const pool = yield* Ref.get(watching.pool)
  if (pool === null) return yield* change(watching, noPool)
  yield* change(watching, (model) => begun(what)({ ...model, pending: model.pending + 1 }))
  const done = yield* Effect.provideService(perform(what), Pool, pool)
  yield* change(watching, (model) => done({ ...model, pending: model.pending - 1 }))
  yield* Ref.set(watching.heard, true)
})

/** A terminal that does not know its size is one of the usual size. */
const sized = ({ columns, rows }: Terminal.Size) => ({ columns: Math.max(20, columns || 80), lines: rows || 24 })

/** Shows the pool until its user has seen enough, or is gone. */
export const watching = <R>(pool: Layer.Layer<Pool, Failure, R>) =>
  Effect.gen(function*() {
    const terminal = yield* Terminal.Terminal
    const palette = (yield* Styles).stdout
    const sizes = yield* terminal.size
    const first = { columns: yield* terminal.columns, rows: yield* terminal.rows }
    const seen: Watching = {
      model: yield* SubscriptionRef.make(initialModel(sized(first))),
      heard: yield* Ref.make(true),
      pool: yield* Ref.make<Pool["Service"] | null>(null)
    }
    const ended = yield* Deferred.make<void>()

    yield* withScreen((screen) =>
      Effect.gen(function*() {
        const resize = Stream.runForEach(
          Stream.fromQueue(sizes),
          (size) => Effect.andThen(screen.clear, change(seen, (model) => ({ ...model, size: sized(size) })))
        )
        // A slow terminal gets what is newest.
        const draw = SubscriptionRef.changes(seen.model).pipe(
          Stream.buffer({ capacity: 1, strategy: "sliding" }),
          Stream.runForEach((model) => screen.draw(render(model, palette)))
        )
        const scope = yield* Effect.scope
        const onKey = Effect.fnUntraced(function*(input: Terminal.UserInput) {
          const [isOpened, act] = yield* SubscriptionRef.modify(seen.model, (model) => {
            const pressed = press(model, keyOf(input))
            return [[pressed.model.opened?.id !== model.opened?.id, pressed.act] as const, pressed.model] as const
          })
          // What was opened is read at once.
          if (isOpened) yield* Ref.set(seen.heard, true)
          if (act === undefined) return
          switch (act._tag) {
            case "Quit":
              return yield* Effect.asVoid(Deferred.succeed(ended, undefined))
            case "Redraw":
              return yield* Effect.andThen(screen.clear, change(seen, (model) => ({ ...model })))
            default:
              return yield* Effect.asVoid(Effect.forkIn(call(seen, act), scope))
          }
        })
        const keys = yield* terminal.readInput
        // The end of its keys is the end of it: its terminal is gone.
        const listen = Stream.runForEach(Stream.fromQueue(keys), onKey)
        const forever = Effect.all([draw, resize, attendAll(seen, pool)], { concurrency: "unbounded", discard: true })
        yield* Effect.raceAllFirst([Deferred.await(ended), listen, forever])
      }).pipe(Effect.scoped)
    )
  }).pipe(Effect.scoped)
