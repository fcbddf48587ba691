/**
 * What a line about work in progress says: pure, so that it can be looked at without a terminal.
 */
import { Duration, HashSet } from "effect"
import { formatDuration } from "../domain/DurationText.ts"
import type { HoldCause } from "../domain/Hold.ts"
import { formatUsd } from "../domain/MicroUsd.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import type { Phase, Progress } from "../domain/Progress.ts"
import type { TaskId } from "../domain/TaskId.ts"
import { isTaskId, type WorkId } from "../domain/WorkId.ts"
import { waitText } from "./HoldLines.ts"
import { oneLine } from "./Printable.ts"

/** What has been heard of the work so far. */
export interface Heard {
  /** The task that is spoken of. */
  readonly id: TaskId | null
  readonly progress: Progress | null
  /** What has come to an end, tasks, groups and chains. */
  readonly finished: HashSet.HashSet<WorkId>
  /** Why nothing is started. */
  readonly held: HashSet.HashSet<HoldCause>
}

export const nothingHeard: Heard = { id: null, progress: null, finished: HashSet.empty(), held: HashSet.empty() }

/** What was held before anything was heard. */
export const hearHolds = (heard: Heard, causes: ReadonlyArray<HoldCause>): Heard => ({
  ...heard,
  held: HashSet.union(heard.held, HashSet.fromIterable(causes))
})

export const hear = (heard: Heard, event: PoolEvent): Heard => {
  switch (event._tag) {
    case "Submitted":
      return heard.id === null ? { ...heard, id: event.id } : heard
    case "Started":
    case "Requeued":
      return { ...heard, id: event.id, progress: null }
    case "Progressed":
      return { ...heard, id: event.id, progress: event.progress }
    case "Finished":
    case "GroupFinished":
    case "ChainFinished":
      return { ...heard, finished: HashSet.add(heard.finished, event.id) }
    case "Held":
      return hearHolds(heard, [event.cause])
    case "Lifted":
      return { ...heard, held: HashSet.remove(heard.held, event.cause) }
    default:
      return heard
  }
}

const phases: { readonly [P in Phase]: string } = {
  "starting": "starting",
  "waiting-model": "waiting for the model",
  "backing-off": "backing off",
  "running-tool": "running a tool",
  "finishing": "finishing"
}

const isPhase = (phase: string): phase is Phase => Object.hasOwn(phases, phase)

/** What a worker does just now, in words. */
export const phaseText = (phase: string, tool: string | null): string => {
  if (phase === "running-tool" && tool !== null) return `running ${oneLine(tool)}`
  return isPhase(phase) ? phases[phase] : oneLine(phase)
}

/** Of a task that has not said anything yet. */
const standing = (held: HashSet.HashSet<HoldCause>, id: TaskId | null): string => {
  const [cause] = held
  if (cause !== undefined) return `waiting: ${waitText(cause)}`
  return id === null ? "waiting" : "starting"
}

/** `running Bash · 3 turns · $0.0123 · 42s · t_…`: what matters most comes first, because the end may be cut. */
export const progressLine = ({ held, id, progress }: Heard, elapsed: Duration.Duration): string =>
  [
    ...(progress === null
      ? [standing(held, id)]
      : [
        phaseText(progress.phase, progress.tool),
        `${progress.turns} ${progress.turns === 1 ? "turn" : "turns"}`,
        formatUsd(progress.cost)
      ]),
    wholeSeconds(elapsed),
    ...(id === null ? [] : [id]),
    ...(progress?.said === undefined ? [] : [oneLine(progress.said)])
  ].join(" · ")

/** The same for much work: how much of it is done, and what one of its tasks does. Without ids, all tasks are meant. */
export const waitLine = (heard: Heard, ids: ReadonlyArray<WorkId>, elapsed: Duration.Duration): string => {
  const finished = ids.length === 0
    ? HashSet.size(HashSet.filter(heard.finished, isTaskId))
    : ids.filter((id) => HashSet.has(heard.finished, id)).length
  return `${finished}${ids.length === 0 ? "" : ` of ${ids.length}`} finished · ${progressLine(heard, elapsed)}`
}

const wholeSeconds = (elapsed: Duration.Duration): string =>
  formatDuration(Duration.seconds(Math.floor(Duration.toSeconds(elapsed))))
