/**
 * The invariant of chains: a step begins when those before it have ended on record, and is never begun again once it is
 * done.
 */
import type { History, StoredChain, StoredEvent, StoredTask } from "./History.ts"

/** What a task of a chain works on, as its key says: the unit, and the hash of all that went into it. */
const workOf = (task: StoredTask): { readonly unit: string; readonly hash: string } | undefined => {
  const [, unit, hash] = /^c_\w+\/(.*)\/([0-9a-f]{32,64})(?:\/|$)/.exec(task.key ?? "") ?? []
  return unit === undefined || hash === undefined ? undefined : { unit, hash }
}

const stepOf = (unit: string): string => unit.split("/")[0] ?? unit

const firstEvent = (events: ReadonlyArray<StoredEvent>, id: string): number | undefined =>
  events.find((event) => event.id === id && (event.tag === "Submitted" || event.tag === "Started"))?.seq

const inOrder = (chain: StoredChain, tasks: ReadonlyArray<StoredTask>, events: ReadonlyArray<StoredEvent>) => {
  const ended = new Map<string, number>()
  for (const { id, seq, step, tag } of events) {
    if (tag === "StepFinished" && id === chain.id && step !== null && !ended.has(step)) ended.set(step, seq)
  }
  return tasks.flatMap((task) => {
    const work = workOf(task)
    const begun = firstEvent(events, task.id)
    const step = chain.steps.find(({ name }) => work !== undefined && name === stepOf(work.unit))
    if (begun === undefined || step === undefined) return []
    return step.after.flatMap((before) => {
      const end = ended.get(before)
      return end === undefined || end > begun ? [`${chain.id}: ${step.name} began before ${before} had ended`] : []
    })
  })
}

const notRepeated = (chain: StoredChain, tasks: ReadonlyArray<StoredTask>, events: ReadonlyArray<StoredEvent>) => {
  const problems: Array<string> = []
  const answered = tasks.filter(({ state }) => state === "Done").map((task) => JSON.stringify(workOf(task) ?? task.id))
  for (const [at, one] of answered.entries()) {
    if (answered.indexOf(one) !== at) problems.push(`${chain.id}: ${one} was answered twice`)
  }
  if (chain.resumes > 0) return problems
  const done = new Set<string>()
  for (const event of events) {
    if (event.id === chain.id && event.tag === "StepFinished" && event.step !== null) {
      if (done.has(event.step)) problems.push(`${chain.id}: ${event.step} ended twice`)
      if (event.state === "Done") done.add(event.step)
    }
    const task = event.tag === "Started" ? tasks.find(({ id }) => id === event.id) : undefined
    const work = task === undefined ? undefined : workOf(task)
    if (work !== undefined && done.has(work.unit)) problems.push(`${chain.id}: ${work.unit} was run again`)
  }
  return problems
}

const isRecorded = (chain: StoredChain, history: History): ReadonlyArray<string> => {
  if (chain.state !== "Done") return []
  const keys = new Set(history.store.journal.filter((row) => row.chain === chain.seq).map(({ key }) => key))
  return chain.steps.filter(({ name }) => !keys.has(name)).map(({ name }) =>
    `${chain.id} is Done, and ${name} is not on record`
  )
}

/** I7. */
export const stepsFollowEachOther = (history: History): ReadonlyArray<string> => {
  const { chains, events, tasks } = history.store
  const reopened = new Set(history.client.flatMap((entry) => entry.kind === "reopened" ? [entry.id] : []))
  return chains.flatMap((chain) => {
    const own = tasks.filter(({ parent }) => parent === chain.id)
    const ends = events.filter(({ id, tag }) => tag === "ChainFinished" && id === chain.id).length
    const again = ends > 1 && chain.resumes === 0 && !reopened.has(chain.id)
    return inOrder(chain, own, events).concat(
      notRepeated(chain, own, events),
      isRecorded(chain, history),
      again ? [`${chain.id} ended ${ends} times`] : []
    )
  })
}
