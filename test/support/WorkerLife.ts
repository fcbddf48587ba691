/**
 * The lives of workers, as random as their seed: what they say, what CPU they use, and how their transcripts grow, second
 * by second on a clock that is only counted. Whoever looks at them sees what a supervisor would see.
 */
import { DateTime } from "effect"
import type { ClaudeEvent } from "../../src/domain/ClaudeEvent.ts"
import {
  type Condition,
  conditionOf,
  firstPulse,
  type HealthRules,
  type Look,
  nextPulse
} from "../../src/domain/Health.ts"
import { Tracker } from "../../src/services/claude/Tracker.ts"

/** The same numbers for the same seed, from 0 up to 1. */
export const dice = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number): number => least + next() * (most - least)
  const pick = <A>(all: ReadonlyArray<A>): A => all[Math.floor(next() * all.length)]!
  return { next, between, pick }
}
export type Dice = ReturnType<typeof dice>

/** Milliseconds in which nothing happens but what is said here; what is said and written comes at the end of them. */
export interface Stretch {
  readonly ms: number
  /** Of a core, beyond what every process uses that waits. */
  readonly cpu?: number
  readonly says?: ClaudeEvent
  /** Bytes. */
  readonly writes?: number
  /** The transcript has come to its final answer. */
  readonly answers?: boolean
  /** How many processes there are from then on. */
  readonly processes?: number
}

const other = (type: string): ClaudeEvent => ({ type })

let calls = 0

export const says = {
  init: { type: "system", subtype: "init", session_id: "s" } as ClaudeEvent,
  text: (chars = 10): ClaudeEvent => ({
    type: "assistant",
    message: { id: `m${++calls}`, content: [{ type: "text", text: "x".repeat(chars) }] }
  }),
  call: (id: string, name: string, input: unknown = {}, message = id, parent: string | null = null): ClaudeEvent => ({
    type: "assistant",
    parent_tool_use_id: parent,
    message: { id: message, content: [{ type: "tool_use", id, name, input }] }
  }),
  answer: (id: string, parent: string | null = null): ClaudeEvent => ({
    type: "user",
    parent_tool_use_id: parent,
    message: { content: [{ type: "tool_result", tool_use_id: id }] }
  }),
  retry: (delay: number, attempt = 1): ClaudeEvent => ({
    type: "system",
    subtype: "api_retry",
    attempt,
    retry_delay_ms: delay,
    error_status: 529
  }),
  thinking: other("thinking_tokens"),
  progress: other("tool_progress"),
  keepAlive: other("keep_alive"),
  result: { type: "result", subtype: "success", is_error: false, session_id: "s" } as ClaudeEvent
}

/** What a slow worker does, each of them within what such workers may do. */
const slow: Readonly<Record<string, (dice: Dice) => ReadonlyArray<Stretch>>> = {
  "thinks for long": ({ between }) =>
    Array.from({ length: Math.ceil(between(5, 40)) }, () => ({ ms: between(1000, 60_000), says: says.thinking })),
  // The provider may take its time, up to where the CLI itself gives it up.
  "waits for the model": ({ between }) => [{ ms: between(1000, 315_000), says: says.text(), writes: 100 }],
  "writes a long answer": ({ between }) => [{
    ms: between(60_000, 840_000),
    cpu: between(0.016, 0.03),
    says: says.text(),
    writes: 100
  }],
  "is retried": ({ between, pick }) =>
    Array.from({ length: 10 }, (_, at) => at).flatMap((at) => {
      const delay = pick([500, 1100, 2400, 4500, 8700, 18_500, 32_000])
      return [{ ms: between(0, 100), says: says.retry(delay, at + 1) }, { ms: delay + between(0, 60_000) }]
    }).concat([{ ms: 10, says: says.text(), writes: 100 }] as never),
  "runs a silent command within its own limit": ({ between }) => {
    const id = `t${++calls}`
    return [
      { ms: 100, says: says.call(id, "Bash", { timeout: 600_000 }), writes: 100, processes: 3 },
      { ms: between(400_000, 599_000) },
      { ms: 10, says: says.answer(id), writes: 100, processes: 1 }
    ]
  },
  "runs a command that burns CPU, past every limit": ({ between }) => {
    const id = `t${++calls}`
    return [
      { ms: 100, says: says.call(id, "Bash"), writes: 100 },
      ...Array.from({ length: 9 }, () => [{ ms: 40_000, cpu: between(0.2, 2) }, { ms: between(0, 20_000) }]).flat(),
      { ms: 10, cpu: 0.2, says: says.answer(id), writes: 100 }
    ]
  },
  "runs a silent tool without a limit": ({ between }) => {
    const id = `t${++calls}`
    return [
      { ms: 100, says: says.call(id, "mcp__server__tool"), writes: 100 },
      { ms: between(60_000, 880_000) },
      { ms: 10, says: says.answer(id), writes: 100 }
    ]
  },
  "runs a tool that shows its progress": ({ between }) => {
    const id = `t${++calls}`
    const beats = Array.from({ length: Math.ceil(between(2, 60)) }, () => ({ ms: 30_000, says: says.progress }))
    return [{ ms: 1, says: says.call(id, "mcp__a__b") }, ...beats, { ms: 10, says: says.answer(id), writes: 100 }]
  },
  "runs several commands one after the other": ({ between }) => {
    const ids = Array.from({ length: 5 }, () => `t${++calls}`)
    const message = `m${++calls}`
    return [
      ...ids.map((id) => ({ ms: 5, says: says.call(id, "Bash", {}, message), writes: 10 })),
      ...ids.map((id) => ({ ms: between(60_000, 119_000), says: says.answer(id), writes: 100 }))
    ]
  },
  "has a subagent": ({ between }) => {
    const [agent, inner] = [`t${++calls}`, `t${++calls}`]
    return [
      { ms: 5, says: says.call(agent, "Task") },
      { ms: between(1000, 300_000), says: says.call(inner, "Bash", { timeout: 500_000 }, inner, agent) },
      { ms: between(1000, 499_000), says: says.answer(inner, agent) },
      { ms: between(1000, 300_000), says: says.answer(agent), writes: 100 }
    ]
  },
  // A line counts when its end has come.
  "writes a line of five megabytes": ({ between }) => [
    { ms: between(1000, 120_000), cpu: between(0.02, 0.9), says: says.text(5_000_000), writes: 5_000_000 }
  ],
  "is kept alive": ({ between }) =>
    Array.from({ length: 30 }, () => ({ ms: between(10_000, 89_000), says: says.keepAlive })),
  "writes to its transcript alone": ({ between }) =>
    Array.from({ length: 20 }, () => ({ ms: between(1000, 200_000), writes: 100 }))
      .concat([{ ms: 10, says: says.text(), writes: 10 }] as never)
}

export const slowKinds = Object.keys(slow)

export const beginning: ReadonlyArray<Stretch> = [{ ms: 300, says: says.init, writes: 100, cpu: 0.8 }]

export const slowStretches = (kind: string, dice: Dice): ReadonlyArray<Stretch> => slow[kind]!(dice)

/** Begins, does some slow things, and comes to its end. */
export const slowLife = (dice: Dice): ReadonlyArray<Stretch> => [
  ...beginning,
  ...Array.from({ length: Math.ceil(dice.between(0, 3)) }, () => slowStretches(dice.pick(slowKinds), dice)).flat(),
  { ms: 100, says: says.result, writes: 100, answers: true }
]

export interface Seen {
  readonly at: number
  readonly condition: Condition
  readonly look: Look
}

const clock = (at: number) => DateTime.makeUnsafe(at)

/** What every process uses that waits: little, and now and then a little more. */
const idleCpu = (dice: Dice, ms: number): number => ms * (dice.next() < 0.05 ? 0.016 : dice.between(0, 0.003))

/**
 * Looks at a life about every five seconds, from the prompt on, and on for so long after its last stretch, in which
 * nothing happens any more; stops where `until` says so.
 */
export const watchLife = (
  life: ReadonlyArray<Stretch>,
  options: { readonly rules: HealthRules; readonly dice: Dice; readonly after?: number; readonly asked?: boolean },
  until: (seen: Seen) => boolean
): { readonly looks: number; readonly last: Seen | null; readonly lastSaid: number; readonly tracker: Tracker } => {
  const { dice, rules } = options
  const start = 1_000_000
  let tracker = Tracker.start(clock(start))
  if (options.asked !== false) tracker = tracker.asked(clock(start))
  let [now, index, ends, cpuMs, bytes, modifiedAt, hasAnswer, processes, looks] = [
    start,
    0,
    start + (life[0]?.ms ?? 0),
    800,
    1000,
    start,
    false,
    1,
    0
  ]
  let lastSaid = start
  let pulse: ReturnType<typeof firstPulse> | null = null
  let seen: Seen | null = null
  const over = start + life.reduce((sum, { ms }) => sum + ms, 0) + (options.after ?? 0)
  while (now < over) {
    const next = now + dice.between(5000, 5500)
    let from = now
    while (index < life.length && ends <= next) {
      const { answers, cpu = 0, ms: _, processes: count, says: said, writes = 0 } = life[index]!
      cpuMs += cpu * (ends - from)
      from = ends
      if (said !== undefined) {
        tracker = tracker.after(said, clock(ends))
        lastSaid = ends
      }
      if (writes > 0) [bytes, modifiedAt] = [bytes + writes, ends]
      if (answers === true) hasAnswer = true
      if (count !== undefined) processes = count
      index++
      ends += life[index]?.ms ?? 0
    }
    cpuMs += (life[index]?.cpu ?? 0) * (next - from) + idleCpu(dice, next - now)
    now = next
    const look: Look = {
      now,
      vitals: tracker.vitals,
      usage: { processes, rssBytes: 2e8, cpuMs: Math.floor(cpuMs / 10) * 10 },
      // Read as a supervisor reads it: where nothing is said.
      transcript: now - DateTime.toEpochMillis(tracker.vitals.lastEventAt) < 15_000
        ? null
        : { bytes, modifiedAt, hasAnswer },
      heldUpMs: 0
    }
    pulse = pulse === null ? firstPulse(look) : nextPulse(pulse, look, rules.bounds)
    seen = { at: now, condition: conditionOf(pulse, rules), look }
    looks++
    if (until(seen)) break
  }
  return { looks, last: seen, lastSaid, tracker }
}
