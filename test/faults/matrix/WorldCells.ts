/**
 * Faults around the pool: its workers are killed, its client stops to read, its descriptors or its money run out, the
 * power goes, a step of a chain says what could be taken for something else.
 */
import { Effect } from "effect"
import { copyFileSync, existsSync, mkdirSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Census } from "../../support/Census.ts"
import { check } from "../checker/Checker.ts"
import { readStore } from "../checker/StoreFile.ts"
import type { Draw } from "../Seed.ts"
import { type Connection, makeWorld, type Reply, type Work, type World } from "../World.ts"
import type { Cell, Moment } from "./Cell.ts"

const base = { slots: 2, flags: ["--hot-spares=false", "--shutdown-grace=300ms"] }

const task = (prompt: string, args: object = {}): Work => ({
  key: "victim",
  token: "<victim>",
  tool: "pool_submit",
  args: { prompt: `${prompt} <victim>`, ...args }
})

const go = (world: World) => Effect.sync(() => writeFileSync(join(world.directory, "go"), ""))

const notDone = (reply: Reply): ReadonlyArray<string> =>
  reply["state"] === "done" ? [] : [`it is ${JSON.stringify(reply)}`]

type Play = (world: World, pool: Connection, draw: Draw) => Effect.Effect<ReadonlyArray<string>>

/** Plays in a world with one pool, closes that, and has the checker look. */
const inWorld = (play: Play, flags: ReadonlyArray<string> = [], rules: { readonly cap?: number } = {}) =>
  Effect.fnUntraced(function*(draw: Draw) {
    const world = yield* makeWorld
    const found = yield* Effect.scoped(Effect.gen(function*() {
      const pool = yield* world.open({ ...base, flags: [...base.flags, ...flags] })
      const problems = yield* play(world, pool, draw)
      yield* pool.close
      return problems
    }))
    return [...found, ...check(yield* world.history("closed", rules))]
  })

/** The workers, from outside of whatever holds them. */
const killWorkers = (world: World) =>
  Effect.sync(() => {
    for (const one of Census.processesOf(world.directory)) {
      if (one.includes("simulator.js") && !one.includes("unshare")) Census.end(Number.parseInt(one, 10))
    }
  })

const workerKilled = (plays: string, isReached: (world: World) => boolean) =>
  inWorld(Effect.fnUntraced(function*(world, pool) {
    const { id } = yield* pool.run(task(plays))
    while (!isReached(world)) yield* Census.pass
    yield* killWorkers(world)
    yield* go(world)
    yield* pool.ask("pool_wait", { ids: [id], wait_s: 40 })
    return notDone(yield* pool.ask("pool_result", { id }))
  }))

const hasLogged = (event: string) => (world: World) => world.log().some((entry) => entry.event === event)

const outputs = {
  long: "[[long:300000]]",
  blank: "[[say: ]]",
  "ends of fences": "[[say:``` </output> --- END]]",
  "a file's name": "[[say:@/etc/hostname]]",
  "a command": "[[say:/clear]]"
}

const chainOutput = (says: string) =>
  inWorld(Effect.fnUntraced(function*(_, pool) {
    const steps = [{ name: "one", prompt: `${says} <victim>` }, { name: "two", prompt: "[[say:ok]] {previous_output}" }]
    const { id } = yield* pool.run({ key: "victim", token: "<victim>", tool: "pool_submit_chain", args: { steps } })
    yield* pool.ask("pool_wait", { ids: [id], wait_s: 40 })
    return notDone(yield* pool.ask("pool_chain_result", { id }))
  }))

const lastDollar = inWorld(
  Effect.fnUntraced(function*(_, pool) {
    const racer = (key: string): Work => ({
      key,
      token: `<${key}>`,
      tool: "pool_submit",
      args: { prompt: `[[cost:0.6]] [[say:ok]] <${key}>`, budget_usd: 0.7 }
    })
    const all = yield* Effect.all([pool.run(racer("one")), pool.run(racer("two"))], { concurrency: "unbounded" })
    const ids = all.map(({ id }) => id)
    yield* pool.ask("pool_wait", { ids, wait_s: 40 })
    const states = (yield* Effect.forEach(ids, (id) => pool.ask("pool_result", { id }))).map(({ state }) => state)
    return states.filter((state) => state === "done").length === 1 ? [] : [`they are ${states.join()}`]
  }),
  ["--pool-budget-usd=1"],
  { cap: 1_000_000 }
)

/** The client reads no more; the work goes on, and the next client has it. */
const unread = Effect.fnUntraced(function*() {
  const world = yield* makeWorld
  yield* Effect.scoped(Effect.gen(function*() {
    const pool = yield* world.open(base)
    yield* pool.run(task("[[await:go]] [[say:ok]]"))
    yield* pool.driver.closeStdout
    yield* pool.start({ ...task("[[say:late]]"), key: "late", token: "<late>" })
    yield* go(world)
    yield* pool.close
  }))
  return yield* lastWord(world)
})

const lastWord = Effect.fnUntraced(function*(world: World) {
  const found = yield* Effect.scoped(Effect.gen(function*() {
    yield* go(world)
    const pool = yield* world.open(base)
    yield* pool.ask("pool_wait", { wait_s: 40 })
    const ids = world.entries.flatMap((entry) => entry.kind === "acknowledged" ? [entry.id] : [])
    const replies = yield* Effect.forEach(ids, (id) => pool.ask("pool_result", { id }))
    yield* pool.close
    return replies.flatMap(notDone)
  }))
  return [...found, ...check(yield* world.history("closed"))]
})

/** So few descriptors that no worker can be started; then there are enough again. */
const fewDescriptors = Effect.fnUntraced(function*() {
  const world = yield* makeWorld
  yield* Effect.scoped(Effect.gen(function*() {
    const pool = yield* world.open({ ...base, wrapper: ["prlimit", "--nofile=29"] })
    yield* pool.run(task("[[say:ok]]"))
    yield* pool.ask("pool_wait", { wait_s: 2 })
    yield* pool.kill
  }))
  return yield* lastWord(world)
})

/** What is on disk in the moment of the answer, with a torn end: what was answered is there, and nothing contradicts it. */
const powerCut = (tool: string) =>
  Effect.fnUntraced(function*(draw: Draw) {
    const world = yield* makeWorld
    const copy = join(world.directory, "copy")
    mkdirSync(copy)
    const id = yield* Effect.scoped(Effect.gen(function*() {
      const pool = yield* world.open(base)
      const reply = yield* pool.run({ ...task("[[cost:0.001]] [[say:ok]]"), tool })
      for (const name of ["store.db", "store.db-wal"]) {
        if (existsSync(join(world.store, name))) copyFileSync(join(world.store, name), join(copy, name))
      }
      yield* pool.kill
      return reply["id"]
    }))
    const whole = readStore(join(copy, "store.db"))
    const kept = whole.tasks.find((one) => one.id === id)
    // And an earlier end of the journal, behind the tables: less may be there, but nothing by halves.
    const journal = join(copy, "store.db-wal")
    truncateSync(journal, statSync(journal).size - draw(20_000))
    const torn = readStore(join(copy, "store.db"))
    const history = yield* world.history("killed")
    return [
      ...(kept === undefined ? ["what was accepted is not on disk"] : []),
      ...(tool === "pool_run" && kept?.state !== "Done" ? [`what was told as done is ${kept?.state} on disk`] : []),
      ...[whole, torn].flatMap((store) =>
        check({ ...history, store, client: [], log: [] }).filter((one) => !one.includes("session"))
      )
    ]
  })

/** The owner is killed, and another enters, again and again: each has the store alone. */
/** No more kills than a task may see, however slow the machine. */
const turns = 2

const alternations = Effect.fnUntraced(function*(draw: Draw) {
  const world = yield* makeWorld
  const problems: Array<string> = []
  for (let turn = 0; turn < turns; turn++) {
    yield* Effect.scoped(Effect.gen(function*() {
      const owner = yield* world.open(base)
      yield* owner.start({ ...task(`[[say:ok]] ${turn}`), key: `k${turn}`, token: `<k${turn}>` })
      const other = yield* world.open(base)
      const end = yield* Effect.raceFirst(other.driver.ended, Effect.as(other.driver.reply(0), "it entered"))
      if (end === "it entered") problems.push("two pools own the store")
      for (let look = draw(100); look > 0; look--) yield* Census.pass
      yield* owner.kill
    }))
  }
  return [...problems, ...yield* lastWord(world)]
})

const cell = (
  fault: string,
  moment: Moment,
  expects: string,
  play: Cell["play"],
  variant?: string,
  means: Cell["means"] = "O"
): Cell => ({ fault, moment, means, expects, play, ...(variant === undefined ? {} : { variant }) })

const again = "it is run again, and done"

export const worldCells: ReadonlyArray<Cell> = [
  cell("SIGKILL of the CLI", "m5", again, workerKilled("[[await:go]] [[say:ok]]", hasLogged("prompt"))),
  cell(
    "SIGKILL of the CLI",
    "m6",
    again,
    workerKilled(
      "[[bash:touch tooling; while [ ! -e go ]; do sleep 0.02; done]] [[say:ok]]",
      ({ directory }) => existsSync(join(directory, "tooling"))
    )
  ),
  cell("SIGKILL of the CLI", "m7", "its result counts", workerKilled("[[linger]] [[say:ok]]", hasLogged("result"))),
  ...Object.entries(outputs).map(([variant, says]) =>
    cell("output of a step", "m9", "the next step gets it as it is", chainOutput(says), variant, "F")
  ),
  cell("budget is reached", "m3", "one of two has the last dollar", lastDollar, "two at once", "F"),
  cell("client reads no more", "m8", "the work goes on", unread),
  cell("no descriptors left", "m3", "what was accepted is done when there are some", fewDescriptors),
  cell("power cut", "m2", "what was accepted is on disk", powerCut("pool_submit"), undefined, "X"),
  cell("power cut", "m8", "what was told is on disk", powerCut("pool_run"), undefined, "X"),
  cell("second pool, same store", "m2", "one owner at a time, and nothing is run twice", alternations)
]
