/**
 * Many tasks, three at a time, for at most eight cents. What the money does not reach is refused, and says so.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { fromUsd, LocalPool, Pool } from "claude-pool"
import { Console, Effect } from "effect"

const files = ["cart.ts", "invoice.ts", "order.ts", "price.ts", "stock.ts", "tax.ts"]

const program = Effect.gen(function*() {
  const pool = yield* Pool
  const review = (file: string) =>
    pool.run({
      prompt: `Review src/${file}`,
      name: file,
      key: `review ${file}`,
      permissions: "read-only",
      budget: fromUsd(0.03)
    })
  const tasks = yield* Effect.forEach(files, review, { concurrency: "unbounded" })
  for (const { error, name, state } of tasks) yield* Console.log(`${name}: ${error?.code ?? state}`)
  const { budget } = yield* pool.status
  yield* Console.log(`$${budget.spent_usd} of $${budget.cap_usd}`)
})

const pool = LocalPool.layer({ simulate: true, slots: 3, poolBudgetUsd: fromUsd(0.08) })

program.pipe(Effect.provide(pool), NodeRuntime.runMain)
