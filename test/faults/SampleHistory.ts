/**
 * A history in which all is well: a task that failed once and was then done, one that a kill cut off, one in review, and a
 * chain of two steps. Tests break it in one place.
 */
import type { History, StoredAttempt, StoredEvent, StoredTask } from "./checker/History.ts"

const hash = "0".repeat(32)

const task = (seq: number, id: string, state: string, more: Partial<StoredTask> = {}): StoredTask => ({
  seq,
  id,
  key: `k${seq}`,
  state,
  prompt: `do <k${seq}>`,
  parent: null,
  attempts: 1,
  crashes: 0,
  rejections: 0,
  rejectedAfter: 0,
  ownTries: 0,
  summary: state === "Done" ? `did ${seq}` : null,
  spent: 100,
  ...more
})

const attempt = (
  of: number,
  number: number,
  outcome: string,
  cost: number,
  by: string | null = null
): StoredAttempt => ({
  task: of,
  number,
  slot: 1,
  outcome,
  by,
  cost
})

type Told = Partial<Omit<StoredEvent, "seq" | "tag" | "id">>

const nothing = { attempt: null, slot: null, step: null, state: null }

const events = (...all: ReadonlyArray<readonly [tag: string, id: string, more?: Told]>): ReadonlyArray<StoredEvent> =>
  all.map(([tag, id, more], index) => Object.assign({ seq: index + 1, tag, id }, nothing, more))

const started = (id: string, number: number, slot: number) => ["Started", id, { attempt: number, slot }] as const
const done = (id: string) => ["Finished", id, { state: "Done" }] as const

export const sampleHistory: History = {
  client: [
    { seq: 0, kind: "sent", key: "k1", token: "<k1>" },
    { seq: 1, kind: "acknowledged", key: "k1", id: "t_1" },
    { seq: 2, kind: "sent", key: "k2", token: "<k2>" },
    { seq: 3, kind: "acknowledged", key: "k2", id: "t_2" },
    { seq: 4, kind: "acknowledged", key: "k5", id: "c_1" },
    { seq: 5, kind: "told", id: "t_1", state: "done", answer: "did 1" },
    { seq: 6, kind: "told", id: "t_3", state: "review" }
  ],
  store: {
    integrity: "ok",
    tasks: [
      task(1, "t_1", "Done", { attempts: 2, spent: 300 }),
      task(2, "t_2", "Done", { attempts: 2, crashes: 1 }),
      task(3, "t_3", "InReview"),
      task(4, "t_4", "Done", { key: `c_1/first/${hash}/0`, parent: "c_1" }),
      task(5, "t_5", "Done", { key: `c_1/second/${hash}/0`, parent: "c_1" })
    ],
    attempts: [
      attempt(1, 1, "Failed", 100),
      attempt(1, 2, "Completed", 200),
      attempt(2, 1, "Interrupted", 0, "crash"),
      attempt(2, 2, "Completed", 100),
      attempt(3, 1, "Completed", 100),
      attempt(4, 1, "Completed", 100),
      attempt(5, 1, "Completed", 100)
    ],
    ledger: [
      { task: 1, attempt: 1, session: "s1", cost: 100, exact: true },
      { task: 1, attempt: 2, session: "s1", cost: 200, exact: true },
      { task: 2, attempt: 1, session: "s2", cost: 0, exact: false },
      { task: 2, attempt: 2, session: "s2", cost: 100, exact: true },
      { task: 3, attempt: 1, session: "s3", cost: 100, exact: true },
      { task: 4, attempt: 1, session: "s4", cost: 100, exact: true },
      { task: 5, attempt: 1, session: "s5", cost: 100, exact: true }
    ],
    events: events(
      ["Submitted", "t_1"],
      started("t_1", 1, 1),
      ["Submitted", "t_2"],
      started("t_2", 1, 2),
      ["Requeued", "t_1"],
      ["Requeued", "t_2"],
      started("t_1", 2, 1),
      started("t_2", 2, 2),
      done("t_1"),
      done("t_2"),
      ["Submitted", "t_3"],
      started("t_3", 1, 1),
      ["Presented", "t_3"],
      ["Submitted", "t_4"],
      started("t_4", 1, 1),
      done("t_4"),
      ["StepFinished", "c_1", { step: "first", state: "Done" }],
      ["Submitted", "t_5"],
      started("t_5", 1, 1),
      done("t_5"),
      ["StepFinished", "c_1", { step: "second", state: "Done" }],
      ["ChainFinished", "c_1", { state: "Done" }]
    ),
    chains: [{
      seq: 1,
      id: "c_1",
      key: "k5",
      state: "Done",
      resumes: 0,
      steps: [{ name: "first", after: [] }, { name: "second", after: ["first"] }]
    }],
    groups: [],
    journal: [{ chain: 1, key: "first", outcome: "Done" }, { chain: 1, key: "second", outcome: "Done" }]
  },
  log: [
    { event: "prompt", session: "s1", prompt: "do <k1>" },
    { event: "result", session: "s1", cost: 0.0001 },
    { event: "prompt", session: "s1", prompt: "do <k1>" },
    { event: "result", session: "s1", cost: 0.0002 },
    { event: "prompt", session: "s2", prompt: "do <k2>" },
    { event: "result", session: "s2", cost: 0.0001 },
    { event: "prompt", session: "s2", prompt: "do <k2>" },
    { event: "result", session: "s2", cost: 0.0001 },
    ...["s3", "s4", "s5"].map((session) => ({ event: "result", session, cost: 0.0001 }))
  ],
  remains: { processes: [], files: [] },
  end: "closed",
  rules: { maxAttempts: 3, maxCrashes: 3, cap: 1000, reservation: 0 }
}
