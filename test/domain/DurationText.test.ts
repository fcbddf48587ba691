import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { formatDuration, parseDuration } from "../../src/domain/DurationText.ts"

const Millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000_000_000 }))

describe("DurationText", () => {
  it.prop("comes back as it went", [Millis], ([millis]) => {
    const duration = Duration.millis(millis)
    assert.deepStrictEqual(parseDuration(formatDuration(duration)), duration)
  })

  it.prop("is never longer than it needs to be: no part is zero", [Millis], ([millis]) => {
    if (millis > 0) assert.notMatch(formatDuration(Duration.millis(millis)), /(^|\D)0/)
  })

  it("is what people write", () => {
    const written: ReadonlyArray<readonly [string, Duration.Input]> = [
      ["90s", "90 seconds"],
      ["5m", "5 minutes"],
      ["1h30m", "90 minutes"],
      ["1h 30m", "90 minutes"],
      ["30 minutes", "30 minutes"],
      ["1 Day", "1 day"],
      ["0.5h", "30 minutes"],
      ["250ms", "250 millis"]
    ]
    for (const [text, duration] of written) {
      assert.deepStrictEqual(parseDuration(text), Duration.fromInputUnsafe(duration), text)
    }
  })

  it("is nothing that could mean two things", () => {
    for (const text of ["", " ", "90", "m", "5 parsecs", "-5m", "1h30", "1h-30m", "Infinity", "5m!", "1e3s"]) {
      assert.isNull(parseDuration(text), text)
    }
  })

  it("is written from the largest unit down", () => {
    assert.strictEqual(formatDuration(Duration.millis(93_784_005)), "1d2h3m4s5ms")
    assert.strictEqual(formatDuration(Duration.zero), "0s")
  })
})
