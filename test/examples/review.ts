/**
 * A result that has to be accepted before it counts. What is sent back goes to its author, who goes on in the same session;
 * an approval is of what was seen, and of nothing else.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { LocalPool, Pool, TaskId } from "claude-pool"
import { Console, Duration, Effect } from "effect"

const program = Effect.gen(function*() {
  const pool = yield* Pool
  const first = yield* pool.run({
    prompt: "Write a haiku about rust",
    review: { maxRejections: 2, criteria: "Three lines, and no borrow checker" }
  })
  const id = TaskId.make(first.id)
  yield* Console.log(`${first.state}: ${first.review?.criteria}`)

  // In the square brackets stands what the simulator is to play; a real worker does the work.
  yield* pool.reject(id, "The borrow checker is in it. [[say:Iron sleeps in rain]]")
  yield* pool.wait({ ids: [id], mode: "all", timeout: Duration.minutes(10) })
  const second = yield* pool.result(id)
  yield* Console.log(`${second.state}: ${second.summary}`)

  const done = yield* pool.approve(id, { hash: second.review?.hash ?? "", note: "no borrow checker" })
  yield* Console.log(`${done.state} after ${done.attempts} attempts`)
})

program.pipe(Effect.provide(LocalPool.layer({ simulate: true })), NodeRuntime.runMain)
