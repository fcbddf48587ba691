/**
 * Whether a worker is well: a state machine over its own events, the CPU that its processes use, and the growth of its
 * transcript, with a bound for each state. Silence alone is not sickness.
 */
import { Data, DateTime, Duration, Schema } from "effect"
import { formatDuration } from "./DurationText.ts"
import type { HealthBounds } from "./HealthBounds.ts"
import type { Vitals } from "./Vitals.ts"

/** The ways in which workers hang, as they were seen in the field. */
export const HangMode = Schema.Literals([
  /** Nothing came from the start. */
  "no-start",
  /** The model's answer stopped in the middle, or never began. */
  "stream-stalled",
  /** A try that the CLI announced did not happen. */
  "retry-overdue",
  /** A tool runs past its own time limit and does nothing. */
  "tool-stuck",
  /** It says nothing more, while its work goes on in the transcript. */
  "output-stopped",
  /** It has answered, and does not leave. */
  "lingering"
])
export type HangMode = typeof HangMode.Type

/** What is held against a worker that is not ended yet. */
export interface Suspicion {
  readonly mode: HangMode
  /** Since when it has given no sign of life, in milliseconds since 1970. */
  readonly since: number
  /** In words, for people. */
  readonly detail: string
}

/** What the processes of a slot use, all of them together. */
export interface Usage {
  readonly processes: number
  readonly rssBytes: number
  /** CPU time so far of those that live now. */
  readonly cpuMs: number
}

/** How far the transcript is. */
export interface Growth {
  readonly bytes: number
  readonly modifiedAt: number
  /** Whether it has come to a final answer to what this worker was asked. */
  readonly hasAnswer: boolean
}

/** Everything that can be seen of a worker at one time, in milliseconds since 1970. */
export interface Look {
  readonly now: number
  readonly vitals: Vitals
  /** Null: it cannot be told here. */
  readonly usage: Usage | null
  readonly transcript: Growth | null
  /**
   * How much of the time since the look before was lost to it, in milliseconds: the machine was suspended, this process
   * stood still, or the clock was set. What a worker did meanwhile could not be seen.
   */
  readonly heldUpMs: number
}

export interface HealthRules {
  readonly bounds: HealthBounds
  /** The user's own bound, for silence that nothing else explains. */
  readonly stallAfter: Duration.Duration
}

export type Condition = Data.TaggedEnum<{
  Well: {}
  Suspicious: Suspicion
  Hung: {
    readonly mode: HangMode
    readonly quiet: Duration.Duration
    /** What was looked at besides its silence, in words. */
    readonly evidence: string
  }
  /** It says nothing any more, and its transcript has the answer. */
  Answered: {}
}>
export const Condition = Data.taggedEnum<Condition>()

/** What is remembered of the looks so far. */
export interface Pulse {
  readonly beganAt: number
  readonly last: Look
  /** When its processes last did something, and when its transcript last grew: never, if before the first look. */
  readonly busyAt: number
  readonly grewAt: number
  /** The first look at which it was as quiet as it is now. */
  readonly quietFrom: { readonly at: number; readonly cpuMs: number }
  /** Since when stdout is silent while the transcript grows. */
  readonly unheardSince: number | null
  /** How much of its silence so far could not be seen: that is not held against it. */
  readonly heldUpMs: number
}

const never = Number.NEGATIVE_INFINITY
const at = DateTime.toEpochMillis
const ms = Duration.toMillis

export const firstPulse = (look: Look): Pulse => ({
  beganAt: look.now,
  last: look,
  busyAt: never,
  grewAt: never,
  quietFrom: { at: look.now, cpuMs: look.usage?.cpuMs ?? 0 },
  unheardSince: null,
  heldUpMs: 0
})

const lastSign = ({ beganAt, busyAt, grewAt }: Pulse, { lastEventAt, phase }: Vitals): number =>
  // A spare may have been ready for hours before it is asked.
  Math.max(at(lastEventAt), busyAt, grewAt, phase === "starting" ? beganAt : never)

/** Since when it is silent, as far as that could be seen. */
const silentSince = (pulse: Pulse): number => lastSign(pulse, pulse.last.vitals) + pulse.heldUpMs

/** In what CPU time is counted, in milliseconds: one of them alone says nothing. */
const tick = 10

/** Whether processes did something between two looks: a process that came or went counts, for its CPU time goes with it. */
const isBusy = (before: Look, { heldUpMs, now, usage }: Look, { busy }: HealthBounds): boolean =>
  usage !== null && before.usage !== null && (
    usage.processes !== before.usage.processes ||
    usage.cpuMs < before.usage.cpuMs ||
    usage.cpuMs - before.usage.cpuMs > Math.max(2 * tick, busy * (now - before.now - heldUpMs))
  )

const hasGrown = ({ transcript: before }: Look, { transcript }: Look): boolean =>
  transcript !== null && before !== null &&
  (transcript.bytes !== before.bytes || transcript.modifiedAt !== before.modifiedAt)

export const nextPulse = (pulse: Pulse, look: Look, bounds: HealthBounds): Pulse => {
  const { last } = pulse
  const { heldUpMs } = look
  const grew = hasGrown(last, look)
  const eventAt = at(look.vitals.lastEventAt)
  // What it has said while nobody heard it is still to be read.
  const isUnheard = grew && heldUpMs === 0 && eventAt < last.now - ms(bounds.writing)
  const spoke = eventAt !== at(last.vitals.lastEventAt)
  const next: Pulse = {
    ...pulse,
    last: look,
    busyAt: isBusy(last, look, bounds) ? look.now : pulse.busyAt,
    grewAt: grew ? look.now : pulse.grewAt,
    unheardSince: isUnheard ? pulse.unheardSince ?? eventAt : spoke ? null : pulse.unheardSince
  }
  const { quietFrom } = pulse
  return lastSign(next, look.vitals) === lastSign(pulse, last.vitals)
    ? { ...next, heldUpMs: pulse.heldUpMs + heldUpMs, quietFrom: { ...quietFrom, at: quietFrom.at + heldUpMs } }
    : { ...next, heldUpMs: 0, quietFrom: { at: look.now, cpuMs: look.usage?.cpuMs ?? 0 } }
}

/** The time up to which its silence has a reason of its own: a tool's own limit, or a pause that was announced. */
const explainedUntil = ({ phase, phaseSince, retryAt, tool }: Vitals, { bounds }: HealthRules): number => {
  const since = at(phaseSince)
  if (phase === "running-tool" && tool !== null && tool.timeout !== null) {
    return since + ms(tool.timeout) + ms(bounds.runningTool.hung)
  }
  if (phase !== "backing-off") return never
  const due = retryAt === null ? since : at(retryAt)
  return Math.max(
    since + bounds.backingOff.hungTimes * (due - since + ms(bounds.backingOff.suspicious)),
    // After the pause the model is asked again, and may be as slow as ever.
    due + ms(bounds.waitingModel.hung)
  )
}

/** When silence since a last sign of life will have been too long, by the user's own bound alone. */
export const silentUntil = (vitals: Vitals, sign: number, rules: HealthRules): number =>
  Math.max(sign + ms(rules.stallAfter), explainedUntil(vitals, rules))

/** How it hangs, if it does. */
export const modeOf = ({ phase }: Vitals): HangMode => {
  switch (phase) {
    case "starting":
      return "no-start"
    case "waiting-model":
      return "stream-stalled"
    case "backing-off":
      return "retry-overdue"
    case "running-tool":
      return "tool-stuck"
    case "finishing":
      return "lingering"
  }
}

/** From when on it is suspicious, and from when on hung, by the bounds of its phase; never, where there is more to go by. */
const limitsOf = (pulse: Pulse, rules: HealthRules): { readonly suspicious: number; readonly hung: number } => {
  const { last: { now, usage, vitals }, quietFrom } = pulse
  const { backingOff, busyThroughout, finishing, runningTool, starting, waitingModel } = rules.bounds
  const sign = silentSince(pulse)
  const unbounded = { suspicious: Infinity, hung: Infinity }
  const isFlat = usage !== null && usage.cpuMs - quietFrom.cpuMs <= busyThroughout * (now - quietFrom.at)
  switch (vitals.phase) {
    case "starting":
      return { suspicious: sign + ms(starting.suspicious), hung: sign + ms(starting.hung) }
    case "finishing":
      // Ending it is the work of whoever has its answer.
      return { suspicious: at(vitals.phaseSince) + ms(finishing.suspicious), hung: Infinity }
    case "waiting-model":
      return isFlat ? { suspicious: sign + ms(waitingModel.suspicious), hung: sign + ms(waitingModel.hung) } : unbounded
    case "backing-off": {
      const due = Math.max(vitals.retryAt === null ? 0 : at(vitals.retryAt), sign)
      const hung = Math.max(explainedUntil(vitals, rules), due + ms(waitingModel.hung))
      return isFlat ? { suspicious: due + ms(backingOff.suspicious), hung } : unbounded
    }
    case "running-tool": {
      const limit = vitals.tool?.timeout ?? null
      if (limit === null || usage === null) return unbounded
      const over = Math.max(at(vitals.phaseSince) + ms(limit), sign)
      return { suspicious: over + ms(runningTool.suspicious), hung: over + ms(runningTool.hung) }
    }
  }
}

const inSeconds = (time: number): string => formatDuration(Duration.seconds(Math.round(time / 1000)))

const evidenceOf = ({ last: { now, transcript, usage }, quietFrom }: Pulse): string => {
  const cpu = usage === null
    ? "the CPU of its processes is not known"
    : `its processes used ${Math.max(0, Math.round(usage.cpuMs - quietFrom.cpuMs))}ms of CPU in ${
      inSeconds(now - quietFrom.at)
    }`
  return `${cpu}, and its transcript ${transcript === null ? "could not be seen" : "did not grow"}`
}

const detailOf = (mode: HangMode, { last: { now, vitals } }: Pulse, since: number): string => {
  const tool = vitals.tool === null ? "" : ` in ${vitals.tool.name}`
  return `${mode}: no sign of life for ${inSeconds(now - since)} (${vitals.phase}${tool})`
}

/** What the last look comes to, in the light of those before it. */
export const conditionOf = (pulse: Pulse, rules: HealthRules): Condition => {
  const { last: { now, transcript, vitals }, unheardSince } = pulse
  const sign = silentSince(pulse)
  const quiet = Duration.millis(Math.max(0, now - sign))
  const isSilent = now >= silentUntil(vitals, sign, rules)
  const hung = (mode: HangMode): Condition =>
    // What was paid for is taken, rather than asked for once more.
    transcript?.hasAnswer === true && vitals.phase !== "finishing"
      ? Condition.Answered()
      : Condition.Hung({ mode, quiet, evidence: evidenceOf(pulse) })

  // What it is at is not known any more: its last phase was told before it fell silent.
  if (unheardSince !== null && vitals.phase !== "finishing") {
    if (transcript?.hasAnswer === true && Duration.isGreaterThanOrEqualTo(quiet, rules.bounds.settled)) {
      return Condition.Answered()
    }
    if (isSilent) return hung("output-stopped")
    const detail = `output-stopped: nothing on stdout for ${inSeconds(now - unheardSince)}, while its transcript grows`
    return Condition.Suspicious({ mode: "output-stopped", since: unheardSince, detail })
  }
  const mode = modeOf(vitals)
  const limits = limitsOf(pulse, rules)
  if (now >= limits.hung || isSilent) return hung(mode)
  if (now < limits.suspicious) return Condition.Well()
  return Condition.Suspicious({ mode, since: sign, detail: detailOf(mode, pulse, sign) })
}
