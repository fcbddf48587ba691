/**
 * A request that says what is wanted, and not how it is to be handed out: the pool decides, and says why.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { GroupId, LocalPool, Pool } from "claude-pool"
import { Console, Duration, Effect } from "effect"

const request = `Review each of these services on its own, in parallel:
- services/cart
- services/orders
- services/payments`

const program = Effect.gen(function*() {
  const pool = yield* Pool
  // Nothing is started. By the rules alone, nothing is asked and nothing is spent either.
  const { decided_by, prompts, reason, route } = yield* pool.route(request, { model: "never" })
  yield* Console.log(`${route}, by the ${decided_by}: ${reason}`)
  yield* Console.log(`${prompts?.length} prompts`)

  const { id } = yield* pool.auto(request, { options: { permissions: "read-only" } })
  // What is parallel is a group.
  const { groups } = yield* pool.wait({ ids: [GroupId.make(id)], mode: "all", timeout: Duration.minutes(10) })
  yield* Console.log(`${groups?.[0]?.counts.done} done`)
})

program.pipe(Effect.provide(LocalPool.layer({ simulate: true })), NodeRuntime.runMain)
