/**
 * The attempts of a task as a short list: what became of each, and what the next one had to do with it.
 */
import { DateTime, Duration } from "effect"
import type { AttemptView } from "./AttemptView.ts"
import { formatDuration } from "./DurationText.ts"
import { cleanLine } from "./UntrustedText.ts"

/** So much of a failure is said, in characters: it may be a worker's own words. */
const mostSaid = 200

const millisOf = (iso: string): number => DateTime.toEpochMillis(DateTime.makeUnsafe(iso))

/** `4s`, `350ms`, `2m5s` */
export const spanText = (millis: number): string => {
  const whole = Math.max(0, millis)
  return formatDuration(Duration.millis(whole < 1000 ? Math.round(whole) : Math.round(whole / 1000) * 1000))
}

export const between = (from: string, to: string): string => spanText(millisOf(to) - millisOf(from))

/** What it went on from; empty where it began anew. */
const originOf = ({ resumes }: AttemptView, all: ReadonlyArray<AttemptView>): string => {
  if (resumes === undefined) return ""
  const author = all.find(({ session }) => session === resumes)
  return author === undefined
    ? ", in the session of the task that it continues"
    : `, in the session of attempt ${author.number}`
}

const failureOf = ({ error }: AttemptView): string =>
  error === undefined ? "" : ` (${error.code}: ${cleanLine(error.message, mostSaid)})`

const cutOff: { readonly [B in NonNullable<AttemptView["interrupted_by"]>]: string } = {
  cancel: "cut off, for the task was cancelled",
  shutdown: "cut off by the end of the pool",
  crash: "cut off, for the pool was killed"
}

const endOf = (attempt: AttemptView, next: AttemptView | undefined): string => {
  const pause = next === undefined || attempt.finished_at === undefined
    ? null
    : between(attempt.finished_at, next.started_at)
  switch (attempt.state) {
    case "running":
      return "running"
    case "completed": {
      const how = attempt.recovered === true
        ? "done; its answer was found in its session after the pool had been killed"
        : "done"
      return next === undefined ? how : `${how}, and sent back after ${pause}`
    }
    case "interrupted":
      return `${cutOff[attempt.interrupted_by ?? "crash"]}${
        next === undefined ? "" : `, taken up again after ${pause}`
      }`
    case "failed": {
      const what = `${attempt.postponed === true ? "put off, which is not counted" : "failed"}${failureOf(attempt)}`
      return next === undefined ? what : `${what}, retried after ${pause}`
    }
  }
}

/** A line for each, the first one first. */
export const historyOf = (attempts: ReadonlyArray<AttemptView>): ReadonlyArray<string> =>
  attempts.map((attempt, at) =>
    `attempt ${attempt.number} on ${attempt.slot}${originOf(attempt, attempts)}: ${endOf(attempt, attempts[at + 1])}`
  )

/** Whether there is more to it than one attempt that was made in one go. */
export const isEventful = (attempts: ReadonlyArray<AttemptView>): boolean =>
  attempts.length > 1 ||
  attempts.some(({ recovered, resumes, state }) =>
    recovered === true || resumes !== undefined || state === "interrupted"
  )
