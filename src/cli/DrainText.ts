/**
 * What a drain came to, in a line or two.
 */
import type { DrainReport } from "../domain/DrainReport.ts"
import { counted, someOf } from "./Count.ts"

const some = (ids: ReadonlyArray<string>, became: string): ReadonlyArray<string> =>
  ids.length === 0 ? [] : [`${ids.length} ${became} (${someOf(ids)})`]

/** `2 finished (t_…, t_…), 1 cut off and waits again (t_…), 4 tasks wait`; null: there is nothing to tell. */
export const drainText = ({ cut, finished, queued }: DrainReport): string | null => {
  const parts = [
    ...some(finished, "finished"),
    ...some(cut, cut.length === 1 ? "cut off and waits again" : "cut off and wait again"),
    ...(queued === 0 ? [] : [`${counted(queued, "task")} ${queued === 1 ? "waits" : "wait"}`])
  ]
  return parts.length === 0 ? null : parts.join(", ")
}

/** The same as a whole line, for whoever has asked for it. */
export const drainedText = (report: DrainReport): string => {
  const text = drainText(report)
  return report.taken_back === true
    ? `the drain was taken back, and work is started again${text === null ? "" : `: ${text}`}`
    : `drained: ${text ?? "nothing ran, and nothing waits"}`
}
