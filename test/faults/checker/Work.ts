/**
 * The invariants of tasks and slots: each is in one state, came there by allowed steps, was run by one slot at a time,
 * and was not tried more often than it may.
 */
import type { History, StoredEvent, StoredTask } from "./History.ts"

const inReview = "InReview"

/** Where each event leads, and from where it may come; a task that came with a group has no event of its own at first. */
const edges: Readonly<Record<string, { readonly from: ReadonlyArray<string>; readonly to: string | null }>> = {
  Submitted: { from: ["none"], to: "Queued" },
  Started: { from: ["none", "Queued"], to: "Running" },
  Requeued: { from: ["Running", inReview], to: "Queued" },
  Presented: { from: ["Running"], to: inReview },
  Finished: { from: ["none", "Queued", "Running", inReview], to: null }
}

const ends = new Set(["Done", "Failed", "Cancelled"])

export const isEnd = (state: string): boolean => ends.has(state)

const byId = <A extends { readonly id: string | null }>(
  all: ReadonlyArray<A>
): ReadonlyMap<string, ReadonlyArray<A>> => {
  const found = new Map<string, Array<A>>()
  for (const one of all) {
    if (one.id === null) continue
    const same = found.get(one.id)
    if (same === undefined) found.set(one.id, [one])
    else same.push(one)
  }
  return found
}

const taskEvents = (history: History) =>
  byId(history.store.events.filter(({ id, tag }) => id?.startsWith("t_") === true && edges[tag] !== undefined))

/** I1: what was acknowledged is there, once, and in one state; nobody else is in the place of it. */
export const acknowledgedIsThere = ({ client, store }: History): ReadonlyArray<string> => {
  const works = [...store.tasks, ...store.chains, ...store.groups]
  const found = byId(works)
  const byKey = new Map<string, string>()
  const problems: Array<string> = []
  for (const entry of client) {
    if (entry.kind !== "acknowledged") continue
    const same = found.get(entry.id) ?? []
    if (same.length !== 1) problems.push(`${entry.id} was acknowledged, and is there ${same.length} times`)
    const before = byKey.get(entry.key)
    if (before !== undefined && before !== entry.id) problems.push(`key ${entry.key} is ${before} and ${entry.id}`)
    byKey.set(entry.key, entry.id)
    if (same.some(({ key }) => key !== null && key !== entry.key)) problems.push(`${entry.id} has the key of another`)
  }
  const keys = works.flatMap(({ key }) => key === null ? [] : [key])
  return [...problems, ...keys.filter((key, at) => keys.indexOf(key) !== at).map((key) => `key ${key} is there twice`)]
}

const walk = (task: StoredTask | undefined, id: string, events: ReadonlyArray<StoredEvent>): ReadonlyArray<string> => {
  const problems: Array<string> = []
  let state = "none"
  for (const event of events) {
    const edge = edges[event.tag]!
    if (!edge.from.includes(state)) problems.push(`${id}: ${event.tag} while ${state} (event ${event.seq})`)
    state = edge.to ?? event.state ?? "nothing"
  }
  const expected = state === "none" ? "Queued" : state
  if (task !== undefined && task.state !== expected) {
    problems.push(`${id} is ${task.state}, and its events end in ${expected}`)
  }
  return problems
}

/** I2: the log of events knows only allowed steps, the last of which leads to where the task is; an end is final. */
export const stepsAreAllowed = (history: History): ReadonlyArray<string> => {
  const events = taskEvents(history)
  const tasks = new Map(history.store.tasks.map((task) => [task.id, task]))
  const ids = new Set([...events.keys(), ...tasks.keys()])
  return [...ids].flatMap((id) => walk(tasks.get(id), id, events.get(id) ?? []))
}

/** I3: attempts have rising numbers, one at a time runs, and each has one end. */
export const attemptsFollowEachOther = (history: History): ReadonlyArray<string> => {
  const { attempts, tasks } = history.store
  const events = taskEvents(history)
  return tasks.flatMap((task) => {
    const own = attempts.filter((attempt) => attempt.task === task.seq)
    const problems: Array<string> = []
    if (own.some(({ number }, index) => number !== index + 1) || own.length !== task.attempts) {
      problems.push(`${task.id} has the attempts ${own.map(({ number }) => number).join()} of ${task.attempts}`)
    }
    const running = own.filter(({ outcome }) => outcome === "Running").map(({ number }) => number)
    const expected = task.state === "Running" ? [task.attempts] : []
    if (running.join() !== expected.join()) {
      problems.push(`${task.id} is ${task.state}, and its attempts ${running.join() || "none"} run`)
    }
    const started = (events.get(task.id) ?? []).flatMap(({ attempt, tag }) => tag === "Started" ? [attempt ?? 0] : [])
    if (started.some((number, index) => number <= (started[index - 1] ?? 0))) {
      problems.push(`${task.id} began its attempts in the order ${started.join()}`)
    }
    const completed = own.filter(({ outcome }) => outcome === "Completed").length
    if (completed > 1 + task.rejections) problems.push(`${task.id} was completed ${completed} times`)
    return problems
  })
}

/** I3, as the workers saw it: none was given a prompt more often than there were attempts. */
export const promptsAreAttempts = ({ client, log, store }: History): ReadonlyArray<string> => {
  const prompts = log.flatMap(({ event, prompt }) => event === "prompt" && prompt !== undefined ? [prompt] : [])
  return client.flatMap((entry) => {
    if (entry.kind !== "sent") return []
    const asked = prompts.filter((prompt) => prompt.includes(entry.token)).length
    const attempts = store.tasks.filter(({ prompt }) => prompt.includes(entry.token)).reduce(
      (sum, task) => sum + task.attempts,
      0
    )
    return asked > attempts ? [`${entry.key}: workers were asked ${asked} times, in ${attempts} attempts`] : []
  })
}

/** I4: a slot has one task at a time, and a task one slot. */
export const slotsAreExclusive = (history: History): ReadonlyArray<string> => {
  const holders = new Map<number, string>()
  const problems: Array<string> = []
  for (const { id, seq, slot, tag } of history.store.events) {
    if (id === null || edges[tag] === undefined) continue
    if (tag !== "Started") {
      for (const [held, by] of holders) if (by === id) holders.delete(held)
      continue
    }
    if (slot === null) continue
    const other = holders.get(slot)
    if (other !== undefined) problems.push(`slot ${slot} has ${other}, and is given ${id} (event ${seq})`)
    for (const [held, by] of holders) if (by === id) problems.push(`${id} has slot ${held}, and is given ${slot}`)
    holders.set(slot, id)
  }
  return problems
}

/** I6: a task fails no more often than it may be tried, and is not started again after too many crashes of its pool. */
export const triesAreCounted = ({ rules, store }: History): ReadonlyArray<string> =>
  store.tasks.flatMap((task) => {
    const own = store.attempts.filter((attempt) => attempt.task === task.seq)
    const failed = own.filter(({ number, outcome }) => outcome === "Failed" && number > task.rejectedAfter).length
    const most = Math.max(rules.maxAttempts, 1 + task.ownTries)
    const crashed = own.filter(({ by }) => by === "crash").length
    return [
      ...(failed > most ? [`${task.id} failed ${failed} times, and may be tried ${most} times`] : []),
      ...(crashed > rules.maxCrashes ? [`${task.id} was cut off by ${crashed} crashes`] : [])
    ]
  })
