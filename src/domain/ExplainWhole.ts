/**
 * Why a group or a chain stands where it stands: which of its parts is responsible, and why that one stands where it does.
 */
import type { ChainView, StepView } from "./ChainView.ts"
import { explainCancelled, explainFailure, type Explanation, type Told } from "./Explain.ts"
import type { GroupView } from "./GroupView.ts"
import type { TaskView } from "./TaskView.ts"

/** What is looked at first: of what goes on, who has to be waited for; of what has ended, who has ended it. */
const live = ["review", "running", "queued", "waiting"]
const over = ["failed", "cancelled", "queued", "waiting"]

const isLive = (state: string): boolean => state === "running" || state === "reducing"

const firstOf = <A extends { readonly state: string }>(
  whole: GroupView | ChainView,
  parts: ReadonlyArray<A>
): A | null =>
  (isLive(whole.state) ? live : over).flatMap((state) => parts.filter((part) => part.state === state)).at(0) ?? null

/** Which of a group's tasks is to be explained; null: none, all of them are done. */
export const responsibleItem = (group: GroupView, tasks: ReadonlyArray<TaskView>): TaskView | null =>
  group.state === "done" ? null : firstOf(group, tasks)

/** Which of a chain's steps is to be explained: the one that ended it, or the one that it is at. */
export const responsibleStep = (chain: ChainView): StepView | null => {
  if (chain.state === "done") return null
  return chain.steps.find(({ name }) => name === chain.failed_step) ?? firstOf(chain, chain.steps)
}

/** `part` is the explanation of what is responsible, `what` names it. */
interface Part {
  readonly what: string
  readonly explanation: Explanation
}

const withPart = (own: Explanation, part: Part | null): Explanation => {
  if (part === null) return own
  const { explanation, what } = part
  return {
    ...own,
    because: `${own.because} ${what} (${explanation.id}) is ${explanation.state}: ${explanation.because}`,
    // What is over is taken up again as a whole.
    ...(own.change !== undefined || explanation.change === undefined ? {} : { change: explanation.change }),
    part: explanation.part ?? explanation.id,
    history: explanation.history
  }
}

const tellWhole = (work: GroupView | ChainView, whileLive: string): Told => {
  if (isLive(work.state)) return { because: whileLive }
  switch (work.state) {
    case "failed":
      return explainFailure(work.id, "it failed", work.error)
    case "cancelled":
      return explainCancelled(work.id, work.summary)
    default:
      return { because: `it is done; \`claude-pool result ${work.id}\` prints what it came to.` }
  }
}

export const explainGroup = (group: GroupView, part: Part | null): Explanation => {
  const whileLive = group.state === "reducing"
    ? "its items have ended, and one answer is made of theirs."
    : `${group.counts.done} of its ${group.items} items are done.`
  return withPart({ id: group.id, state: group.state, ...tellWhole(group, whileLive), history: [] }, part)
}

export const explainChain = (chain: ChainView, part: Part | null): Explanation => {
  const done = chain.steps.filter(({ state }) => state === "done").length
  const told = tellWhole(chain, `${done} of its ${chain.steps.length} steps are done.`)
  const change = chain.state === "failed" || chain.state === "cancelled"
    ? { change: `\`claude-pool chain resume ${chain.id}\` goes on where it ended; what is done is not run again` }
    : {}
  return withPart({ id: chain.id, state: chain.state, ...told, ...change, history: [] }, part)
}

/** A step that has no task: a command, or one that has not begun. */
export const explainStep = (chain: ChainView, step: StepView): Explanation => {
  const told = (): Told => {
    if (step.error !== undefined) return explainFailure(chain.id, "it failed", step.error)
    if (step.state === "running") return { because: step.kind === "check" ? "its command runs." : "it has begun." }
    return { because: step.after.length === 0 ? "it has not begun." : `it comes after ${step.after.join(", ")}.` }
  }
  return { id: chain.id, state: step.state, ...told(), history: [] }
}
