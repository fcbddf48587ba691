/**
 * A store's file, read with statements of its own after its pool has ended.
 */
import { DatabaseSync } from "node:sqlite"
import type { StoreContents, StoredChain, StoredEvent, StoredTask } from "./History.ts"

type Row = Readonly<Record<string, unknown>>
type Body = Readonly<Record<string, unknown>>

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value)

/** The second line of a body is its seal. */
const bodyIn = (row: Row): Body => {
  const body: unknown = JSON.parse(String(row["body"]).split("\n", 1)[0] ?? "")
  if (!isBody(body)) throw new Error(`a body that is no object: ${String(row["body"])}`)
  return body
}

const partOf = (body: Body, name: string): Body => {
  const part = body[name]
  return isBody(part) ? part : {}
}

const listIn = (body: Body, name: string): ReadonlyArray<Body> => {
  const list = body[name]
  return Array.isArray(list) ? list.filter(isBody) : []
}

const textOf = (value: unknown): string | null => typeof value === "string" ? value : null
const numberOf = (value: unknown): number => typeof value === "number" ? value : 0
const numberOrNull = (value: unknown): number | null => typeof value === "number" ? value : null

const taskOf = (row: Row): StoredTask => {
  const body = bodyIn(row)
  const rejections = listIn(body, "rejections")
  const state = partOf(body, "state")
  return {
    seq: numberOf(row["seq"]),
    id: String(row["id"]),
    key: textOf(row["key"]),
    state: String(row["state"]),
    prompt: String(body["prompt"]),
    parent: textOf(row["parent"]),
    attempts: numberOf(body["attempts"]),
    crashes: numberOf(body["crashes"]),
    rejections: rejections.length,
    rejectedAfter: numberOf(rejections.at(-1)?.["attempt"]),
    ownTries: Object.values(partOf(partOf(body, "options"), "retry")).reduce<number>(
      (sum, times) => sum + numberOf(times),
      0
    ),
    summary: textOf(partOf(state, "result")["summary"]),
    spent: numberOf(partOf(body, "spend")["cost"])
  }
}

const eventOf = (row: Row): StoredEvent => {
  const body = partOf(bodyIn(row), "event")
  return {
    seq: numberOf(row["seq"]),
    tag: String(body["_tag"]),
    id: textOf(body["id"]),
    attempt: numberOrNull(body["attempt"]),
    slot: numberOrNull(body["slot"]),
    step: textOf(body["step"]),
    state: textOf(body["state"])
  }
}

/** A step comes after the one above it, unless it says otherwise. */
const chainOf = (row: Row): StoredChain => {
  const body = bodyIn(row)
  const steps = listIn(partOf(body, "definition"), "steps")
  return {
    seq: numberOf(row["seq"]),
    id: String(row["id"]),
    key: textOf(row["key"]),
    state: String(row["state"]),
    resumes: numberOf(body["resumes"]),
    steps: steps.map((step, index) => ({
      name: String(step["name"]),
      after: Array.isArray(step["after"])
        ? step["after"].map(String)
        : index === 0
        ? []
        : [String(steps[index - 1]?.["name"])]
    }))
  }
}

/** Everything that the checker looks at; the file is only read. */
export const readStore = (file: string): StoreContents => {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const rows = (statement: string): ReadonlyArray<Row> => database.prepare(statement).all()
    return {
      integrity: String(rows("PRAGMA integrity_check(1)")[0]?.["integrity_check"]),
      tasks: rows("SELECT seq, id, key, state, parent, body FROM tasks ORDER BY seq").map(taskOf),
      attempts: rows("SELECT task, number, body FROM attempts ORDER BY task, number").map((row) => {
        const body = bodyIn(row)
        return {
          task: numberOf(row["task"]),
          number: numberOf(row["number"]),
          slot: numberOf(body["slot"]),
          outcome: String(partOf(body, "outcome")["_tag"]),
          by: textOf(partOf(body, "outcome")["by"]),
          cost: numberOf(partOf(body, "spend")["cost"])
        }
      }),
      ledger: rows("SELECT task, attempt, session, cost, exact FROM ledger ORDER BY seq").map((row) => ({
        task: numberOf(row["task"]),
        attempt: numberOf(row["attempt"]),
        session: textOf(row["session"]),
        cost: numberOf(row["cost"]),
        exact: row["exact"] === 1
      })),
      events: rows("SELECT seq, body FROM events ORDER BY seq").map(eventOf),
      chains: rows("SELECT seq, id, key, state, body FROM chains ORDER BY seq").map(chainOf),
      groups: rows("SELECT id, key, state, within FROM groups ORDER BY seq").map((row) => ({
        id: String(row["id"]),
        key: textOf(row["key"]),
        state: String(row["state"]),
        within: textOf(row["within"])
      })),
      journal: rows("SELECT chain, key, body FROM journal ORDER BY seq").map((row) => ({
        chain: numberOf(row["chain"]),
        key: String(row["key"]),
        outcome: String(partOf(bodyIn(row), "outcome")["_tag"])
      }))
    }
  } finally {
    database.close()
  }
}
