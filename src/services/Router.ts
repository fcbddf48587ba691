/**
 * Decides how a request is handed out: by rules where they are sure, by asking a cheap model where they are not.
 */
import { Context, Duration, Effect, Layer, Option, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { Failure } from "../domain/Failure.ts"
import { type MicroUsd, toUsd } from "../domain/MicroUsd.ts"
import type { Route, RouteHints } from "../domain/Route.ts"
import { answerSchema, readAnswer, routeQuestion } from "../domain/RouteQuestion.ts"
import { decideByCaller, decideByRules, type Decision } from "../domain/RouteRules.ts"
import type { Task } from "../domain/Task.ts"
import type { TaskRequest } from "../domain/TaskRequest.ts"
import { Tasks } from "./Tasks.ts"

/** Which model is asked, and what that may cost. */
export interface RouterOptions {
  /** A model id or alias; never the one that the CLI happens to have by itself. */
  readonly model: string
  /** What one question may cost. */
  readonly budget: MicroUsd
}

/** How long one attempt to answer may take, and how long all of it. */
const patience = { attempt: Duration.minutes(1), start: Duration.seconds(5), all: Duration.seconds(90) }

export class Router extends Context.Service<Router, {
  /** Never fails for want of a model: the route is then single, and says why. */
  readonly route: (prompt: string, hints?: RouteHints) => Effect.Effect<Route, Failure>
}>()("claude-pool/services/Router") {
  static readonly layer = (options: RouterOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const tasks = yield* Tasks
        const random = yield* SecureRandom.SecureRandom

        /** The task at its end, or as it stood when it was given up. */
        const awaitAnswer = Effect.fnUntraced(function*({ id }: Task) {
          const soon = yield* Effect.timeoutOption(tasks.ended(id), patience.start)
          if (Option.isSome(soon)) return soon.value
          const { waitsFor } = tasks.live(yield* tasks.find(id))
          if (waitsFor === undefined || waitsFor === "slot") {
            const late = yield* Effect.timeoutOption(tasks.ended(id), Duration.subtract(patience.all, patience.start))
            if (Option.isSome(late)) return late.value
          }
          yield* tasks.cancel(id, waitsFor === "pool" ? "nobody runs tasks here" : "the question took too long")
          return yield* tasks.find(id)
        })

        // Not to be interrupted between the acceptance and the wait: a question that nobody waits for would be left.
        const ask = Effect.fn("Router.ask")((question: string) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.flatMap(tasks.submit(requestOf(question, options)), (task) =>
              restore(awaitAnswer(task)).pipe(
                Effect.onInterrupt(() => Effect.ignore(tasks.cancel(task.id, "the caller went away")))
              ))
          )
        )

        const route = Effect.fn("Router.route")(function*(prompt: string, hints: RouteHints = {}) {
          const sure = decideAlone(prompt, hints)
          if (sure !== null && (sure.decidedBy === "caller" || hints.model !== "always")) return sure
          if (hints.model === "never") return routeByRules(prompt, hints)
          const nonce = Hex.encode(yield* random.randomBytes(8))
          const asked = yield* Effect.result(ask(routeQuestion(prompt, hints, nonce)))
          if (Result.isFailure(asked)) return fallback(prompt, `no model was asked: ${explain(asked.failure.reason)}`)
          const task = asked.success
          if (task.state._tag === "Done") {
            const answered = readAnswer(task.state.result.structured, prompt, hints)
            if (answered !== null) return { ...routeOf(answered, "model"), ...bookedOn(task) }
          }
          return { ...fallback(prompt, whyNot(task)), ...bookedOn(task) }
        })

        return { route }
      })
    )
}

/** All that could be used in place of an answer. */
const tools = ["Bash", "Read", "Write", "Edit", "Glob", "Grep", "WebFetch", "WebSearch", "Agent", "Task"]

const requestOf = (question: string, { budget, model }: RouterOptions): TaskRequest => ({
  prompt: question,
  name: "route",
  tags: ["route"],
  model,
  budget,
  permissions: "read-only",
  deniedTools: tools,
  inherit: "none",
  maxTurns: 3,
  schema: answerSchema,
  timeout: patience.attempt,
  retry: { process: 1, overload: 1, limit: 0, schema: 1, other: 0 }
})

const unsure = "the rules are unsure, and no model may be asked"

const single = (prompt: string, reason: string, confidence: number): Decision => ({
  kind: "single",
  plan: { _tag: "Single", prompt },
  reason,
  confidence
})

/** What the caller has said, or the rules are sure of; null where they are not. */
const decideAlone = (prompt: string, hints: RouteHints): Route | null => {
  const named = decideByCaller(prompt, hints)
  if (named !== null) return routeOf(named, "caller")
  const { decision } = decideByRules(prompt, hints)
  return decision === null ? null : routeOf(decision, "rules")
}

/** The route where no model may be asked: single, with little confidence, where the rules are unsure. */
export const routeByRules = (prompt: string, hints: RouteHints): Route =>
  decideAlone(prompt, hints) ?? routeOf(single(prompt, unsure, 0.3), "rules")

const routeOf = (decision: Decision, decidedBy: Route["decidedBy"]): Route => ({ ...decision, decidedBy, costUsd: 0 })

const bookedOn = ({ id, spend }: Task) => ({ costUsd: toUsd(spend.cost), task: id })

const fallback = (prompt: string, why: string): Route => ({
  ...routeOf(single(prompt, "one worker does no harm where it is not known to be wrong", 0.3), "fallback"),
  fallback: why
})

/** In our words: what a provider or a worker says is not repeated here. */
const explain = ({ _tag }: Failure["reason"]): string => {
  switch (_tag) {
    case "BudgetRefused":
    case "BudgetExceeded":
      return "there is no money for the question"
    case "QueueFull":
      return "the queue is full"
    case "ShuttingDown":
      return "the pool is going down"
    case "TimedOut":
    case "Stalled":
      return "it took too long"
    case "SchemaMismatch":
      return "the answer had another form than was asked for"
    case "UsageLimited":
    case "BillingStopped":
      return "the account may not be used now"
    case "NotLoggedIn":
      return "nobody is logged in"
    case "UnknownModel":
      return "there is no such model"
    default:
      return `the question failed (${_tag})`
  }
}

const whyNot = ({ state }: Task): string => {
  if (state._tag === "Failed") return `the model did not answer: ${explain(state.reason)}`
  if (state._tag === "Cancelled") return `the model did not answer: ${state.note}`
  return "the model's answer cannot be used"
}
