/**
 * Requests that say what is wanted and not how it is to be handed out.
 */
import { Effect, Struct } from "effect"
import type { AutoOptions } from "../../domain/CallOptions.ts"
import type { WorkerOptions } from "../../domain/ChainDefinition.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { AutoReply } from "../../domain/PoolView.ts"
import { type RouteHints, RoutePlan } from "../../domain/Route.ts"
import { viewRoute } from "../../domain/RouteView.ts"
import type { TaskOptions } from "../../domain/TaskRequest.ts"
import { Chains } from "../Chains.ts"
import { FanOut } from "../FanOut.ts"
import { Router } from "../Router.ts"
import { Tasks } from "../Tasks.ts"

/** What of a task's options every step of a chain can be given. */
const workerOptions = (options: TaskOptions): WorkerOptions =>
  Struct.omit(options, ["name", "tags", "cwd", "continueFrom", "schema", "retry", "review", "context"])

const here = ({ cwd }: TaskOptions) => cwd === undefined ? {} : { cwd }
const named = ({ name }: TaskOptions) => name === undefined ? {} : { name }

export const makeAutoCalls = Effect.gen(function*() {
  const router = yield* Router
  const tasks = yield* Tasks
  const fanOut = yield* FanOut
  const chains = yield* Chains

  const start = (plan: RoutePlan, options: TaskOptions): Effect.Effect<{ readonly id: string }, Failure> =>
    RoutePlan.match(plan, {
      Single: ({ prompt }) => tasks.submit({ ...options, prompt }),
      Parallel: ({ prompts }) =>
        fanOut.start(prompts.map((prompt) => ({ prompt })), { ...named(options), defaults: options }),
      ParallelCombine: ({ combine, prompts }) =>
        fanOut.start(prompts.map((prompt) => ({ prompt })), {
          ...named(options),
          defaults: options,
          reduce: { ...options, prompt: combine }
        }),
      Chain: ({ steps }) =>
        chains.submit({ definition: { steps, defaults: workerOptions(options) }, ...named(options), ...here(options) })
    })

  return {
    route: Effect.fn("Pool.route")((prompt: string, hints?: RouteHints) =>
      Effect.map(router.route(prompt, hints), viewRoute)
    ),
    auto: Effect.fn("Pool.auto")(function*(
      prompt: string,
      { hints, options = {} }: AutoOptions = {}
    ): Effect.fn.Return<AutoReply, Failure> {
      const route = yield* router.route(prompt, hints)
      const { id } = yield* start(route.plan, options)
      return { id, route: viewRoute(route) }
    })
  }
})
