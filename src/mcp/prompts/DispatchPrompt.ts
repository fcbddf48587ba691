/**
 * `dispatch`: a goal, to be made into a plan of what workers do.
 */
import { Effect } from "effect"
import { fail } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { type Prompt, said } from "../Prompt.ts"

const mostGoal = 20_000

const noGoal = (issue: string) =>
  fail(new InvalidRequest({ issues: [`goal: ${issue}`], hint: "say in the argument goal what is to be done" }))

const plan =
  `Plan first, and show me the plan before you start anything: a short list of the pieces, and for each the tool, the model and what its worker has to answer. Choose for each:
- small, or it needs what we have talked about: do it yourself
- one bounded piece: pool_run; pool_submit where there is something to do meanwhile
- pieces that do not need each other: pool_fan_out, with combine where one answer is wanted
- pieces that need the ones before: pool_chain
- work that must be looked at before it counts: pool_submit_with_review`

const prompts =
  `A worker knows nothing of this conversation. Its prompt says what to do and why, names files by absolute paths, says what to leave alone, and asks for an answer that is short and can be checked. Workers that change files of one repository at the same time get isolation task, and expect says what must hold in the end. Take the smallest model that can do it: haiku for simple work, sonnet for most, opus for the hardest; set budget_usd where a piece may get expensive.`

const rhythm =
  `When I agree, hand it out, and call pool_wait once: it answers when all has finished or waits for a review. Read what matters with pool_output, check it against the goal, and have what is wrong or has failed done again with a better prompt. In the end tell me what came of it, with ids and costs.`

export const DispatchPrompt: Prompt = {
  name: "dispatch",
  title: "Hand out a goal",
  description: "Makes a goal into a plan of tasks, fan-outs and chains, and runs it when you agree",
  arguments: [{ name: "goal", description: "What is to be done", required: true }],
  get: Effect.fnUntraced(function*({ goal = "" }) {
    const wanted = goal.trim()
    if (wanted === "") return yield* noGoal("is missing")
    if (wanted.length > mostGoal) return yield* noGoal(`is longer than ${mostGoal} characters`)
    return said("I want this done, with the pool of workers where that helps:", wanted, plan, prompts, rhythm)
  }),
  complete: () => Effect.succeed([])
}
