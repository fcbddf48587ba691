/**
 * `pool_drain`: lets the pool come to rest, and takes that back.
 */
import { Duration, Effect, Option, Schema } from "effect"
import { Pool } from "../../services/Pool.ts"
import { withHeartbeat } from "../Heartbeat.ts"
import { replyOf, structuredTool } from "../Tool.ts"

const mostGrace = 3600
/** More of them are told by their number. */
const mostNamed = 50

export const PoolDrain = structuredTool({
  name: "pool_drain",
  title: "Drain the pool",
  description:
    "Use only when the user asks: nothing more is started, running tasks get grace_s to finish, then wait again, " +
    "uncharged. resume takes work in again.",
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  input: Schema.Struct({
    grace_s: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: mostGrace }))),
    resume: Schema.optionalKey(Schema.Boolean)
  }),
  output: replyOf({
    state: Schema.Literals(["open", "draining", "drained"]),
    finished: Schema.optionalKey(Schema.Array(Schema.String)),
    cut: Schema.optionalKey(Schema.Array(Schema.String)).annotate({ description: "They wait again" }),
    queued: Schema.optionalKey(Schema.Int),
    s: Schema.optionalKey(Schema.Finite)
  }),
  handler: Effect.fnUntraced(function*({ grace_s, resume = false }, call) {
    const pool = yield* Pool
    if (resume) return yield* Effect.as(pool.resume, { state: "open" as const })
    const asked = pool.drain(grace_s === undefined ? {} : { grace: Duration.seconds(grace_s) })
    // The drain goes on when nobody waits for it.
    const report = yield* Effect.timeoutOption(asked, call.waitLimit).pipe(withHeartbeat(call, [], "draining"))
    return Option.match(report, {
      onNone: () => ({ state: "draining" as const }),
      onSome: ({ cut, finished, queued, s, taken_back }) => ({
        state: taken_back === true ? "open" as const : "drained" as const,
        finished: finished.slice(0, mostNamed),
        cut: cut.slice(0, mostNamed),
        queued,
        s
      })
    })
  })
})
