/**
 * What a line about work in progress says: pure, so that it can be looked at without a terminal.
 */
import { Duration, HashSet } from "effect"
import { formatDuration } from "../domain/DurationText.ts"
import { formatUsd } from "../domain/MicroUsd.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import type { Phase, Progress } from "../domain/Progress.ts"
import type { TaskId } from "../domain/TaskId.ts"
import { isTaskId, type WorkId } from "../domain/WorkId.ts"
import { oneLine } from "./Printable.ts"

/** What has been heard of the work so far. */
export interface Heard {
  /** The task that is spoken of. */
  readonly id: TaskId | null
  readonly progress: Progress | null
  /** What has come to an end, tasks, groups and chains. */
  readonly finished: HashSet.HashSet<WorkId>
}

export const nothingHeard: Heard = { id: null, progress: null, finished: HashSet.empty() }

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

const phaseOf = ({ phase, tool }: Progress): string =>
  phase === "running-tool" && tool !== null ? `running ${oneLine(tool)}` : phases[phase]

/** `running Bash · 3 turns · $0.0123 · 42s · t_…`: what matters most comes first, because the end may be cut. */
export const progressLine = ({ id, progress }: Heard, elapsed: Duration.Duration): string =>
  [
    ...(progress === null
      ? [id === null ? "waiting" : "starting"]
      : [phaseOf(progress), `${progress.turns} ${progress.turns === 1 ? "turn" : "turns"}`, formatUsd(progress.cost)]),
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

export const wholeSeconds = (elapsed: Duration.Duration): string =>
  formatDuration(Duration.seconds(Math.floor(Duration.toSeconds(elapsed))))
