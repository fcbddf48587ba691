/**
 * `pool_fan_out`: independent pieces of work, each with an outcome of its own.
 */
import { Effect, Schema, Struct } from "effect"
import { GroupId } from "../../domain/GroupId.ts"
import { Pool } from "../../services/Pool.ts"
import { acceptAndWait } from "../Accepted.ts"
import { WaitSeconds } from "../Deadline.ts"
import { briefGroup } from "../GroupBrief.ts"
import { groupEnd, groupEndFields } from "../GroupEnd.ts"
import { KeyText, NameText, notEmpty, PromptText, toWorkerOptions, WorkerInput } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

const mostPrompts = 64

const Prompts = Schema.Array(PromptText).check(
  Schema.makeFilter((prompts) =>
    (prompts.length >= 1 && prompts.length <= mostPrompts) || `must be 1 to ${mostPrompts} prompts`
  )
).annotate({ description: "1 to 64, each complete" })

const Input = Schema.Struct({
  prompts: Prompts,
  combine: Schema.optionalKey(
    Schema.String.annotate({ description: "Its prompt; {outcomes} is where the answers go" }).check(notEmpty)
  ),
  on_fail: Schema.optionalKey(Schema.Literals(["continue", "fail-fast"])),
  concurrency: Schema.optionalKey(Schema.Int.check(Schema.makeFilter((many) => many >= 1 || "must be above zero"))),
  name: Schema.optionalKey(NameText),
  ...WorkerInput,
  key: Schema.optionalKey(KeyText),
  wait_s: Schema.optionalKey(WaitSeconds)
})

const start = (input: typeof Input.Type) =>
  Effect.flatMap(Pool, (pool) => {
    const { combine, concurrency, key, name, on_fail, prompts, ...worker } = Struct.omit(input, ["wait_s"])
    const options = toWorkerOptions(worker)
    const group = pool.fanOut(prompts.map((prompt) => ({ prompt })), {
      defaults: options,
      ...(name === undefined ? {} : { name }),
      ...(key === undefined ? {} : { key }),
      ...(on_fail === undefined ? {} : { onFailure: on_fail }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(combine === undefined ? {} : { reduce: { ...options, prompt: combine } })
    })
    return Effect.map(group, ({ id }) => GroupId.make(id))
  })

export const PoolFanOut = structuredTool({
  name: "pool_fan_out",
  title: "Run tasks in parallel",
  description:
    "Use for several independent pieces of work: a worker for each, in parallel. Returns a group id for pool_wait. " +
    "With combine, one more worker makes one answer of all.",
  hints: startsWork,
  input: Input,
  output: replyOf(groupEndFields),
  background: start,
  handler: Effect.fnUntraced(
    function*(input, call) {
      const pool = yield* Pool
      const [id, { groups }] = yield* acceptAndWait(
        Effect.provideService(start(input), Pool, pool),
        call,
        input.wait_s ?? 0
      )
      const view = groups?.[0] ?? (yield* pool.group(id))
      const { items } = yield* pool.items(id, { from: 0, limit: mostPrompts })
      if (groups !== undefined) yield* call.unseen.show([id])
      return groups === undefined
        ? { ...briefGroup(view), tasks: items.map((task) => task.id) }
        : groupEnd(view, items)
    }
  )
})
