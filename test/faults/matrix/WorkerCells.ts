/**
 * Faults of workers, as the simulator plays them: each row is a prompt, and what has to become of it.
 */
import { Effect } from "effect"
import { Census } from "../../support/Census.ts"
import { check } from "../checker/Checker.ts"
import { makeWorld, type OpenOptions, type Reply } from "../World.ts"
import type { Cell, Expected, Moment } from "./Cell.ts"

interface Row {
  readonly fault: string
  readonly moment: Moment
  /** Directives; `KEY` stands for something that is nobody else's. */
  readonly plays: string
  readonly expected: Expected
  readonly args?: Readonly<Record<string, unknown>>
  readonly open?: OpenOptions
}

const ok = "[[say:ok]]"
const inTool = "[[tool:Bash,ms=1]]"
const done = (attempts = 1): Expected => ({ state: "done", attempts })
const failed = (code: string | ReadonlyArray<string>, attempts?: number): Expected => ({
  state: "failed",
  code,
  ...(attempts === undefined ? {} : { attempts })
})

/** A short bound, for faults that consist in nothing happening; not so short that a slow machine is one of them. */
const impatient: OpenOptions = { flags: ["--stall-after=5s"] }

const lines = ["torn", "torn:nul", "torn:utf8", "torn:text", "unknown", "chatter:5000", "flood:8000000", "limit:1"]

const rows: ReadonlyArray<Row> = [
  {
    fault: "CLI exits 0 without a result",
    moment: "m5",
    plays: "[[no-result]]",
    expected: failed(["WorkerLost", "Quarantined"])
  },
  {
    fault: "CLI exits 0 without a result",
    moment: "m6",
    plays: `${inTool} [[fail:1,no-result=0,key=KEY]] ${ok}`,
    expected: done(2)
  },
  { fault: "success that is an error", moment: "m7", plays: "[[error:400]]", expected: failed("RequestRejected", 1) },
  { fault: "success that is an error", moment: "m7", plays: `[[fail:1,error=500,key=KEY]] ${ok}`, expected: done(2) },
  { fault: "result, then the process stays", moment: "m7", plays: `[[linger]] ${ok}`, expected: done() },
  {
    fault: "stdout stops, transcript grows",
    moment: "m5",
    plays: `[[mute]] ${ok}`,
    expected: { state: "done" },
    open: impatient
  },
  {
    fault: "stdout stops, transcript grows",
    moment: "m6",
    plays: `${inTool} [[mute]] ${inTool} ${ok}`,
    expected: { state: "done" },
    open: impatient
  },
  {
    fault: "total silence",
    moment: "m5",
    plays: `[[fail:1,stall=1,key=KEY]] ${ok}`,
    expected: done(2),
    open: impatient
  },
  {
    fault: "announced retries, far apart",
    moment: "m5",
    plays: `[[retry:10,delay=32000,wait=10]] ${ok}`,
    expected: done(),
    open: impatient
  },
  {
    fault: "429",
    moment: "m5",
    plays: `[[fail:1,error=429,retry-after=1,key=KEY]] ${ok}`,
    expected: done(2)
  },
  { fault: "429", moment: "m5", plays: "[[error:429,retry-after=3600]]", expected: { state: "queued", attempts: 1 } },
  { fault: "429", moment: "m5", plays: `[[fail:1,error=429,key=KEY]] ${ok}`, expected: done(2) },
  {
    fault: "429",
    moment: "m5",
    plays: `[[fail:1,error=429,retry-after=Wed 21 Oct 2099,key=KEY]] ${ok}`,
    expected: done(2)
  },
  { fault: "529, then well", moment: "m5", plays: `[[fail:1,error=529,key=KEY]] ${ok}`, expected: done(2) },
  { fault: "credentials", moment: "m5", plays: "[[error:401]]", expected: { state: "queued" } },
  { fault: "credentials", moment: "m5", plays: "[[error:403]]", expected: { state: "queued" } },
  { fault: "credentials", moment: "m5", plays: "[[error:credit]]", expected: { state: "queued" } },
  {
    fault: "credentials",
    moment: "m4",
    plays: ok,
    expected: { state: "queued" },
    open: { env: { CLAUDE_POOL_SIMULATOR: "[[not-logged-in]]" } }
  },
  {
    fault: "stream is cut",
    moment: "m5",
    plays: "[[fail:1,error=connection,key=KEY]] [[say:ok]]",
    expected: done(2)
  },
  ...lines.flatMap((line): ReadonlyArray<Row> => [
    { fault: "broken lines", moment: "m5", plays: `[[${line}]] ${ok}`, expected: done() },
    { fault: "broken lines", moment: "m6", plays: `${inTool} [[${line}]] ${inTool} ${ok}`, expected: done() },
    { fault: "broken lines", moment: "m7", plays: `${ok} [[${line}]]`, expected: done() }
  ]),
  { fault: "broken lines", moment: "m5", plays: `[[torn:open]] [[chatter:1]] ${ok}`, expected: done() },
  { fault: "broken lines", moment: "m7", plays: `${ok} [[second-result]]`, expected: done() },
  { fault: "stderr flood", moment: "m5", plays: `[[stderr:8000000]] ${ok}`, expected: done() },
  { fault: "stderr flood", moment: "m6", plays: `${inTool} [[stderr:8000000]] ${ok}`, expected: done() },
  {
    fault: "stderr flood",
    moment: "m4",
    plays: ok,
    expected: done(),
    open: { env: { CLAUDE_POOL_SIMULATOR: "[[stderr:8000000]]" } }
  },
  {
    fault: "deaf to every signal",
    moment: "m6",
    plays: "[[ignore-term]] [[ignore-interrupt]] [[stall]]",
    args: { timeout_s: 0.5 },
    expected: { state: "failed", code: "TimedOut" }
  },
  { fault: "daemons", moment: "m6", plays: `[[daemon:600]] ${ok}`, expected: done() },
  { fault: "daemons", moment: "m6", plays: `[[daemon:600,hold]] ${ok}`, expected: done() },
  {
    fault: "daemons",
    moment: "m6",
    plays: "[[bash:setsid sh -c \"setsid sleep 600 & sleep 600\" >/dev/null 2>&1 & echo]] [[say:ok]]",
    expected: done()
  },
  {
    fault: "many processes, much memory, full disk",
    moment: "m6",
    plays: `[[bash:for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 600 >/dev/null 2>&1 & done]] ${ok}`,
    expected: done()
  },
  { fault: "many processes, much memory, full disk", moment: "m6", plays: `[[balloon:100]] ${ok}`, expected: done() },
  {
    fault: "many processes, much memory, full disk",
    moment: "m6",
    plays: `[[bash:head -c 20000000 /dev/zero > filler]] ${ok}`,
    expected: done()
  },
  ...["model=claude-other-1", "cwd=/elsewhere", "permissionMode=bypassPermissions", "tools=Bash+Nothing"].map((
    claim
  ): Row => ({
    fault: "wrong start",
    moment: "m4",
    plays: `[[init:${claim}]] ${ok}`,
    args: { model: "haiku" },
    expected: { state: "queued", code: "ConfigMismatch", attempts: 1 }
  })),
  {
    fault: "CLI cannot be used",
    moment: "m4",
    plays: ok,
    expected: { state: "done" },
    open: { env: { CLAUDE_POOL_SIMULATOR: "[[fail:2,start-fail=1]]" } }
  },
  {
    fault: "CLI cannot be used",
    moment: "m3",
    plays: ok,
    expected: { state: "queued" },
    open: { env: { CLAUDE_POOL_SIMULATOR: "[[version:1.0.0]]" } }
  },
  {
    fault: "budget is reached",
    moment: "m5",
    plays: `[[cost:0.9]] ${ok}`,
    args: { budget_usd: 0.5 },
    expected: { state: "failed" }
  },
  { fault: "budget is reached", moment: "m5", plays: "[[budget]]", expected: { state: "failed" } }
]

/** Faults that may make the pool hold back other tasks: they get a pool of their own. */
const alone = new Set([
  "429",
  "credentials",
  "529, then well",
  "CLI cannot be used",
  "CLI exits 0 without a result",
  "success that is an error",
  "wrong start"
])

const differences = (expected: Expected, found: Expected): ReadonlyArray<string> => {
  const codes = expected.code === undefined ? [] : [expected.code].flat()
  return [
    ...(found.state === expected.state ? [] : [`it is ${found.state} (${String(found.code)}), not ${expected.state}`]),
    ...(codes.length === 0 || codes.includes(String(found.code)) ? [] : [`it failed with ${String(found.code)}`]),
    ...(expected.attempts === undefined || expected.attempts === found.attempts
      ? []
      : [`it took ${found.attempts} attempts, not ${expected.attempts}`])
  ]
}

const isUntried = (reply: Reply): boolean =>
  reply["state"] === "running" || (reply["state"] === "queued" && reply["error"] === undefined)

/** Plays rows side by side in one pool, and says of each what was not as expected. */
const playRows = Effect.fnUntraced(function*(rows: ReadonlyArray<Row>) {
  const world = yield* makeWorld
  const found = yield* Effect.scoped(Effect.gen(function*() {
    const pool = yield* world.open({ slots: Math.min(8, rows.length + 1), ...rows[0]?.open })
    const replies = rows.map((row, n) =>
      pool.run({
        key: `k${n}`,
        token: `<k${n}>`,
        tool: "pool_submit",
        args: { prompt: `${row.plays.replaceAll("KEY", `k${n}`)} <k${n}>`, ...row.args }
      })
    )
    const ids = (yield* Effect.all(replies, { concurrency: "unbounded" })).map(({ id }) => String(id))
    const [first] = rows
    // What is expected to wait has been tried once.
    if (first?.expected.state === "queued") {
      for (const id of ids) {
        while (isUntried(yield* pool.ask("pool_result", { id }))) yield* Census.pass
      }
    } else yield* pool.ask("pool_wait", { ids, wait_s: 44 })
    const results = yield* Effect.forEach(ids, (id) => pool.ask("pool_result", { id }))
    yield* pool.close
    return results
  }))
  const history = yield* world.history("closed")
  const breaches = check(history)
  return rows.map((row, n): ReadonlyArray<string> => {
    const { error, id, state } = found[n] ?? {}
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined
    const attempts = history.store.tasks.find((task) => task.id === id)?.attempts ?? 0
    const result = { state: state as Expected["state"], attempts, ...(code === undefined ? {} : { code }) }
    return [...differences(row.expected, result), ...breaches]
  })
})

/** Cells that share a pool are played together, when the first of them is asked for. */
const groups = (): ReadonlyArray<ReadonlyArray<Row>> => {
  const together = new Map<string, Array<Row>>()
  for (const [index, row] of rows.entries()) {
    const name = alone.has(row.fault) || row.open?.env !== undefined ? `${index}` : JSON.stringify(row.open ?? {})
    together.set(name, [...together.get(name) ?? [], row])
  }
  return [...together.values()]
}

export const workerCells: ReadonlyArray<Cell> = groups().flatMap((group) => {
  let played: Promise<ReadonlyArray<ReadonlyArray<string>>> | undefined
  return group.map((row, n): Cell => ({
    fault: row.fault,
    moment: row.moment,
    means: "F",
    variant: row.plays.replaceAll("[[", "").replaceAll("]]", "").slice(0, 50),
    expects: [row.expected.state, row.expected.code, row.expected.attempts].filter((one) => one !== undefined).join(
      " "
    ),
    play: () =>
      Effect.promise(async () => {
        played ??= Effect.runPromise(Effect.scoped(playRows(group)))
        return (await played)[n] ?? ["it was not played"]
      })
  }))
})
