/**
 * How long a killed pool is missed: from its end until the next one answers, and until that one has asked a worker again;
 * against a pool that starts with nothing.
 */
import { Effect } from "effect"
import { makeWorld, type World } from "../faults/World.ts"
import { type Figure, median } from "./Figure.ts"

const rounds = 7
const tasks = 200
const options = { slots: 16, flags: ["--hot-spares=false"] }

/** The time until a new pool has answered a call, and until a worker was asked. */
const startIn = Effect.fnUntraced(function*(world: World, isLoaded: boolean) {
  const prompts = () => world.log().filter(({ event }) => event === "prompt").length
  const before = prompts()
  const start = performance.now()
  const pool = yield* world.open(options)
  yield* pool.ask("pool_list", {})
  const answers = performance.now() - start
  if (isLoaded) yield* world.logged(() => prompts() > before)
  const dispatches = performance.now() - start
  yield* pool.kill
  return { answers, dispatches }
}, Effect.scoped)

const load = Effect.fnUntraced(function*(world: World) {
  const pool = yield* world.open(options)
  const prompts = Array.from({ length: 50 }, (_, n) => `[[await:never]] ${n}`)
  for (let group = 0; group < tasks / prompts.length; group++) yield* pool.ask("pool_fan_out", { prompts })
  yield* world.logged((log) => log.filter(({ event }) => event === "prompt").length >= options.slots)
  yield* pool.kill
}, Effect.scoped)

export const recoveryFigures = Effect.gen(function*() {
  const [empty, loaded] = [yield* makeWorld, yield* makeWorld]
  yield* startIn(empty, false)
  const times: Array<{ readonly bare: number; readonly answers: number; readonly dispatches: number }> = []
  for (let round = 0; round < rounds; round++) {
    // After two crashes of its pool a task is not started again by itself: each round has a load of its own.
    yield* load(loaded)
    const { answers: bare } = yield* startIn(empty, false)
    times.push({ bare, ...yield* startIn(loaded, true) })
  }
  const baseline = { name: "start of an empty pool", value: median(times.map(({ bare }) => bare)) }
  return [
    {
      name: "killed pool to the next one's first answer",
      value: median(times.map(({ answers }) => answers)),
      unit: "ms",
      baseline,
      aim: "at most 500 ms"
    },
    {
      name: "killed pool to the next one's first prompt",
      value: median(times.map(({ dispatches }) => dispatches)),
      unit: "ms",
      baseline,
      aim: "at most 1000 ms"
    }
  ] satisfies ReadonlyArray<Figure>
}).pipe(Effect.scoped)
