/**
 * Faults of the pool's process: it is killed, frozen, told to end, at moments that are seen from outside. Then the next
 * pool brings everything to its end, and the checker looks at both lives.
 */
import { Effect, Fiber, type Scope } from "effect"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Census } from "../../support/Census.ts"
import { check } from "../checker/Checker.ts"
import type { Draw } from "../Seed.ts"
import { type Connection, makeWorld, type OpenOptions, type Reply, type Work, type World } from "../World.ts"
import type { Cell, Moment } from "./Cell.ts"
import { event, logHas, ownerOf, takenOver, until } from "./Reaching.ts"

/** A work that waits, before it answers, for a file `go`; `plays` comes before. */
const waiting = (plays = ""): Work => ({
  key: "victim",
  token: "<victim>",
  tool: "pool_submit",
  args: { prompt: `${plays} [[await:go]] [[cost:0.0021]] [[say:ok]] <victim>` }
})

const simple = (tool: string): Work => ({
  key: "victim",
  token: "<victim>",
  tool,
  args: { prompt: "[[cost:0.0021]] [[say:ok]] <victim>" }
})

const chain: Work = {
  key: "victim",
  token: "<victim>",
  tool: "pool_submit_chain",
  args: {
    steps: ["one", "two"].map((name) => ({ name, prompt: `[[cost:0.0021]] [[say:ok ${name}]] <victim> ${name}` }))
  }
}

interface Way {
  readonly moment: Moment
  readonly work: Work
  readonly reach: (world: World, connection: Connection) => Effect.Effect<unknown>
  readonly open?: OpenOptions
  /** Not waited for until it is accepted. */
  readonly unheard?: true
}

const slow: OpenOptions = { env: { CLAUDE_POOL_SIMULATOR: "[[slow-start:60000]]" } }
const inTool = "[[bash:touch tooling; while [ ! -e go ]; do sleep 0.02; done]]"

/** How each moment is reached. */
const ways: ReadonlyArray<Way> = [
  { moment: "m1", work: simple("pool_submit"), reach: () => Effect.void, unheard: true },
  { moment: "m2", work: simple("pool_submit"), reach: () => Effect.void },
  {
    moment: "m3",
    work: simple("pool_submit"),
    reach: (world) => Effect.raceFirst(event("Started")(world), logHas("start")(world)),
    open: slow
  },
  { moment: "m4", work: simple("pool_submit"), reach: logHas("start"), open: slow },
  { moment: "m5", work: waiting(), reach: logHas("prompt") },
  {
    moment: "m6",
    work: waiting(inTool),
    reach: (world) => until(() => existsSync(join(world.directory, "tooling")))
  },
  { moment: "m7", work: simple("pool_submit"), reach: logHas("result") },
  { moment: "m8", work: simple("pool_submit"), reach: event("Finished") },
  { moment: "m9", work: chain, reach: logHas("result") },
  { moment: "m9", work: chain, reach: event("StepFinished") },
  { moment: "m10", work: simple("pool_submit_with_review"), reach: event("Presented") }
]

const base: OpenOptions = { slots: 2, flags: ["--hot-spares=false", "--shutdown-grace=300ms"] }

const isIn = (reply: Reply, ...states: ReadonlyArray<string>): boolean => states.includes(String(reply["state"]))

/** The next pool, which ends all that there is: what it comes to, and what the checker says of it. */
const conclude = Effect.fnUntraced(function*(world: World, work: Work) {
  yield* Effect.sync(() => writeFileSync(join(world.directory, "go"), ""))
  const problems: Array<string> = []
  yield* Effect.scoped(Effect.gen(function*() {
    const pool = yield* world.open(base)
    // Asked once more, as a client does that has not heard the answer: it is the same work.
    const again = yield* pool.run(work)
    const { id } = again
    yield* pool.ask("pool_wait", { ids: [id], wait_s: 40 })
    const tool = String(id).startsWith("c_") ? "pool_chain_result" : "pool_result"
    let reply = yield* pool.ask(tool, { id })
    if (isIn(reply, "review")) {
      yield* pool.ask("pool_approve_result", { id })
      yield* pool.ask("pool_approve_result", { id })
      reply = yield* pool.ask(tool, { id })
    }
    if (!isIn(reply, "done")) problems.push(`it is ${JSON.stringify(reply)}`)
    yield* pool.close
  }))
  return [...problems, ...check(yield* world.history("closed"))]
})

type Fault = (
  world: World,
  connection: Connection
) => Effect.Effect<ReadonlyArray<string>, never, Scope.Scope>

/** Reaches the moment, has the fault happen, and lets the next pool conclude. */
const strike = (way: Way, fault: Fault, draw: Draw) =>
  Effect.gen(function*() {
    const world = yield* makeWorld
    const found = yield* Effect.scoped(Effect.gen(function*() {
      const connection = yield* world.open({ ...base, ...way.open })
      if (way.unheard) {
        yield* connection.start(way.work)
        // Sometimes it is heard all the same.
        for (let turn = draw(50); turn > 0; turn--) yield* Effect.yieldNow
      } else yield* connection.run(way.work)
      yield* way.reach(world, connection)
      return yield* fault(world, connection)
    }))
    const survivors = (yield* Census.survivorsOf(world.directory)).map((one) => `it survived: ${one}`)
    return [...found, ...survivors, ...yield* conclude(world, way.work)]
  })

const killed: Fault = (_, connection) => Effect.as(connection.kill, [])

const frozen: Fault = Effect.fnUntraced(function*(world: World, { close, driver, kill }: Connection) {
  yield* driver.signal("SIGSTOP")
  // Nobody takes over a store whose owner only does not move.
  const other = yield* world.open(base)
  const said = yield* Effect.raceFirst(other.driver.ended, Effect.as(other.driver.reply(0), "it has taken the store"))
  if (typeof said === "string") yield* other.kill
  yield* driver.signal("SIGCONT")
  yield* Effect.sync(() => writeFileSync(join(world.directory, "go"), ""))
  yield* close
  void kill
  return typeof said === "string" ? [said] : []
})

/** It is told to end, and ends within its bounds; nothing of what it was at is charged. */
const told = (...signals: ReadonlyArray<NodeJS.Signals | "EOF">): Fault => (world, connection) =>
  Effect.gen(function*() {
    for (const signal of signals) {
      yield* signal === "EOF" ? connection.driver.hangUp : connection.driver.signal(signal)
    }
    const ended = yield* connection.driver.ended
    const { store } = yield* world.history("closed")
    return [
      ...(ended === "SIGKILL" ? ["it was killed"] : []),
      ...store.tasks.filter(({ state }) => state === "Running").map(({ id }) => `${id} runs`),
      ...store.attempts.filter(({ by, outcome }) => outcome === "Failed" || by === "crash").map(({ task }) =>
        `task ${task} was charged`
      )
    ]
  })

/** Killed while it drains. */
const killedDraining: Fault = (_, connection) =>
  Effect.andThen(killed(_, connection), Effect.succeed([])).pipe(
    (kill) => Effect.andThen(connection.driver.signal("SIGTERM"), kill)
  )

/** In so many passes of the test a pool recovers, unless the machine is slow. */
const recovering = 20_000

/** Killed, and the next one killed while it recovers, at a drawn moment. A task may see no more kills than these. */
const killedRecovering = (draw: Draw): Fault => (world, connection) =>
  Effect.gen(function*() {
    yield* connection.kill
    const before = ownerOf(world)
    const next = yield* Effect.forkScoped(world.open(base), { startImmediately: true })
    yield* takenOver(world, before)
    const passes = Effect.replicateEffect(Census.pass, draw(recovering), { discard: true })
    yield* Effect.raceFirst(Effect.asVoid(Fiber.join(next)), passes)
    for (const one of Census.processesOf(world.directory)) {
      if (one.includes(" mcp ")) Census.end(Number.parseInt(one, 10))
    }
    yield* Effect.flatMap(Fiber.join(next), ({ kill }) => kill)
    return []
  })

const has = (...names: ReadonlyArray<Moment>) => ways.filter(({ moment }) => names.includes(moment))

const cellsOf = (
  fault: string,
  expects: string,
  some: ReadonlyArray<Way>,
  act: (draw: Draw) => Fault,
  as?: Moment,
  variant?: string
): ReadonlyArray<Cell> =>
  some.map((way, index) => ({
    fault,
    moment: as ?? way.moment,
    means: "O",
    ...(variant === undefined && some.filter(({ moment }) => moment === way.moment).length === 1 && as === undefined
      ? {}
      : {
        variant: [variant, as === undefined ? `way ${index + 1}` : `begun at ${way.moment}, way ${index + 1}`]
          .filter((part) => part !== undefined).join(", ")
      }),
    expects,
    play: (draw) => strike(way, act(draw), draw)
  }))

const signals = [["SIGTERM"], ["SIGINT", "SIGINT"], ["SIGHUP"], ["EOF"], ["SIGTERM", "EOF", "SIGTERM"]] as const

export const poolCells: ReadonlyArray<Cell> = [
  ...cellsOf("SIGKILL of the pool", "nothing is lost, nothing is done twice, no process is left", ways, () => killed),
  ...cellsOf("SIGKILL of the pool", "as if it had been killed before", has("m5", "m10"), () => killedDraining, "m13"),
  ...cellsOf("SIGKILL of the pool", "a second recovery is as the first", has("m5", "m9"), killedRecovering, "m14"),
  ...cellsOf("owner is frozen", "nobody takes its store, and it goes on", has("m5", "m6", "m7", "m8"), () => frozen),
  ...signals.flatMap((all) =>
    cellsOf(
      "told to end",
      "it ends, charges nothing, and the next one goes on",
      has("m5", "m6", "m10"),
      () => told(...all),
      "m13",
      all.join(" ")
    )
  )
]
