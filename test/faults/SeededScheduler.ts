/**
 * A scheduler that lets the fibers that are ready go on in an order of its own: the same for the same seed, and another
 * for another. Whatever order it chooses, fibers could have met in it.
 */
import type { Scheduler } from "effect"
import type { Draw } from "./Seed.ts"

interface Waiting {
  readonly task: () => void
  readonly priority: number
}

export interface SeededScheduler extends Scheduler.Scheduler {
  /** How often it has chosen among several: the steps of the schedule. */
  readonly choices: () => number
  /** What it has chosen, as a text that is the same for the same schedule. */
  readonly trace: () => string
}

/** How many go on before the event loop does. */
const most = 256

export const seededScheduler = (draw: Draw): SeededScheduler => {
  const waiting: Array<Waiting> = []
  let isRunning = false
  let choices = 0
  let digest = 0

  /** One of those of the first rank: a rank says what has to come before what. */
  const next = (): Waiting | undefined => {
    const first = Math.min(...waiting.map(({ priority }) => priority))
    const ready = waiting.filter(({ priority }) => priority === first)
    const chosen = ready[ready.length > 1 ? draw(ready.length) : 0]
    if (chosen === undefined) return undefined
    if (ready.length > 1) {
      choices++
      digest = (Math.imul(digest, 31) + ready.indexOf(chosen) + ready.length * 7) | 0
    }
    waiting.splice(waiting.indexOf(chosen), 1)
    return chosen
  }

  const drain = () => {
    isRunning = false
    // Only so many, and then others come to their turn, who are not fibers.
    for (let left = most; left > 0 && waiting.length > 0; left--) next()?.task()
    schedule()
  }

  const schedule = () => {
    if (isRunning || waiting.length === 0) return
    isRunning = true
    setImmediate(drain)
  }

  return {
    executionMode: "async",
    shouldYield: (fiber) => fiber.currentOpCount >= 2048,
    makeDispatcher: () => ({
      scheduleTask: (task, priority) => {
        waiting.push({ task, priority })
        schedule()
      },
      flush: () => {
        while (waiting.length > 0) next()?.task()
      }
    }),
    choices: () => choices,
    trace: () => `${choices}:${digest}`
  }
}
