/**
 * `npm run bench`: everything that is measured, in one run and one table. It takes about four minutes on a machine that
 * should have nothing else to do. Nothing is asserted: what the figures should be is in the table.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { availableParallelism } from "node:os"
import { containFigures } from "./contain.ts"
import { dispatchFigures } from "./dispatch.ts"
import { fanOutFigures } from "./fanout.ts"
import { type Figure, figureTable } from "./Figure.ts"
import { hostFigures } from "./host.ts"
import { idleFigures } from "./idle.ts"
import { mcpFigures } from "./mcp.ts"
import { mergeFigures } from "./merge.ts"
import { parallelFigures } from "./parallel.ts"
import { radarFigures } from "./radar.ts"
import { recoveryFigures } from "./recovery.ts"
import { routeFigures } from "./route.ts"
import { spareFigures } from "./spare.ts"
import { startFigures } from "./start.ts"
import { storeBench } from "./store.ts"
import { telemetryFigures } from "./telemetry.ts"
import { throughputFigures } from "./throughput.ts"
import { workspaceFigures } from "./workspaces.ts"

/** The store by itself, which its own bench can also measure alone. What that says of memory is not of a store alone here. */
const storeFigures = Effect.map(storeBench, (measures) =>
  measures
    .filter(({ unit, name }) => !(unit === "MiB" && name.startsWith("resident")))
    .map(({ name, unit, value }): Figure => ({ name: `store: ${name}`, unit, value })))

const parts = {
  start: startFigures,
  host: hostFigures,
  mcp: mcpFigures,
  dispatch: dispatchFigures,
  "fan-out": fanOutFigures,
  spare: spareFigures,
  store: storeFigures,
  contain: containFigures,
  idle: idleFigures,
  workspaces: workspaceFigures,
  radar: radarFigures,
  merge: mergeFigures,
  recovery: recoveryFigures,
  telemetry: telemetryFigures,
  throughput: throughputFigures,
  parallel: parallelFigures,
  route: routeFigures
}

Effect.gen(function*() {
  const named = process.argv.slice(2)
  const chosen = Object.entries(parts).filter(([name]) => named.length === 0 || named.includes(name))
  const figures = yield* Effect.forEach(chosen, ([name, part]) => Effect.andThen(Console.error(`${name} …`), part))
  yield* Console.log(`Node ${process.versions.node}, ${availableParallelism()} cores\n\n${figureTable(figures.flat())}`)
}).pipe(NodeRuntime.runMain)
