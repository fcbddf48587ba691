/**
 * Faults of too much at once: a worker that reads nothing of a long prompt, lines without an end, others at work in the
 * store's file, slots that come and go, a limit that everybody meets.
 */
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Census } from "../../support/Census.ts"
import { check } from "../checker/Checker.ts"
import type { LogEntry } from "../checker/History.ts"
import type { Draw } from "../Seed.ts"
import { type Connection, makeWorld, type OpenOptions, type Work, type World } from "../World.ts"
import type { Cell } from "./Cell.ts"

const noSpares = ["--hot-spares=false"]

const taskOf = (key: string, prompt: string, args: object = {}): Work => ({
  key,
  token: `<${key}>`,
  tool: "pool_submit",
  args: { prompt: `${prompt} <${key}>`, ...args }
})

type Play = (world: World, pool: Connection, draw: Draw) => Effect.Effect<ReadonlyArray<string>>

const inWorld = (play: Play, options: OpenOptions = {}): Cell["play"] =>
  Effect.fnUntraced(function*(draw) {
    const world = yield* makeWorld
    const found = yield* Effect.scoped(Effect.gen(function*() {
      const pool = yield* world.open({ slots: 2, flags: noSpares, ...options })
      const problems = yield* play(world, pool, draw)
      yield* pool.close
      return problems
    }))
    return [...found, ...check(yield* world.history("closed"))]
  })

const endOf = Effect.fnUntraced(function*(pool: Connection, id: unknown) {
  yield* pool.ask("pool_wait", { ids: [id], wait_s: 25 })
  return yield* pool.ask("pool_result", { id })
})

/** What is not done of all these works. */
const allDone = Effect.fnUntraced(function*(pool: Connection, works: ReadonlyArray<Work>) {
  const replies = yield* Effect.forEach(works, (work) => pool.run(work), { concurrency: "unbounded" })
  const ends = yield* Effect.forEach(replies, ({ id }) => endOf(pool, id))
  return ends.flatMap((end) => end["state"] === "done" ? [] : [`it is ${JSON.stringify(end)}`])
})

const million = 1_000_000

/**
 * A prompt that no pipe holds, to a process that reads no more; then another on the same slot. The first process is asked
 * for its version, and the second is the one. Where the time of a task is over before that has begun, there is another.
 */
const unread = inWorld(
  Effect.fnUntraced(function*(world, pool) {
    const problems: Array<string> = []
    for (let time = 0; !world.log().some(({ event }) => event === "start"); time++) {
      const { id } = yield* pool.run(taskOf(`victim${time}`, "x".repeat(million - 100), { timeout_s: 1 }))
      const { error, state } = yield* endOf(pool, id)
      const isOver = state === "failed" && JSON.stringify(error).includes("TimedOut")
      if (!isOver) problems.push(`it is ${String(state)}: ${JSON.stringify(error)}`)
    }
    return [...problems, ...yield* allDone(pool, [taskOf("next", "[[say:ok]]")])]
  }),
  { slots: 1, env: { CLAUDE_POOL_SIMULATOR: "[[fail:2,unread]]" } }
)

/** Four times as long as anything a worker is known to have written in one line. */
const longLine = inWorld((_, pool) => allDone(pool, [taskOf("victim", `[[flood:${64 * million}]] [[say:ok]]`)]))

/** Somebody else's connection has begun what keeps others from it; it ends only after the pool has met it. */
const besides = (begin: string, isMet: (world: World) => Effect.Effect<unknown>) =>
  inWorld(Effect.fnUntraced(function*(world, pool) {
    const other = new DatabaseSync(join(world.store, "store.db"))
    try {
      other.exec(begin)
      const work = taskOf("victim", "[[cost:0.001]] [[say:ok]]")
      const asked = yield* pool.start(work)
      yield* isMet(world)
      other.exec("COMMIT")
      const { id } = yield* pool.reply(asked)
      const { state } = yield* endOf(pool, id)
      return state === "done" ? [] : [`it is ${String(state)}`]
    } finally {
      other.close()
    }
  }))

const aWhile = Effect.gen(function*() {
  for (let turn = 0; turn < 200; turn++) yield* Census.pass
})

/** Slots come and go under load, as fast as it can be asked for. */
const storm = inWorld(
  Effect.fnUntraced(function*(_, pool, draw) {
    const works = Array.from(
      { length: 12 },
      (_, n) => taskOf(`k${n}`, `[[delay:${draw(60)}]] [[cost:0.00${1 + draw(9)}]] [[say:ok]]`)
    )
    const scaling = Effect.forEach(
      Array.from({ length: 24 }, () => draw(3) === 0 ? { by: draw(2) === 0 ? 3 : -3 } : { slots: 1 + draw(8) }),
      (change) => pool.ask("pool_scale", change)
    )
    const [problems] = yield* Effect.all([allDone(pool, works), scaling], { concurrency: "unbounded" })
    const { slots, target } = yield* pool.ask("pool_scale", { slots: 2 })
    return [...problems, ...(slots === undefined && target === undefined ? ["it was not scaled"] : [])]
  }),
  { flags: [...noSpares, "--toolsets=default,scale", "--max-slots=8"] }
)

/** How many were asked at once while the limit was known and not lifted: from its first meeting to the first answer. */
const askedAtOnce = (log: ReadonlyArray<LogEntry>): number => {
  let most = 0
  const under = new Set<string>()
  let isHeld = false
  for (const { cost, event, session = "" } of log) {
    if (event === "prompt") {
      under.add(session)
      if (isHeld) most = Math.max(most, under.size)
    }
    if (event === "result") {
      under.delete(session)
      if ((cost ?? 0) > 0) return most
      isHeld = true
    }
  }
  return most
}

/** More tasks than slots meet one limit: after it is known, one at a time looks whether it is over. */
const onePause = inWorld(
  Effect.fnUntraced(function*(world, pool) {
    const first = yield* pool.run(taskOf("first", "[[fail:1,error=429,retry-after=1,key=a]] [[say:ok]]"))
    yield* world.logged((log) => log.some(({ event }) => event === "result"))
    // What a worker has said is known to the pool once its task has left the slot.
    yield* Effect.repeat(pool.ask("pool_result", { id: first["id"] }), { until: ({ state }) => state !== "running" })
    const works = Array.from(
      { length: 6 },
      (_, n) => taskOf(`k${n}`, "[[fail:2,error=429,retry-after=1,key=b]] [[say:ok]]")
    )
    const problems = yield* allDone(pool, works)
    const { state } = yield* endOf(pool, first["id"])
    const most = askedAtOnce(world.log())
    return [
      ...problems,
      ...(state === "done" ? [] : [`the first is ${String(state)}`]),
      ...(most <= 1 ? [] : [`${most} were asked at once while there was a limit`])
    ]
  }),
  { slots: 4 }
)

/** Somebody writes the file that a step waits for, and changes what all are to know, before the next step begins. */
const go = (world: World) => Effect.sync(() => writeFileSync(join(world.directory, "go"), ""))

const changedContext = inWorld(
  Effect.fnUntraced(function*(world, pool) {
    const set = (value: string) => pool.ask("pool_context", { op: "set", key: "branch", value })
    yield* set("at first")
    const steps = [
      { name: "one", prompt: "[[await:go]] [[say:ok]] <victim>" },
      { name: "two", prompt: "[[say:ok]] <victim>" }
    ]
    const { id } = yield* pool.run({ key: "victim", token: "<victim>", tool: "pool_submit_chain", args: { steps } })
    yield* world.logged((log) => log.some(({ event }) => event === "prompt"))
    yield* set("later on")
    yield* go(world)
    yield* pool.ask("pool_wait", { ids: [id], wait_s: 25 })
    const told = world.log().flatMap(({ briefing, event }) => event === "prompt" ? [briefing ?? ""] : [])
    return told.length === 2 && told.every((text) => text.includes("at first") && !text.includes("later on"))
      ? []
      : [`its steps were told ${JSON.stringify(told)}`]
  }),
  { flags: [...noSpares, "--toolsets=default,context"] }
)

const callers = 200

/** Connections to the pool's own socket that say half a word, or nothing, and read nothing. */
const silentCallers = inWorld((world, pool) =>
  Effect.scoped(Effect.gen(function*() {
    const { socket: path } = JSON.parse(readFileSync(join(world.store, "socket.json"), "utf8")) as { socket: string }
    for (let number = 0; number < callers; number++) {
      yield* Effect.acquireRelease(
        Effect.callback<Socket>((resume) => {
          const socket = connect(path, () => resume(Effect.succeed(socket)))
          socket.on("error", () => resume(Effect.succeed(socket)))
          if (number % 2 === 0) socket.write("{\"half\":")
          socket.pause()
        }),
        (socket) => Effect.sync(() => socket.destroy())
      )
    }
    return yield* allDone(pool, [taskOf("victim", "[[say:ok]]")])
  }))
)

const cell = (
  fault: string,
  moment: Cell["moment"],
  means: Cell["means"],
  expects: string,
  play: Cell["play"],
  variant?: string
): Cell => ({ fault, moment, means, expects, play, ...(variant === undefined ? {} : { variant }) })

const unseen = "nobody sees anything of it"

export const pressureCells: ReadonlyArray<Cell> = [
  cell("stdin is never read", "m5", "F", "its time ends it, and its slot goes on", unread),
  cell("broken lines", "m5", "F", "it is read over", longLine, "64 MB"),
  cell("others use the store", "m1", "O", unseen, besides("BEGIN IMMEDIATE", () => aWhile), "a writer"),
  cell(
    "others use the store",
    "m7",
    "O",
    unseen,
    besides(
      "BEGIN; SELECT count(*) FROM tasks",
      (world) => world.logged((log) => log.some(({ event }) => event === "result"))
    ),
    "a reader"
  ),
  cell("callers that say nothing", "m8", "O", unseen, silentCallers),
  cell("scale storm", "m5", "O", "all is done, once, and nothing is left", storm),
  cell("429", "m5", "F", "one pause, and one at a time that looks", onePause, "met by seven"),
  cell("shared context changes", "m9", "O", "the chain goes on with what there was at its beginning", changedContext)
]
