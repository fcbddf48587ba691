/**
 * Well, suspicious or hung: the bounds of each state, and what keeps a silent worker from being taken for a hung one.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration } from "effect"
import {
  type Condition,
  conditionOf,
  firstPulse,
  type Growth,
  type HealthRules,
  type Look,
  nextPulse,
  silentUntil
} from "../../src/domain/Health.ts"
import { healthBounds } from "../../src/domain/HealthBounds.ts"
import type { Phase } from "../../src/domain/Progress.ts"
import type { Vitals } from "../../src/domain/Vitals.ts"
import { dice } from "../support/WorkerLife.ts"

const rules: HealthRules = { bounds: healthBounds, stallAfter: Duration.minutes(15) }

const time = (seconds: number) => DateTime.makeUnsafe(seconds * 1000)

const vitals = (phase: Phase, more: Partial<Vitals> = {}): Vitals => ({
  phase,
  phaseSince: time(0),
  lastEventAt: time(0),
  tool: null,
  retryAt: null,
  session: null,
  ...more
})

const grown: Growth = { bytes: 100, modifiedAt: 0, hasAnswer: false }

interface Shown {
  readonly vitals: Vitals
  /** At second so-and-so; what is not said is as ever. */
  readonly cpuMs?: (second: number) => number | null
  readonly transcript?: (second: number) => Growth | null
  readonly rules?: HealthRules
}

const lookAt = ({ cpuMs, transcript, vitals }: Shown, second: number): Look => {
  const used = cpuMs === undefined ? 500 : cpuMs(second)
  return {
    now: second * 1000,
    vitals,
    usage: used === null ? null : { processes: 1, rssBytes: 1, cpuMs: used },
    transcript: transcript === undefined ? grown : transcript(second),
    heldUpMs: 0
  }
}

/** Looked at every five seconds, up to this one. */
const at = (shown: Shown, until: number): Condition => {
  const { bounds } = shown.rules ?? rules
  let pulse = firstPulse(lookAt(shown, 0))
  for (let second = 5; second < until; second += 5) pulse = nextPulse(pulse, lookAt(shown, second), bounds)
  return conditionOf(nextPulse(pulse, lookAt(shown, until), bounds), shown.rules ?? rules)
}

const named = (condition: Condition): string =>
  "mode" in condition ? `${condition._tag} ${condition.mode}` : condition._tag

/** What it is just before and just after each of the bounds. */
const steps = (shown: Shown, bounds: Readonly<Record<number, readonly [string, string]>>): void => {
  for (const [second, [before, after]] of Object.entries(bounds)) {
    assert.strictEqual(named(at(shown, Number(second) - 1)), before, `before ${second}s`)
    assert.strictEqual(named(at(shown, Number(second))), after, `at ${second}s`)
  }
}

const bash = (seconds: number) => ({ name: "Bash", timeout: Duration.seconds(seconds) })
const unlimited = { name: "mcp__a__b", timeout: null }

describe("a worker that gives no sign of life", () => {
  it("is suspicious and hung, by the bounds of its phase", () => {
    steps({ vitals: vitals("starting") }, {
      20: ["Well", "Suspicious no-start"],
      60: ["Suspicious no-start", "Hung no-start"]
    })
    steps({ vitals: vitals("waiting-model") }, {
      90: ["Well", "Suspicious stream-stalled"],
      330: ["Suspicious stream-stalled", "Hung stream-stalled"]
    })
    steps({ vitals: vitals("backing-off", { retryAt: time(32) }) }, {
      47: ["Well", "Suspicious retry-overdue"],
      362: ["Suspicious retry-overdue", "Hung retry-overdue"]
    })
    steps(
      { vitals: vitals("backing-off", { retryAt: time(3600) }), rules: { ...rules, stallAfter: Duration.days(1) } },
      {
        3615: ["Well", "Suspicious retry-overdue"],
        7230: ["Suspicious retry-overdue", "Hung retry-overdue"]
      }
    )
    steps({ vitals: vitals("running-tool", { tool: bash(600) }) }, {
      630: ["Well", "Suspicious tool-stuck"],
      660: ["Suspicious tool-stuck", "Hung tool-stuck"]
    })
    steps({ vitals: vitals("running-tool", { tool: unlimited }) }, { 900: ["Well", "Hung tool-stuck"] })
    steps({ vitals: vitals("finishing") }, {
      2: ["Well", "Suspicious lingering"],
      900: ["Suspicious lingering", "Hung lingering"]
    })
  })

  it("is not kept by a longer bound than the user's, where nothing explains its silence", () => {
    const impatient = { ...rules, stallAfter: Duration.seconds(30) }
    steps({ vitals: vitals("waiting-model"), rules: impatient }, { 30: ["Well", "Hung stream-stalled"] })
    steps({ vitals: vitals("running-tool", { tool: unlimited }), rules: impatient }, {
      30: ["Well", "Hung tool-stuck"]
    })
    // Its command may take as long as it has asked for, and the CLI may pause as it said.
    steps({ vitals: vitals("running-tool", { tool: bash(120) }), rules: impatient }, {
      180: ["Suspicious tool-stuck", "Hung tool-stuck"]
    })
    steps({ vitals: vitals("backing-off", { retryAt: time(100) }), rules: impatient }, {
      430: ["Suspicious retry-overdue", "Hung retry-overdue"]
    })
  })

  it("is not blamed for a silence that nobody could have heard", () => {
    const hour = 3600
    const shown = { vitals: vitals("waiting-model") }
    const unseen = { ...lookAt(shown, hour + 105), heldUpMs: hour * 1000 }
    let pulse = firstPulse(lookAt(shown, 0))
    for (let second = 5; second <= 100; second += 5) pulse = nextPulse(pulse, lookAt(shown, second), healthBounds)
    pulse = nextPulse(pulse, unseen, healthBounds)
    // What was heard of its silence before counts on.
    assert.deepInclude(conditionOf(pulse, rules), { _tag: "Suspicious", since: hour * 1000 })
    const later = (second: number) =>
      named(conditionOf(nextPulse(pulse, lookAt(shown, hour + second), healthBounds), rules))
    assert.strictEqual(later(329), "Suspicious stream-stalled")
    assert.strictEqual(later(330), "Hung stream-stalled")
    // It was written meanwhile, and what it said of it is still to be read.
    const grew = { ...unseen, transcript: { bytes: 200, modifiedAt: 110, hasAnswer: true } }
    const before = nextPulse(firstPulse(lookAt(shown, 0)), lookAt(shown, 5), healthBounds)
    assert.strictEqual(conditionOf(nextPulse(before, grew, healthBounds), rules)._tag, "Well")
  })

  it("is left to the user's own bound where its CPU cannot be told", () => {
    const unseen = { cpuMs: () => null, transcript: () => null }
    steps({ vitals: vitals("waiting-model"), ...unseen }, { 900: ["Well", "Hung stream-stalled"] })
    steps({ vitals: vitals("running-tool", { tool: bash(600) }), ...unseen }, { 900: ["Well", "Hung tool-stuck"] })
    assert.strictEqual(silentUntil(vitals("waiting-model"), 0, rules), 900_000)
  })

  it("says what was looked at", () => {
    const hung = at({ vitals: vitals("waiting-model"), cpuMs: (second) => second }, 330)
    assert.strictEqual(hung._tag, "Hung")
    if (hung._tag === "Hung") {
      assert.strictEqual(
        hung.evidence,
        "its processes used 330ms of CPU in 5m30s, and its transcript did not grow"
      )
    }
  })
})

describe("a worker that lives", () => {
  it("may be silent while its processes work", () => {
    // 6 % of a core.
    const shown = { cpuMs: (second: number) => second * 60 }
    assert.strictEqual(named(at({ vitals: vitals("waiting-model"), ...shown }, 3600)), "Well")
    assert.strictEqual(named(at({ vitals: vitals("running-tool", { tool: bash(60) }), ...shown }, 3600)), "Well")
    assert.strictEqual(named(at({ vitals: vitals("running-tool", { tool: unlimited }), ...shown }, 3600)), "Well")
  })

  it("may take in a long answer, which costs little", () => {
    const shown = { vitals: vitals("waiting-model"), cpuMs: (second: number) => second * 16 }
    assert.strictEqual(named(at(shown, 800)), "Well")
    assert.strictEqual(named(at(shown, 900)), "Hung stream-stalled")
  })

  it("lives as long as processes of it come and go", () => {
    const shown = { vitals: vitals("running-tool", { tool: bash(60) }), cpuMs: (second: number) => 100 + second % 2 }
    assert.strictEqual(named(at(shown, 600)), "Well")
  })

  it("is hung for its bound from the moment that its processes rest", () => {
    const shown = {
      vitals: vitals("running-tool", { tool: bash(60) }),
      cpuMs: (second: number) => Math.min(second, 300) * 500
    }
    steps(shown, { 330: ["Well", "Suspicious tool-stuck"], 360: ["Suspicious tool-stuck", "Hung tool-stuck"] })
  })
})

describe("a worker that is not heard any more", () => {
  const writing = (until: number, answersAt = Infinity) => (second: number): Growth => ({
    bytes: Math.min(second, until),
    modifiedAt: Math.min(second, until),
    hasAnswer: second >= answersAt
  })

  it("is left to its work while its transcript grows", () => {
    assert.strictEqual(
      named(at({ vitals: vitals("waiting-model"), transcript: writing(Infinity) }, 7200)),
      "Suspicious output-stopped"
    )
  })

  it("has answered when its transcript says so, and nothing grows any more", () => {
    const shown = { vitals: vitals("running-tool", { tool: bash(60) }), transcript: writing(400, 400) }
    steps(shown, { 415: ["Suspicious output-stopped", "Answered"] })
  })

  it("is hung where its transcript rests without an answer, for as long as the user allows", () => {
    const shown = { vitals: vitals("waiting-model"), transcript: writing(400) }
    steps(shown, { 1300: ["Suspicious output-stopped", "Hung output-stopped"] })
  })

  it("is one that hangs, where the transcript ended with its last word", () => {
    const last = vitals("waiting-model", { lastEventAt: time(100) })
    const shown = { vitals: last, transcript: (second: number) => ({ ...grown, bytes: second < 100 ? 1 : 2 }) }
    assert.strictEqual(named(at(shown, 429)), "Suspicious stream-stalled")
    assert.strictEqual(named(at(shown, 430)), "Hung stream-stalled")
  })

  it("has answered rather than hung, where the answer is there", () => {
    const shown = { vitals: vitals("waiting-model"), transcript: () => ({ ...grown, hasAnswer: true }) }
    steps(shown, { 330: ["Suspicious stream-stalled", "Answered"] })
  })
})

const phases = ["waiting-model", "backing-off", "running-tool"] as const

describe("whatever comes", () => {
  it("a sign of life in every minute keeps it, and none at all does not", () => {
    let kept = 0
    for (let seed = 1; seed <= 300; seed++) {
      const { between, next, pick } = dice(seed)
      const phase = pick(phases)
      const shown = vitals(phase, {
        tool: phase === "running-tool" ? pick([unlimited, bash(between(1, 600))]) : null,
        retryAt: phase === "backing-off" ? time(between(0, 40)) : null
      })
      const sign = pick(["cpu", "bytes", "transcript"] as const)
      let [now, cpuMs, bytes, lastEventAt, lastSign] = [0, 500, 1, 0, 0]
      let pulse = firstPulse(lookAt({ vitals: shown }, 0))
      const live = between(600, 3600)
      let condition: Condition
      do {
        const step = between(5, 6)
        now += step
        const isSign = now < live && (now - lastSign > 50 || next() < 0.05)
        cpuMs += step * (isSign && sign === "cpu" ? between(60, 2000) : between(0, 5))
        if (isSign && sign === "bytes") lastEventAt = now
        if (isSign && sign === "transcript") bytes += 10
        if (isSign) lastSign = now
        const look = {
          ...lookAt({ vitals: { ...shown, lastEventAt: time(lastEventAt) } }, now),
          usage: { processes: 1, rssBytes: 1, cpuMs },
          transcript: { bytes, modifiedAt: bytes, hasAnswer: false }
        }
        pulse = nextPulse(pulse, look, rules.bounds)
        condition = conditionOf(pulse, rules)
        if (now < live) {
          assert.notStrictEqual(condition._tag, "Hung", `${seed} at ${now}`)
          kept++
        }
      } while (condition._tag !== "Hung" && now < live + 10_000)
      assert.strictEqual(condition._tag, "Hung", `${seed}`)
      // The longest of all bounds is the user's own.
      assert.isAtMost(now - lastSign, 900 + 2 * 6, `${seed}`)
    }
    assert.isAbove(kept, 50_000)
  })
})
