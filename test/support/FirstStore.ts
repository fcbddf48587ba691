/**
 * A store as the first release wrote it, with a task in each state: one that is done, with its answer and what it cost,
 * one that is tried again, one that was cancelled, and one that runs.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { firstStep } from "../../src/services/store/tables/FirstStep.ts"

const options = { permissions: "edit", cwd: "/w", inherit: "none", budget: 1000000, timeout: 600000 }
const spend = (cost: number, turns: number) => ({
  cost,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  turns,
  exact: true
})
const gone = { _tag: "WorkerLost", detail: "gone" }

const tasks = [
  {
    id: "t_1000000000000000",
    prompt: "\u0000 and \ud800 \"quoted\"",
    key: "k",
    options: { name: "n", tags: ["t"], ...options },
    submittedAt: 1,
    state: {
      _tag: "Done",
      finishedAt: 2,
      result: { summary: "", outputChars: 12, session: "s", model: null, denials: [] }
    },
    attempts: 1,
    crashes: 0,
    tries: 0,
    spend: spend(12, 1),
    version: 3
  },
  {
    id: "t_2000000000000000",
    prompt: "task 2",
    key: null,
    options,
    submittedAt: 2,
    state: { _tag: "Queued", notBefore: 5000, lastFailure: gone },
    attempts: 1,
    crashes: 0,
    tries: 1,
    spend: spend(30, 1),
    version: 3
  },
  {
    id: "t_3000000000000000",
    prompt: "task 3",
    key: null,
    options,
    submittedAt: 3,
    state: { _tag: "Cancelled", finishedAt: 3, note: "enough" },
    attempts: 0,
    crashes: 0,
    tries: 0,
    spend: spend(0, 0),
    version: 2
  },
  {
    id: "t_4000000000000000",
    prompt: "task 4",
    key: null,
    options,
    submittedAt: 4,
    state: { _tag: "Running", attempt: 1, slot: 1, startedAt: 1 },
    attempts: 1,
    crashes: 0,
    tries: 0,
    spend: spend(0, 0),
    version: 2
  }
]

const attempt = (task: number, finishedAt: number | null, outcome: object, session: string | null, cost: number) => ({
  task: tasks[task - 1]?.id,
  number: 1,
  slot: 1,
  startedAt: 1,
  finishedAt,
  outcome,
  session,
  model: null,
  spend: spend(cost, cost === 0 ? 0 : 1)
})

export const makeFirstStore = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const run = (statement: string) => sql.unsafe(statement).unprepared
  yield* Effect.forEach(firstStep, run, { discard: true })

  yield* Effect.forEach(tasks, (task, index) => {
    const { finishedAt = null, notBefore = null } = task.state
    const row = {
      id: task.id,
      key: task.key,
      version: task.version,
      state: task.state._tag,
      name: task.options === options ? null : "n",
      submitted_at: task.submittedAt,
      finished_at: finishedAt,
      not_before: notBefore,
      body: JSON.stringify(task)
    }
    const ways = index === 0 ? [["", ""], ["", "n"], ["t", ""], ["t", "n"]] : [["", ""]]
    const listings = ways.map(([tag, name]) => ({ tag, name, state: row.state, task: index + 1 }))
    return Effect.all([
      sql`INSERT INTO tasks ${sql.insert(row)}`,
      ...listings.map((listing) => sql`INSERT INTO listings ${sql.insert(listing)}`),
      sql`INSERT INTO events ${sql.insert({ at: 1, body: JSON.stringify({ _tag: "Submitted", id: task.id }) })}`
    ])
  })

  const attempts = [
    [1, "s", attempt(1, 2, { _tag: "Completed" }, "s", 12)],
    [2, null, attempt(2, 2, { _tag: "Failed", reason: gone }, null, 30)],
    [4, null, attempt(4, null, { _tag: "Running" }, null, 0)]
  ] as const
  yield* Effect.forEach(
    attempts,
    ([task, session, body]) =>
      sql`INSERT INTO attempts ${sql.insert({ task, number: 1, session, body: JSON.stringify(body) })}`
  )
  yield* sql`INSERT INTO outputs ${sql.insert({ task: 1, body: JSON.stringify("the answer \ud800") })}`
  yield* Effect.forEach([[1, "s", 12], [2, null, 30]] as const, ([task, session, cost]) => {
    const { exact, ...money } = spend(cost, 1)
    return sql`INSERT INTO ledger ${sql.insert({ task, attempt: 1, at: 2, session, ...money, exact: Number(exact) })}`
  })
  yield* run(`PRAGMA application_id = ${0x636c706f}`)
  yield* run("PRAGMA user_version = 1")
})
