/**
 * The dashboard over a script of a pool, on a terminal of the test's.
 */
// Loaded before the clock of a test stands still: the command loads them when it is run.
// oxlint-disable import/no-unassigned-import
import "../../src/cli/watch/Looking.ts"
import "../../src/cli/watch/Overview.ts"
import "../../src/cli/watch/Watching.ts"
// oxlint-enable import/no-unassigned-import
import { Effect, Queue, Ref, Stream } from "effect"
import type { PoolEvent } from "../../src/domain/PoolEvent.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn, type World } from "./FrontDoor.ts"
import { boardStatus } from "./SampleDashboard.ts"
import { doneView, queuedView, reviewedView } from "./SampleViews.ts"
import { scriptedTerminal } from "./ScriptedTerminal.ts"
import { settle } from "./Time.ts"

export const terminalMachine = {
  stdinIsTerminal: true,
  stdoutIsTerminal: true,
  columns: 80,
  rows: 24,
  env: { NO_COLOR: "1" }
}

/** A pool with a task that runs, one that waits for its review, and one in the queue; each look at it is counted. */
export const watchedPool = Effect.fnUntraced(function*(more: Partial<Pool["Service"]> = {}) {
  const events = yield* Queue.unbounded<PoolEvent>()
  const looks = yield* Ref.make(0)
  const pool: Partial<Pool["Service"]> = {
    events: Stream.fromQueue(events),
    status: Effect.as(Ref.update(looks, (count) => count + 1), boardStatus),
    list: ({ states = [] }) => {
      const tasks = states.includes("review")
        ? [reviewedView("v", { name: "the parser" })]
        : states.includes("queued")
        ? [queuedView("q", { name: "later" })]
        : [doneView("d")]
      return Effect.succeed({ tasks, total: tasks.length })
    },
    groups: () => Effect.succeed({ groups: [] }),
    chains: () => Effect.succeed({ chains: [] }),
    ...more
  }
  return { events, looks, pool }
})

/** Until the screen is as it stays while nothing happens. */
export const watched = Effect.fnUntraced(function*(world: World, columns = 80, rows = 24) {
  const tty = yield* scriptedTerminal(columns, rows)
  const running = yield* Effect.forkChild(
    claudePoolIn({ machine: terminalMachine, terminal: tty.terminal, ...world })("watch")
  )
  yield* settle
  const press = (...keys: ReadonlyArray<string>) => Effect.andThen(tty.press(...keys), settle)
  return { tty, running, press, screen: () => tty.screen().join("\n") }
})
