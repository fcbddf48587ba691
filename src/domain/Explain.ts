/**
 * Why work stands where it stands, in one line, and what would change that. Told from what every surface shows of it;
 * pure: who asks brings the views.
 */
import { DateTime, Schema } from "effect"
import { historyOf, spanText } from "./AttemptHistory.ts"
import type { AttemptView } from "./AttemptView.ts"
import { type HoldCause, holdCauses } from "./Hold.ts"
import { formatUsd, fromUsd } from "./MicroUsd.ts"
import type { PoolStatus } from "./PoolView.ts"
import { againWith, remedyOf, remedyOfWait } from "./Remedies.ts"
import type { FailureView, TaskView, WaitsFor } from "./TaskView.ts"
import { cleanLine } from "./UntrustedText.ts"

export const Explanation = Schema.Struct({
  id: Schema.String,
  state: Schema.String,
  /** One line. It may have a worker's words in it: data. */
  because: Schema.String,
  /** A command or a setting; absent where nothing is to be changed. */
  change: Schema.optionalKey(Schema.String),
  /** Of a group or chain: the task or group that it is a matter of. */
  part: Schema.optionalKey(Schema.String),
  /** The attempts of the task, or of that part: a line each. */
  history: Schema.Array(Schema.String)
})
export type Explanation = typeof Explanation.Type

/** What there is to know beside the work itself, as far as somebody knows it. */
export interface Surroundings {
  readonly now: DateTime.Utc
  readonly status?: Pick<PoolStatus, "pool" | "slots" | "holds" | "budget">
}

/** What is told of a task. */
export interface Told {
  readonly because: string
  readonly change?: string
}

/** So much of what failed is said, in characters. */
const mostSaid = 300

const usd = (amount: number): string => formatUsd(fromUsd(amount))

const after = ({ attempts }: TaskView, error: FailureView | undefined): string =>
  error === undefined ? "" : ` Attempt ${attempts} failed (${error.code}).`

const isHold = (cause: WaitsFor): cause is HoldCause => Object.hasOwn(holdCauses, cause)

const holdOf = (cause: HoldCause, task: TaskView, { status }: Surroundings): Told => {
  const hold = status?.holds?.find((one) => one.cause === cause)
  const until = hold?.until ?? task.not_before
  const when = until === undefined ? "" : `; it is tried again at ${until}`
  const detail = hold === undefined ? "" : ` (${cleanLine(hold.detail, mostSaid)})`
  return {
    because: `it waits: nothing is started, for ${holdCauses[cause]}${detail}${when}.${after(task, task.error)}`,
    // It is either of two: an account that cannot pay is not mended by a login.
    change: hold?.cause === "login" ? cleanLine(hold.hint, mostSaid) : remedyOfWait(cause, task.id)
  }
}

const slotsText = ({ status }: Surroundings): string => {
  if (status === undefined || status.slots.length === 0) return "all slots that may take it are busy"
  const busy = status.slots.filter(({ state }) => state === "busy").length
  return `all slots that may take it are busy, or not ready yet (${busy} of ${status.slots.length} are busy)`
}

const moneyText = ({ status }: Surroundings): string => {
  if (status?.budget.cap_usd === undefined) return ""
  const { cap_usd, reserved_usd, spent_usd } = status.budget
  return ` (of ${usd(cap_usd)}, ${usd(spent_usd)} are spent and ${usd(reserved_usd)} reserved)`
}

const waitText = (cause: Exclude<WaitsFor, HoldCause>, task: TaskView, around: Surroundings): string => {
  switch (cause) {
    case "slot":
      return `it waits for a slot: ${slotsText(around)}.${after(task, task.error)}`
    case "role":
      return `it waits for a slot with the role ${task.role ?? "that it asks for"}, and none has it.`
    case "group":
      return "it waits for another item of its group: as many of them run at once as may."
    case "budget":
      return `it waits for money: others have reserved what it needs${moneyText(around)}.${after(task, task.error)}`
    case "retry": {
      const at = task.not_before === undefined ? "soon" : `at ${task.not_before}`
      const why = task.error === undefined ? "" : `: ${task.error.code}, ${cleanLine(task.error.message, mostSaid)}`
      return `attempt ${task.attempts} failed${why}; it is tried again ${at}.`
    }
    case "pool":
      return `it waits for a pool: none runs.${after(task, task.error)}`
  }
}

const explainQueued = (task: TaskView, around: Surroundings): Told => {
  const cause = task.waits_for
  if (cause === undefined) {
    return {
      because: `it waits for the pool that runs here to take it up.${after(task, task.error)}`,
      change: "`claude-pool status` shows what that pool does"
    }
  }
  if (isHold(cause)) return holdOf(cause, task, around)
  return { because: waitText(cause, task, around), change: remedyOfWait(cause, task.id) }
}

const phases: { readonly [phase: string]: string } = {
  "starting": "its worker is starting",
  "waiting-model": "it waits for the model",
  "backing-off": "the provider does not answer, and the CLI tries again by itself",
  "running-tool": "it runs a tool",
  "finishing": "it has answered, and what it did is looked at"
}

const doingOf = ({ progress }: TaskView): string => {
  if (progress === undefined) return ""
  const what = progress.phase === "running-tool" && progress.tool !== undefined
    ? `it runs ${cleanLine(progress.tool, 60)}`
    : phases[progress.phase] ?? progress.phase
  return `: ${what}, last heard of ${spanText(progress.last_event_s * 1000)} ago, ${usd(progress.cost_usd)} so far`
}

const explainRunning = (task: TaskView, attempts: ReadonlyArray<AttemptView>, { now, status }: Surroundings): Told => {
  const current = attempts.at(-1)
  const since = current === undefined
    ? ""
    : ` for ${spanText(DateTime.toEpochMillis(now) - DateTime.toEpochMillis(DateTime.makeUnsafe(current.started_at)))}`
  const slot = status?.slots.find((one) => one.slot === task.slot && one.task === task.id)
  const suspicion = slot?.suspicion === undefined ? "" : `. Suspicious: ${cleanLine(slot.suspicion, mostSaid)}`
  const watch = `\`claude-pool logs -f ${task.id}\` shows what it does, \`claude-pool cancel ${task.id}\` stops it`
  return {
    because: `attempt ${task.attempts} has been running on ${task.slot ?? "a slot"}${since}${
      doingOf(task)
    }${suspicion}.`,
    change: task.progress?.phase === "backing-off" ? `${watch}, --fallback-model names a model to go over to` : watch
  }
}

const explainReview = ({ id, review }: TaskView): Told => {
  const sent = review === undefined || review.rejections === 0
    ? ""
    : `; it was sent back ${review.rejections} of at most ${review.max_rejections} times`
  const hash = review === undefined ? "" : ` --hash ${review.hash}`
  return {
    because: `its result waits to be approved${sent}.`,
    change: `\`claude-pool approve ${id}${hash}\` accepts it, \`claude-pool reject ${id} --feedback "…"\` sends it back`
  }
}

const explainDone = ({ id }: TaskView, attempts: ReadonlyArray<AttemptView>): Told => {
  const last = attempts.at(-1)
  const number = last === undefined || last.number === 1 ? "" : ` in attempt ${last.number}`
  const recovered = last?.recovered === true
    ? ": its answer was found in its session after the pool had been killed"
    : last?.resumes !== undefined && attempts.some(({ session }) => session === last.resumes)
    ? ", which went on where an earlier one had stopped"
    : ""
  return { because: `it is done${number}${recovered}; \`claude-pool result ${id}\` prints its answer.` }
}

export const explainFailure = (id: string, what: string, error: FailureView | undefined): Told =>
  error === undefined ? { because: `${what}.` } : {
    because: `${what} (${error.code}): ${cleanLine(error.message, mostSaid).replace(/\.$/, "")}.`,
    change: remedyOf(error.code, id) ?? cleanLine(error.hint, mostSaid)
  }

const explainFailed = (task: TaskView): Told => {
  const { attempts, error, id } = task
  if (error?.code === "Quarantined") {
    return explainFailure(id, `it is in quarantine after ${attempts} attempts`, error)
  }
  return explainFailure(
    id,
    attempts === 0 ? "it failed before it was started" : `it failed in attempt ${attempts}`,
    error
  )
}

export const explainCancelled = (id: string, note: string | undefined): Told => ({
  because: `it was cancelled${note === undefined ? "" : `: ${cleanLine(note, mostSaid)}`}.`,
  change: againWith(id)
})

const tellTask = (task: TaskView, attempts: ReadonlyArray<AttemptView>, around: Surroundings): Told => {
  switch (task.state) {
    case "queued":
      return explainQueued(task, around)
    case "running":
      return explainRunning(task, attempts, around)
    case "review":
      return explainReview(task)
    case "done":
      return explainDone(task, attempts)
    case "failed":
      return explainFailed(task)
    case "cancelled":
      return explainCancelled(task.id, task.summary)
  }
}

export const explainTask = (
  task: TaskView,
  attempts: ReadonlyArray<AttemptView>,
  around: Surroundings
): Explanation => ({
  id: task.id,
  state: task.state,
  ...tellTask(task, attempts, around),
  history: historyOf(attempts)
})
