/**
 * `claude-pool serve`: the host of the pool, in the foreground, or until nobody needs it.
 */
import { Console, Duration, Effect, Stream, SubscriptionRef } from "effect"
import { Command, Flag } from "effect/cli"
import { Clients } from "../services/Clients.ts"
import { Configuration } from "../services/Configuration.ts"
import { Pool } from "../services/Pool.ts"
import { counted } from "./Count.ts"
import { withDrain } from "./Farewell.ts"
import { SettingsShown } from "./HelpText.ts"
import { Starter } from "./Starter.ts"
import { poolSettings } from "./TaskSettings.ts"

/** Whoever has found it in the very moment in which it withdraws has so long to be there. */
const lastCall = "250 millis"

/** Whoever has started it is on the way: that takes longer than the shortest time that somebody may want it to stay. */
const firstCall = "10 seconds"

const untilCount = (fits: (count: number) => boolean) =>
  Effect.flatMap(Clients, ({ count }) => Stream.runHead(Stream.filter(SubscriptionRef.changes(count), fits)))

/** Until nothing is unfinished, but for what waits for a review. */
const untilDone = Effect.gen(function*() {
  const pool = yield* Pool
  const look = pool.wait({ ids: [], mode: "all", timeout: Duration.days(1) })
  yield* Effect.repeat(look, { while: ({ timed_out }) => timed_out })
})

/** Until it is not drained: its end would take the drain back, which nobody has asked for. */
const untilTakenIn = Effect.gen(function*() {
  const pool = yield* Pool
  const isDrained = Effect.map(pool.status, ({ holds = [] }) => holds.some(({ cause }) => cause === "drain"))
  const lifted = Stream.filter(pool.events, ({ _tag }) => _tag === "Lifted")
  yield* Stream.merge(Stream.tick("1 minute"), lifted).pipe(
    Stream.mapEffect(() => isDrained),
    Stream.filter((drained) => !drained),
    Stream.runHead
  )
})

/** Until nobody is connected, nothing is unfinished, and that has stayed so for a while. */
const untilIdle = Effect.gen(function*() {
  const { announce, count, withdraw } = yield* Clients
  const { settings: { idleExit } } = yield* Configuration
  const isUnused = Effect.gen(function*() {
    yield* untilCount((clients) => clients === 0)
    yield* untilDone
    yield* untilTakenIn
    const wasLeft = yield* Effect.raceFirst(
      Effect.as(Effect.sleep(idleExit), true),
      Effect.as(untilCount((clients) => clients > 0), false)
    )
    if (!wasLeft) return false
    yield* withdraw
    yield* Effect.sleep(lastCall)
    if ((yield* SubscriptionRef.get(count)) === 0) return true
    yield* announce
    return false
  })
  yield* Effect.timeoutOption(untilCount((clients) => clients > 0), firstCall)
  yield* Effect.repeat(isUnused, { until: (unused) => unused })
})

export const serve = Command.make(
  "serve",
  {
    untilIdle: Flag.Boolean("until-idle").pipe(
      Flag.withDescription(
        "End once nothing is left to do and nobody is connected, for idle_exit (default: serve on); not while drained"
      ),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*(flags) {
    const pool = yield* Pool
    const { withdraw } = yield* Clients
    const { ready } = yield* Starter
    const { store, tasks, slots } = yield* pool.status
    yield* Effect.gen(function*() {
      yield* Console.error(
        `serving ${store}: ${counted(slots.length, "slot")}, ${tasks.queued + tasks.running} unfinished`
      )
      yield* ready
      yield* flags.untilIdle ? untilIdle : Effect.never
    }).pipe(
      // Nobody new is to meet a pool that ends.
      Effect.ensuring(withdraw)
    )
  }, withDrain)
).pipe(
  Command.withDescription(
    "Run the pool of this store for all other commands, until a signal; they start one by themselves"
  ),
  Command.annotate(SettingsShown, { ...poolSettings, idleExit: true }),
  Command.withExamples([
    {
      command: "claude-pool serve --slots 8",
      description: "In a terminal of its own, or as a service; Ctrl-C drains and ends it"
    },
    { command: "claude-pool stop", description: "End the one that a command has started" }
  ])
)
