/**
 * Pools over one store, one after the other: each is killed, or closed in good order, before the next one is opened.
 */
import { Context, Effect, Exit, Layer, Ref, Scope } from "effect"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import type { FanOut } from "../../src/services/FanOut.ts"
import type { Holds } from "../../src/services/Holds.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { Store } from "../../src/services/Store.ts"
import type { Tasks } from "../../src/services/Tasks.ts"
import { testPool, type TestPoolOptions } from "./TestPool.ts"

/** Whether calls still get through: to the store at all, to what it records of groups, to its lists. */
interface Lines {
  readonly all: Ref.Ref<boolean>
  readonly groups: Ref.Ref<boolean>
  readonly lists: Ref.Ref<boolean>
}

const makeLines: Effect.Effect<Lines> = Effect.all({
  all: Ref.make(true),
  groups: Ref.make(true),
  lists: Ref.make(true)
})

const through = (line: Ref.Ref<boolean>) => <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(Ref.get(line), (isOpen) => isOpen ? call : Effect.never)

/** The store as one pool sees it: from its kill on, that pool can do no more to it. */
const severable = (store: Store["Service"], lines: Lines): Store["Service"] => {
  const all = through(lines.all)
  const groups = <A, E>(call: Effect.Effect<A, E>) => all(through(lines.groups)(call))
  const lists = <A, E>(call: Effect.Effect<A, E>) => all(through(lines.lists)(call))
  return Store.of({
    ...store,
    accept: (task) => all(store.accept(task)),
    commit: (change) => all(store.commit(change)),
    note: (note) => all(store.note(note)),
    find: (id) => all(store.find(id)),
    events: (since, limit) => all(store.events(since, limit)),
    traces: { ...store.traces, keep: (mark) => all(store.traces.keep(mark)) },
    list: (filter) => lists(store.list(filter)),
    turns: { ...store.turns, append: (id, turns) => all(store.turns.append(id, turns)) },
    groups: {
      ...store.groups,
      accept: (group, members) => all(store.groups.accept(group, members)),
      commit: (change) => groups(store.groups.commit(change)),
      find: (id) => all(store.groups.find(id)),
      counts: (id) => all(store.groups.counts(id))
    }
  })
}

export const killablePools = Effect.fnUntraced(function*(first: TestPoolOptions) {
  const world = yield* Effect.scope
  const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, world), Store)

  const open = Effect.fnUntraced(function*(options: TestPoolOptions) {
    const lines = yield* makeLines
    // A scope that a kill does not close: what is killed runs no finalizers.
    const scope = yield* Scope.make()
    const pool = testPool({ ...options, store: Layer.succeed(Store, severable(store, lines)) })
    return { options, lines, scope, context: yield* Layer.buildWithScope(pool, scope) }
  })

  const now = yield* Ref.make(yield* open(first))

  const next = (options: TestPoolOptions = {}) =>
    Effect.gen(function*() {
      const last = yield* Ref.get(now)
      yield* Ref.set(now, yield* open({ ...last.options, ...options }))
    })

  return {
    /** What is on record, whichever pool is alive. */
    store,
    /** Asks the pool that is alive. */
    use: <A, E>(effect: Effect.Effect<A, E, FanOut | Holds | Pool | Store | Tasks>) =>
      Effect.flatMap(Ref.get(now), ({ context }) => Effect.provideContext(effect, context)),
    /** Ends it as a crash would, and opens the next one, with other options where they are given. */
    kill: (options?: TestPoolOptions) =>
      Effect.andThen(Effect.flatMap(Ref.get(now), ({ lines }) => Ref.set(lines.all, false)), next(options)),
    restart: Effect.andThen(Effect.flatMap(Ref.get(now), ({ scope }) => Scope.close(scope, Exit.void)), next()),
    /** Nothing more that it does to groups gets on record. */
    deafenGroups: Effect.flatMap(Ref.get(now), ({ lines }) => Ref.set(lines.groups, false)),
    /** It is told of no more tasks. */
    deafenLists: Effect.flatMap(Ref.get(now), ({ lines }) => Ref.set(lines.lists, false))
  }
})
