/**
 * The invariants of money: what is on record is what the workers said, and no more than was allowed.
 */
import type { History } from "./History.ts"

const micros = (usd: number): number => Math.round(usd * 1e6)

const sum = (amounts: ReadonlyArray<number>): number => amounts.reduce((total, amount) => total + amount, 0)

/** Those that name a session, by it. */
const bySession = <A extends { readonly session?: string | null }>(all: ReadonlyArray<A>) => {
  const found = new Map<string, Array<A>>()
  for (const one of all) {
    if (typeof one.session !== "string") continue
    const same = found.get(one.session)
    if (same === undefined) found.set(one.session, [one])
    else same.push(one)
  }
  return found
}

/** I5: an attempt that has ended has one line in the ledger, with what it cost; one that has not has none. */
export const ledgerIsOfAttempts = ({ store }: History): ReadonlyArray<string> => {
  const known = new Set(store.tasks.map(({ seq }) => seq))
  const lines = new Map<string, number>()
  const problems: Array<string> = []
  for (const { attempt, cost, task } of store.ledger) {
    const name = `${task}/${attempt}`
    if (lines.has(name)) problems.push(`attempt ${name} is twice in the ledger`)
    lines.set(name, cost)
  }
  for (const { cost, number, outcome, task } of store.attempts) {
    const name = `${task}/${number}`
    const booked = lines.get(name)
    lines.delete(name)
    const due = outcome === "Running" ? undefined : cost
    if (booked !== due) problems.push(`attempt ${name} cost ${due ?? "nothing yet"}, and the ledger has ${booked}`)
  }
  for (const name of lines.keys()) {
    if (known.has(Number(name.split("/")[0]))) problems.push(`the ledger has ${name}, and there is no such attempt`)
  }
  return problems
}

/** I5: a task has spent what its attempts have. */
export const tasksSpendAsAttempts = ({ store }: History): ReadonlyArray<string> =>
  store.tasks.flatMap((task) => {
    const cost = sum(
      store.attempts.filter((attempt) => attempt.task === task.seq && attempt.outcome !== "Running").map((one) =>
        one.cost
      )
    )
    return cost === task.spent ? [] : [`${task.id} has spent ${task.spent}, and its attempts ${cost}`]
  })

/**
 * I5: what is booked for a session is what its turns cost, to the micro-dollar, also of those that nobody asked for, and of
 * those that were cut off before they said so. Where the ledger says that there may be more, no more than that is booked.
 */
export const ledgerIsOfResults = ({ log, store }: History): ReadonlyArray<string> => {
  const costs = bySession(log.filter(({ event }) => event === "result" || event === "unasked"))
  const meters = bySession(log.filter(({ event }) => event === "cost"))
  return [...bySession(store.ledger)].flatMap(([session, lines]) => {
    const said = sum((costs.get(session) ?? []).map(({ cost }) => micros(cost ?? 0)))
    const spent = Math.max(said, ...(meters.get(session) ?? []).map(({ usd }) => micros(usd ?? 0)))
    const booked = sum(lines.map(({ cost }) => cost))
    const isWhole = lines.every(({ exact }) => exact)
    return isWhole ?
      booked === spent ? [] : [`session ${session} cost ${spent}, and ${booked} is booked`] :
      booked > spent
      ? [`session ${session} cost ${spent} at most, and ${booked} is booked`]
      : []
  })
}

/** I5: no more is spent than there is, but for what the last turn cost beyond its limit. */
export const capHolds = ({ rules, store }: History): ReadonlyArray<string> => {
  const spent = sum(store.ledger.map(({ cost }) => cost))
  return rules.cap !== null && spent > rules.cap + rules.reservation
    ? [`${spent} is spent of ${rules.cap}, with ${rules.reservation} reserved`]
    : []
}
