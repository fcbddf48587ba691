/**
 * The checker, which has to find what is wrong: for each invariant, histories that break it. And it shares
 * nothing with what it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { check, invariants } from "./checker/Checker.ts"
import type { ClientEntry, History, StoreContents, StoredEvent } from "./checker/History.ts"
import { sampleHistory } from "./SampleHistory.ts"

type Break = (store: StoreContents) => Partial<StoreContents>

const store = (change: Break) => (history: History): History => ({
  ...history,
  store: { ...history.store, ...change(history.store) }
})

/** Other values in the rows that fit. */
const where = <A>(all: ReadonlyArray<A>, fits: Partial<A>, change: Partial<A>): ReadonlyArray<A> =>
  all.map((one) =>
    Object.entries(fits).every(([name, value]) => one[name as keyof A] === value) ? { ...one, ...change } : one
  )

const tells = (...entries: ReadonlyArray<Omit<Extract<ClientEntry, { kind: "told" }>, "seq" | "kind">>) =>
(
  history: History
): History => ({
  ...history,
  client: [
    ...history.client,
    ...entries.map((entry, n) => Object.assign({ kind: "told" as const, seq: 100 + n }, entry))
  ]
})

/** One event more, at that place of the log. */
const eventAt = (seq: number, tag: string, id: string, more: Partial<StoredEvent> = {}): Break => ({ events }) => {
  const none = { attempt: null, slot: null, step: null, state: null }
  const added = [...events]
  added.splice(seq - 1, 0, { seq, tag, id, ...none, ...more })
  return { events: added.map((event, index) => Object.assign({}, event, { seq: index + 1 })) }
}

const broken: ReadonlyArray<readonly [invariant: string, what: string, change: (history: History) => History]> = [
  ["I1", "an acknowledged task is gone", (history) => ({
    ...history,
    client: [...history.client, { seq: 9, kind: "acknowledged", key: "k9", id: "t_9" }]
  })],
  ["I1", "a key names two tasks", (history) => ({
    ...history,
    client: [...history.client, { seq: 9, kind: "acknowledged", key: "k1", id: "t_2" }]
  })],
  [
    "I1",
    "a task is there twice",
    store(({ chains }) => ({ chains: [...chains, { ...chains[0]!, seq: 2, key: null }] }))
  ],
  ["I2", "a task is done twice", store(eventAt(10, "Finished", "t_1", { state: "Done" }))],
  ["I2", "a done task waits again", store(eventAt(10, "Requeued", "t_1"))],
  ["I2", "a task is presented that was not run", store(eventAt(2, "Presented", "t_1"))],
  [
    "I2",
    "a task is elsewhere than its events say",
    store(({ tasks }) => ({
      tasks: where(tasks, { id: "t_3" }, { state: "Queued" })
    }))
  ],
  ["I2", "a task starts while it runs", store(eventAt(3, "Started", "t_1", { attempt: 2 }))],
  ["I3", "a number is missing", store(({ attempts }) => ({ attempts: where(attempts, { task: 3 }, { number: 2 }) }))],
  [
    "I3",
    "an attempt is still open",
    store(({ attempts }) => ({
      attempts: where(attempts, { task: 1, number: 1 }, { outcome: "Running" })
    }))
  ],
  [
    "I3",
    "numbers do not rise",
    store(({ events }) => ({
      events: where(events, { tag: "Started", id: "t_1", attempt: 2 }, { attempt: 1 })
    }))
  ],
  [
    "I3",
    "a task is completed twice",
    store(({ attempts }) => ({
      attempts: where(attempts, { task: 1, number: 1 }, { outcome: "Completed" })
    }))
  ],
  ["I3", "a worker was asked once too often", (history) => ({
    ...history,
    log: [...history.log, { event: "prompt", session: "s9", prompt: "again: do <k1>" }]
  })],
  [
    "I4",
    "a slot has two tasks",
    store(({ events }) => ({
      events: where(events, { tag: "Started", id: "t_2", attempt: 1 }, { slot: 1 })
    }))
  ],
  ["I5", "a line of the ledger is missing", store(({ ledger }) => ({ ledger: ledger.slice(0, -1) }))],
  [
    "I5",
    "an attempt is booked twice",
    store(({ ledger }) => ({
      ledger: [...ledger, { ...ledger[2]!, session: null }]
    }))
  ],
  [
    "I5",
    "an attempt is booked that there is not",
    store(({ ledger }) => ({
      ledger: [...ledger, { task: 1, attempt: 7, session: null, cost: 0, exact: true }]
    }))
  ],
  [
    "I5",
    "a task has spent more than its attempts",
    store(({ tasks }) => ({
      tasks: where(tasks, { id: "t_1" }, { spent: 301 })
    }))
  ],
  ["I5", "what nobody asked for is not booked", (history) => ({
    ...history,
    log: [...history.log, { event: "unasked", session: "s1", cost: 0.000001 }]
  })],
  ["I5", "what was cut off is not booked", (history) => ({
    ...history,
    log: [...history.log, { event: "cost", session: "s1", usd: 1000 }]
  })],
  ["I5", "less is booked than a result cost", (history) => ({
    ...history,
    log: [...history.log, { event: "result", session: "s1", cost: 0.000001 }]
  })],
  ["I5", "more is booked than was ever said", (history) => ({
    ...history,
    log: history.log.filter(({ event, session }) => event !== "result" || session !== "s2")
  })],
  ["I5", "more is spent than there is", (history) => ({ ...history, rules: { ...history.rules, cap: 600 } })],
  ["I6", "a task fails once too often", (history) => ({
    ...store(({ attempts }) => ({ attempts: where(attempts, { task: 1, number: 2 }, { outcome: "Failed" }) }))(history),
    rules: { ...history.rules, maxAttempts: 1 }
  })],
  ["I6", "a task is started again after too many crashes", (history) => ({
    ...history,
    rules: { ...history.rules, maxCrashes: 0 }
  })],
  [
    "I7",
    "a step begins before the one above it has ended",
    store(({ events }) => ({
      events: where(events, { tag: "StepFinished", step: "first" }, { seq: 99 })
    }))
  ],
  ["I7", "a step ends twice", store(eventAt(21, "StepFinished", "c_1", { step: "first", state: "Done" }))],
  [
    "I7",
    "a step is answered twice",
    store(({ tasks }) => ({
      tasks: where(tasks, { id: "t_5" }, { key: `c_1/first/${"0".repeat(32)}/0` })
    }))
  ],
  ["I7", "a chain is done without one of its steps", store(({ journal }) => ({ journal: journal.slice(1) }))],
  ["I7", "a chain ends twice", store(eventAt(23, "ChainFinished", "c_1", { state: "Done" }))],
  ["I8", "an end was told that is not on record", tells({ id: "t_3", state: "done" })],
  ["I8", "an answer was told that is not on record", tells({ id: "t_2", state: "done", answer: "something else" })],
  ["I8", "a review was told that there is not", tells({ id: "t_1", state: "review" })],
  ["I8", "a task was told that there is not", tells({ id: "t_9", state: "failed" })],
  ["I9", "a process is left", (history) => ({ ...history, remains: { processes: ["42 sleep"], files: [] } })],
  ["I10", "a file is left", (history) => ({ ...history, remains: { processes: [], files: ["/tmp/claude-pool-x"] } })],
  ["I10", "the store is damaged", store(() => ({ integrity: "row 1 missing from index" }))]
]

describe("the checker", () => {
  it("finds nothing wrong where all is well, nor after a kill that left what the next pool takes away", () => {
    assert.deepStrictEqual(check(sampleHistory), [])
    assert.deepStrictEqual(check({ ...sampleHistory, end: "killed", remains: { processes: [], files: ["lock"] } }), [])
  })

  for (const [invariant, what, change] of broken) {
    it(`${invariant}: refuses a history in which ${what}`, () => {
      const found = check(change(sampleHistory))
      assert.include(found.map((problem) => problem.split(":")[0]), invariant, found.join("\n"))
    })
  }

  it("I9: refuses a history in which a task runs without a pool", () => {
    const { attempts, events, ledger, tasks } = sampleHistory.store
    const running: History = {
      ...sampleHistory,
      store: {
        ...sampleHistory.store,
        tasks: where(tasks, { id: "t_3" }, { state: "Running", spent: 0 }),
        attempts: where(attempts, { task: 3 }, { outcome: "Running" }),
        ledger: ledger.filter(({ task }) => task !== 3),
        events: events.filter(({ tag }) => tag !== "Presented")
      },
      client: sampleHistory.client.slice(0, 6)
    }
    const isOfRunning = (problem: string) => problem.startsWith("I9")
    assert.deepStrictEqual(check({ ...running, end: "killed" }).filter(isOfRunning), [])
    assert.deepStrictEqual(check(running).filter(isOfRunning), ["I9: t_3 runs, and there is no pool"])
  })

  it("has a broken history for each of its invariants", () => {
    assert.sameMembers([...new Set(broken.map(([invariant]) => invariant))], Object.keys(invariants))
  })

  it("shares no code with the program", () => {
    const folder = fileURLToPath(new URL("./checker/", import.meta.url))
    const imports = readdirSync(folder).flatMap((name) =>
      [...readFileSync(`${folder}${name}`, "utf8").matchAll(/from "([^"]+)"/g)].map(([, from]) => from!)
    )
    assert.isAbove(imports.length, 5)
    assert.deepStrictEqual(imports.filter((from) => !from.startsWith("./") && from !== "node:sqlite"), [])
  })
})
