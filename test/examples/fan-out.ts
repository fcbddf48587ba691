/**
 * Independent pieces of work, each with an outcome of its own, and one answer made of all. One of them fails, and costs the
 * others nothing; a retry runs that one alone.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { GroupId, LocalPool, Pool } from "claude-pool"
import { Console, Duration, Effect } from "effect"

// In the square brackets stands what the simulator is to play; a real worker does the work.
const items = [
  { name: "cart", prompt: "Review src/cart.ts [[say:cart is fine]]" },
  { name: "order", prompt: "Review src/order.ts [[fail:1,error=400]][[say:order is fine too]]" },
  { name: "tax", prompt: "Review src/tax.ts [[say:tax rounds twice]]" }
]

const program = Effect.gen(function*() {
  const pool = yield* Pool
  const group = yield* pool.runFanOut(items, {
    concurrency: 2,
    defaults: { permissions: "read-only" },
    reduce: { prompt: "Rank the findings, the worst first:\n{outcomes}\n[[say:1. tax rounds twice]]" }
  })
  const id = GroupId.make(group.id)
  yield* Console.log(`${group.state}: ${group.counts.done} done, ${group.counts.failed} failed`)

  const { kept, rerun } = yield* pool.retry(id)
  yield* pool.wait({ ids: [id], mode: "all", timeout: Duration.minutes(10) })
  yield* Console.log(`${rerun} run again, ${kept} kept`)

  const { items: outcomes } = yield* pool.items(id, { from: 0, limit: 10 })
  for (const { name, summary } of outcomes) yield* Console.log(`${name}: ${summary}`)
  yield* Console.log((yield* pool.group(id)).summary)
})

program.pipe(Effect.provide(LocalPool.layer({ simulate: true, slots: 2 })), NodeRuntime.runMain)
