/**
 * The invariants of what others see: what they were told is on record, and what has ended has left nothing behind.
 */
import type { History } from "./History.ts"
import { isEnd } from "./Work.ts"

/** As clients name them. */
const states: Readonly<Record<string, string>> = {
  queued: "Queued",
  running: "Running",
  review: "InReview",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled"
}

/** I8: an end that somebody was told of is on record, with the same answer, and so is a result that waits for review. */
export const toldIsCommitted = ({ client, store }: History): ReadonlyArray<string> => {
  const works = new Map(
    [...store.tasks, ...store.groups, ...store.chains].map((work) => [work.id, work])
  )
  const summaries = new Map(store.tasks.map((task) => [task.id, task.summary]))
  const presented = new Set(store.events.flatMap(({ id, tag }) => tag === "Presented" ? [id] : []))
  const reopened = new Set(client.flatMap((entry) => entry.kind === "reopened" ? [entry.id] : []))
  return client.flatMap((entry) => {
    if (entry.kind !== "told") return []
    const work = works.get(entry.id)
    const state = states[entry.state]
    if (work === undefined || state === undefined) return [`${entry.id} was told as ${entry.state}, and is not there`]
    if (state === "InReview" && !presented.has(entry.id)) {
      return [`${entry.id} was told to wait for review, and did not`]
    }
    if (!isEnd(state) || reopened.has(entry.id)) return []
    if (work.state !== state) return [`${entry.id} was told as ${state}, and is ${work.state}`]
    const summary = summaries.get(entry.id)
    return entry.answer !== undefined && typeof summary === "string" && summary !== entry.answer
      ? [`${entry.id} was told to have answered ${entry.answer}, and did answer ${summary}`]
      : []
  })
}

/** I9: every process has an owner, and every task that runs has a pool. */
export const nothingRuns = ({ end, remains, store }: History): ReadonlyArray<string> => [
  ...remains.processes.map((one) => `a process is left: ${one}`),
  ...(end === "closed"
    ? store.tasks.filter(({ state }) => state === "Running").map(({ id }) => `${id} runs, and there is no pool`)
    : [])
]

/** I10: nothing is left of what was only there for the time being. */
export const nothingIsLeft = ({ end, remains, store }: History): ReadonlyArray<string> => [
  ...(end === "closed" ? remains.files.map((file) => `left behind: ${file}`) : []),
  ...(store.integrity === "ok" ? [] : [`the store is damaged: ${store.integrity}`])
]
