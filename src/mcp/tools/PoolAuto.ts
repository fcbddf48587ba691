/**
 * `pool_auto`: a request that says what is wanted, and not how it is handed out.
 */
import { Effect, Schema } from "effect"
import { RouteKind } from "../../domain/Route.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { Pool } from "../../services/Pool.ts"
import { withHeartbeat } from "../Heartbeat.ts"
import { PromptText, toWorkerOptions, WorkerInput } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"
import { workEndFields } from "../WorkEnd.ts"

const Input = Schema.Struct({
  prompt: PromptText,
  prefer: Schema.optionalKey(Schema.Literals(RouteKind.literals)),
  max_parallel: Schema.optionalKey(Schema.Int.check(Schema.makeFilter((many) => many >= 1 && many <= 64))),
  ...WorkerInput
})

const start = ({ max_parallel, prefer, prompt, ...worker }: typeof Input.Type) =>
  Effect.flatMap(Pool, (pool) =>
    pool.auto(prompt, {
      options: toWorkerOptions(worker),
      hints: {
        ...(prefer === undefined ? {} : { prefer }),
        ...(max_parallel === undefined ? {} : { maxParallel: max_parallel })
      }
    }))

export const PoolAuto = structuredTool({
  name: "pool_auto",
  title: "Route and run a request",
  description:
    "Use to let the pool decide how a request is done (task, fan-out or chain), and start it. Returns an id for " +
    "pool_wait, and why.",
  hints: startsWork,
  input: Input,
  output: replyOf({
    ...workEndFields,
    id: Schema.String,
    route: Schema.optionalKey(RouteKind),
    reason: Schema.optionalKey(Schema.String),
    decided_by: Schema.optionalKey(Schema.String),
    fallback: Schema.optionalKey(Schema.String),
    parts: Schema.optionalKey(Schema.Int.annotate({ description: "Tasks or steps" })),
    cost_usd: Schema.Finite
  }),
  background: (input) => Effect.map(start(input), ({ id }) => id),
  handler: Effect.fnUntraced(function*(input, call) {
    // A worker may have to be asked first.
    const { id, route } = yield* start(input).pipe(withHeartbeat(call, [], "looking for a route"))
    const { cost_usd, decided_by, fallback, prompts = [], reason, steps = [] } = route
    return {
      id,
      route: route.route,
      reason: cleanLine(reason, 300),
      decided_by,
      ...(fallback === undefined ? {} : { fallback: cleanLine(fallback, 300) }),
      parts: prompts.length + steps.length,
      cost_usd
    }
  })
})
