/**
 * Histories of a pool under seeded schedulers: a seed is a history and an order in which its fibers go on, and always the
 * same one.
 */
import { Cause, Effect, Exit, Random, Scheduler } from "effect"
import { TestClock } from "effect/testing"
import { failureNames, poolHistory, type Step } from "./PoolHistory.ts"
import { type Draw, drawFrom, pick } from "./Seed.ts"
import { seededScheduler } from "./SeededScheduler.ts"

const drawStep = (draw: Draw): Step => {
  const which = draw(6)
  switch (draw(20)) {
    case 0:
    case 1:
    case 2: {
      const role = pick(draw, [null, null, null, "a", "b"] as const)
      return {
        _tag: "Submit",
        timeout: pick(draw, ["short", "long"]),
        reviewed: draw(2) === 0,
        ...(role === null ? {} : { role })
      }
    }
    case 3:
    case 4:
      return { _tag: "Finish", which }
    case 5:
    case 6:
      return { _tag: "Fail", which, with: pick(draw, failureNames) }
    case 7:
      return { _tag: "Cancel", which }
    case 8:
      return { _tag: "Approve", which, times: pick(draw, [1, 2]) }
    case 9:
      return { _tag: "Reject", which }
    case 10:
      return { _tag: "Pass", seconds: pick(draw, [1, 5, 60]) }
    case 11:
      return draw(2) === 0 ? { _tag: "Crash" } : { _tag: "Restart" }
    case 12:
      return { _tag: "Group", items: pick(draw, [2, 3]), reduced: draw(2) === 0 }
    case 13:
      return { _tag: "Chain", steps: pick(draw, [1, 2]) }
    case 14:
      return draw(2) === 0
        ? { _tag: "Scale", to: pick(draw, [1, 2, 3, 5]) }
        : { _tag: "ScaleBy", by: pick(draw, [-2, -1, 1, 2]) }
    case 15:
      return { _tag: "Configure", slot: pick(draw, [1, 2, 3]), role: pick(draw, [null, "a", "b"]) }
    case 16:
      return { _tag: "Drain", grace: pick(draw, [0, 3, 30]) }
    case 17:
      return { _tag: "Resume" }
    default:
      return { _tag: "Race", which }
  }
}

export const stepsOf = (seed: number): ReadonlyArray<Step> => {
  const draw = drawFrom(seed)
  return Array.from({ length: 3 + draw(12) }, () => drawStep(draw))
}

export interface Played {
  readonly exit: Exit.Exit<unknown, unknown>
  readonly trace: string
  readonly choices: number
}

/** Plays steps under the schedule of a seed. */
export const playSchedule = (seed: number, steps = stepsOf(seed)): Effect.Effect<Played> =>
  Effect.promise(async () => {
    const scheduler = seededScheduler(drawFrom(seed ^ 0x5eed))
    const play = poolHistory(steps).pipe(
      Effect.provide(TestClock.layer()),
      Random.withSeed(`${seed}`),
      Effect.scoped
    )
    const exit = await Effect.runPromiseExit(Effect.provideService(play, Scheduler.Scheduler, scheduler))
    return { exit, trace: scheduler.trace(), choices: scheduler.choices() }
  })

/** The fewest of these that still fail, tried by leaving out ever smaller parts. */
export const shrink = Effect.fnUntraced(function*<A>(
  all: ReadonlyArray<A>,
  fails: (some: ReadonlyArray<A>) => Effect.Effect<boolean>
) {
  let kept = all
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length;) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)]
      if (yield* fails(fewer)) kept = fewer
      else from += size
    }
  }
  return kept
})

export interface SchedulesReport {
  readonly played: number
  readonly choices: number
  readonly failures: ReadonlyArray<{ readonly seed: number; readonly steps: string; readonly cause: string }>
}

const failsUnder = (seed: number) => (steps: ReadonlyArray<Step>) =>
  Effect.map(playSchedule(seed, steps), ({ exit }) => Exit.isFailure(exit))

/** Schedule after schedule, until it is enough or one fails; that one is made as short as it gets. */
export const schedules = Effect.fnUntraced(function*(options: {
  readonly seed: number
  readonly isOver: (played: number) => boolean
}) {
  let played = 0
  let choices = 0
  const failures: Array<SchedulesReport["failures"][number]> = []
  for (; !options.isOver(played) && failures.length === 0; played++) {
    const seed = options.seed + played
    const result = yield* playSchedule(seed)
    choices += result.choices
    if (Exit.isSuccess(result.exit)) continue
    const steps = yield* shrink(stepsOf(seed), failsUnder(seed))
    failures.push({ seed, steps: JSON.stringify(steps), cause: Cause.pretty(result.exit.cause) })
  }
  return { played, choices, failures } satisfies SchedulesReport as SchedulesReport
})
