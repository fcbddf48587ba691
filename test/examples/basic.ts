/**
 * One task, from prompt to answer. The layer owns the workers: when the program ends, so do they.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { LocalPool, Pool } from "claude-pool"
import { Console, Effect } from "effect"

const program = Effect.gen(function*() {
  const pool = yield* Pool
  const task = yield* pool.run({ prompt: "write a haiku about rust" })
  yield* Console.log(task.state === "done" ? task.summary : task.error?.message)
  yield* Console.log(`$${task.cost_usd}, ${task.id}`)
})

program.pipe(Effect.provide(LocalPool.layer({ simulate: true })), NodeRuntime.runMain)
