/**
 * Pools under load that are killed, one after the other, at drawn moments; then one more, which brings all to its end; and
 * then the checker.
 */
import { Effect } from "effect"
import { Census } from "../support/Census.ts"
import { check } from "./checker/Checker.ts"
import { drawWork } from "./Load.ts"
import { type Draw, drawFrom, pick } from "./Seed.ts"
import { type Connection, makeWorld, type World } from "./World.ts"

export interface KillLoopOptions {
  readonly seed: number
  readonly kills: number
}

export interface KillLoopReport {
  readonly seed: number
  readonly kills: number
  /** Pieces of work that a pool has said it had accepted. */
  readonly accepted: number
  /** Ends that clients were told of before a kill. */
  readonly told: number
  readonly attempts: number
  /** What the checker found, and whatever else went wrong. */
  readonly problems: ReadonlyArray<string>
}

/** How often the store is looked at between two kills. */
const checkEvery = 10

const idsOf = (world: World, prefix: string): ReadonlyArray<string> => [
  ...new Set(
    world.entries.flatMap((entry) => entry.kind === "acknowledged" && entry.id.startsWith(prefix) ? [entry.id] : [])
  )
]

/** Acts upon what is known from before: a cancel, a review decided, an old request sent again. */
const meddle = Effect.fnUntraced(function*(world: World, connection: Connection, draw: Draw) {
  const all = idsOf(world, "")
  const [id] = all.slice(draw(Math.max(1, all.length)))
  if (id === undefined) return
  const start = (tool: string, args: Record<string, unknown>) =>
    Effect.asVoid(connection.start({ key: `meddle`, token: "<nothing>", tool, args }))
  switch (draw(4)) {
    case 0:
      return yield* start("pool_cancel", { ids: [id] })
    case 1:
      return yield* start("pool_approve_result", { id })
    case 2:
      return yield* start("pool_reject_result", { id, feedback: "once more" })
    default:
  }
})

/** One life of a pool: some work, and after a drawn number of replies or of workers' doings, the end. */
const round = Effect.fnUntraced(function*(world: World, draw: Draw, number: number) {
  // Spares are processes that have to be started: a few pools have them, and a few have many slots.
  const slots = pick(draw, [2, 2, 4, 4, 8, 16])
  const connection = yield* world.open({ slots, flags: [`--hot-spares=${slots === 2 && draw(2) === 0}`] })
  const before = world.log().length
  const works = Array.from({ length: 1 + draw(2) }, (_, n) => drawWork(draw, `w${number}.${n}`))
  for (const work of works) yield* connection.start(work)
  if (draw(3) === 0) yield* meddle(world, connection, draw)
  const replies = draw(works.length + 1)
  const doings = draw(10)
  yield* draw(2) === 0
    ? connection.driver.next(() => connection.answered() >= replies)
    // What is not done any more, because it was done before, is not waited for.
    : Effect.raceFirst(
      world.logged((log) => log.length >= before + doings),
      connection.driver.next(() => connection.answered() >= works.length)
    )
  yield* connection.kill
}, Effect.scoped)

/** Lets all work come to its end; what waits for its review is approved. */
const settleAll = Effect.fnUntraced(function*(world: World, connection: Connection) {
  const wait = Effect.map(connection.ask("pool_wait", { wait_s: 100 }), ({ running }) => running)
  const problems: Array<string> = []
  for (const left of [yield* wait]) if (JSON.stringify(left) !== "[]") problems.push(`stuck: ${JSON.stringify(left)}`)
  for (const id of idsOf(world, "t_")) {
    const { state } = yield* connection.ask("pool_result", { id })
    if (state === "review") yield* connection.ask("pool_approve_result", { id })
  }
  return problems
})

/** The answer that a task was to give, as its key says. */
const wrongAnswers = Effect.fnUntraced(function*(world: World, connection: Connection) {
  const problems: Array<string> = []
  for (const entry of world.entries.slice()) {
    if (entry.kind !== "acknowledged" || !entry.id.startsWith("t_")) continue
    const { error, state, summary } = yield* connection.ask("pool_result", { id: entry.id })
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined
    // It has seen three pools end in the middle of it: not lost, but not started a fourth time by itself.
    const isGivenUp = state === "failed" && (code === "Interrupted" || code === "Rejected")
    const isDone = state === "done" && summary === `answer ${entry.key}.0`
    if (!isDone && !isGivenUp && state !== "cancelled") {
      problems.push(`lost: ${entry.id} (${entry.key}) is ${String(state)} ${String(code ?? summary)}`)
    }
  }
  return problems
})

export const killLoop = Effect.fnUntraced(function*({ kills, seed }: KillLoopOptions) {
  const draw = drawFrom(seed)
  const world = yield* makeWorld
  const problems: Array<string> = []

  for (let number = 0; number < kills && problems.length === 0; number++) {
    yield* round(world, draw, number)
    problems.push(...(yield* Census.survivorsOf(world.directory)).map((one) => `I9: survived the kill: ${one}`))
    if (number % checkEvery === 0) problems.push(...check(yield* world.history("killed")))
  }

  const told = world.entries.filter((entry) => entry.kind === "told").length
  yield* Effect.gen(function*() {
    const last = yield* world.open({ slots: 4, flags: ["--hot-spares=false"] })
    problems.push(...yield* settleAll(world, last))
    problems.push(...yield* wrongAnswers(world, last))
    yield* last.close
  }).pipe(Effect.scoped)
  const history = yield* world.history("closed")
  problems.push(...check(history))
  return {
    seed,
    kills,
    accepted: idsOf(world, "").length,
    told,
    attempts: history.store.attempts.length,
    problems
  } satisfies KillLoopReport as KillLoopReport
}, Effect.scoped)
