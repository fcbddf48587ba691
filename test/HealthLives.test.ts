/**
 * Ten thousand slow workers, of whom none may be ended, and workers that hang in each of the ways that are known, each of
 * whom has to be found in its time. All of it on a clock that is only counted.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { ClaudeLine } from "../src/domain/ClaudeEvent.ts"
import type { HangMode, HealthRules } from "../src/domain/Health.ts"
import { healthBounds } from "../src/domain/HealthBounds.ts"
import {
  beginning,
  type Dice,
  dice,
  says,
  slowKinds,
  slowLife,
  slowStretches,
  type Stretch,
  watchLife
} from "./support/WorkerLife.ts"

const rules: HealthRules = { bounds: healthBounds, stallAfter: Duration.minutes(15) }

const seconds = (number: number) => number * 1000

/** The longest time between two looks. */
const between = 5500

describe("a slow worker", () => {
  it("is never taken for one that hangs", () => {
    let looks = 0
    let suspicions = 0
    const killed: Array<string> = []
    for (let seed = 1; seed <= 10_000; seed++) {
      const thrown = dice(seed)
      looks += watchLife(slowLife(thrown), { rules, dice: thrown }, ({ condition }) => {
        if (condition._tag === "Suspicious") suspicions++
        if (condition._tag === "Hung") killed.push(`${seed}: ${condition.mode} ${condition.evidence}`)
        return condition._tag === "Hung" || condition._tag === "Answered"
      }).looks
    }
    assert.deepStrictEqual(killed, [])
    assert.isAbove(looks, 1_000_000)
    process.stdout.write(`slow lives: 10000, looks: ${looks}, suspicious looks: ${suspicions}, false kills: 0\n`)
  })

  for (const kind of slowKinds) {
    it(`is well that ${kind}`, () => {
      for (let seed = 1; seed <= 50; seed++) {
        const thrown = dice(seed)
        const life = [...beginning, ...slowStretches(kind, thrown)]
        watchLife(life, { rules, dice: thrown }, ({ condition }) => {
          assert.notInclude(["Hung", "Answered"], condition._tag, `${seed}: ${JSON.stringify(condition)}`)
          return false
        })
      }
    })
  }

  it("may write lines of five megabytes", () => {
    const line = JSON.stringify(says.text(5_000_000))
    const read = Schema.decodeSync(ClaudeLine)(line)
    assert.strictEqual(read.type, "assistant")
  })
})

interface Hang {
  readonly mode: HangMode
  /** What it does until it hangs. */
  readonly life: (dice: Dice) => ReadonlyArray<Stretch>
  readonly asked?: boolean
  /** From its last word to when it has to be found, at the latest. */
  readonly within: number
  readonly as: "Hung" | "Answered" | "Suspicious"
}

const hangs: Readonly<Record<string, Hang>> = {
  "never starts": { mode: "no-start", life: () => [], asked: false, within: seconds(60) + between, as: "Hung" },
  "stalls in its answer": {
    mode: "stream-stalled",
    life: (dice) => [...beginning, ...slowStretches(dice.pick(["thinks for long", "waits for the model"]), dice)],
    within: seconds(330),
    as: "Hung"
  },
  "does not retry as it said": {
    mode: "retry-overdue",
    life: (dice) => [...beginning, { ms: 100, says: says.retry(dice.pick([500, 4500, 32_000])) }],
    within: seconds(330 + 32),
    as: "Hung"
  },
  "is stuck in a command": {
    mode: "tool-stuck",
    life: (dice) => [...beginning, {
      ms: 10,
      says: says.call("t1", "Bash", { timeout: dice.pick([1000, 120_000, 600_000, 9_000_000]) }),
      writes: 10
    }],
    within: seconds(600 + 60),
    as: "Hung"
  },
  "is stuck in a tool without a limit": {
    mode: "tool-stuck",
    life: () => [...beginning, { ms: 10, says: says.call("t1", "mcp__a__b"), writes: 10 }],
    within: seconds(15 * 60),
    as: "Hung"
  },
  "stops speaking, and comes to its answer": {
    mode: "output-stopped",
    life: (dice) => [
      ...beginning,
      { ms: 100, says: says.text() },
      ...Array.from({ length: 10 }, () => ({ ms: dice.between(20_000, 60_000), writes: 100 })),
      { ms: 10_000, writes: 100, answers: true }
    ],
    within: seconds(10 * 60 + 10 + 15) + between,
    as: "Answered"
  },
  "stops speaking in the middle of its work, and then at all": {
    mode: "output-stopped",
    life: (dice) => [
      ...beginning,
      ...Array.from({ length: 10 }, () => ({ ms: dice.between(20_000, 60_000), writes: 100 }))
    ],
    within: seconds(10 * 60 + 15 * 60),
    as: "Hung"
  },
  "has answered, and does not leave": {
    mode: "lingering",
    life: () => [...beginning, { ms: 100, says: says.result, writes: 10, answers: true }],
    within: seconds(2),
    as: "Suspicious"
  }
}

describe("a worker", () => {
  for (const [what, { as, asked, life, mode, within }] of Object.entries(hangs)) {
    it(`is found that ${what}`, () => {
      let longest = 0
      for (let seed = 1; seed <= 200; seed++) {
        const thrown = dice(seed)
        const acted = life(thrown)
        const { last, lastSaid } = watchLife(
          acted,
          { rules, dice: thrown, after: seconds(3600), ...(asked === undefined ? {} : { asked }) },
          ({ condition }) =>
            condition._tag === as && !("mode" in condition && condition.mode !== mode) &&
            // While it still writes, it is only suspected.
            (as !== "Suspicious" || condition._tag === "Suspicious")
        )
        assert.strictEqual(last?.condition._tag, as, `${seed}`)
        if (last !== null && "mode" in last.condition) assert.strictEqual(last.condition.mode, mode)
        // It may have been busy in the look in which it said its last word.
        assert.isAtMost(last!.at - lastSaid, within + 2 * between, `${seed}`)
        longest = Math.max(longest, last!.at - lastSaid)
      }
      process.stdout.write(
        `${what}: 200 of 200 found as ${mode}, at most ${Math.round(longest / 1000)}s after its last word\n`
      )
    })
  }
})
