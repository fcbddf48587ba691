/**
 * `pool_auto`: a request that says what is wanted, and not how it is handed out.
 */
import { Effect, Schema } from "effect"
import { RouteKind } from "../../domain/Route.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { Pool } from "../../services/Pool.ts"
import { PromptText, toWorkerOptions, WorkerInput } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

export const PoolAuto = structuredTool({
  name: "pool_auto",
  title: "Route and run a request",
  description: "Use to let the pool decide whether a request is one task, a fan-out or a chain, and start it. " +
    "Returns an id for pool_wait, and why.",
  hints: startsWork,
  input: Schema.Struct({
    prompt: PromptText,
    prefer: Schema.optionalKey(Schema.Literals(RouteKind.literals)),
    max_parallel: Schema.optionalKey(Schema.Int.check(Schema.makeFilter((many) => many >= 1 && many <= 64))),
    ...WorkerInput
  }),
  output: replyOf({
    id: Schema.String,
    route: RouteKind,
    reason: Schema.String,
    decided_by: Schema.String,
    fallback: Schema.optionalKey(Schema.String),
    parts: Schema.Int.annotate({ description: "Tasks or steps" }),
    cost_usd: Schema.Finite
  }),
  handler: Effect.fnUntraced(function*({ max_parallel, prefer, prompt, ...worker }) {
    const pool = yield* Pool
    const { id, route } = yield* pool.auto(prompt, {
      options: toWorkerOptions(worker),
      hints: {
        ...(prefer === undefined ? {} : { prefer }),
        ...(max_parallel === undefined ? {} : { maxParallel: max_parallel })
      }
    })
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
