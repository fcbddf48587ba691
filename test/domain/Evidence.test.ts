/**
 * What checks and work together come to.
 */
import { assert, describe, it } from "@effect/vitest"
import { verificationOf } from "../../src/domain/Evidence.ts"

const checks = (...held: ReadonlyArray<boolean | null>) => held.map((one) => ({ held: one }))
const work = { toolCalls: 1, files: 0 }
const nothing = { toolCalls: 0, files: 0 }

describe("work", () => {
  it("is verified where all that was expected holds, and something was done", () => {
    assert.strictEqual(verificationOf(checks(true, true), work), "verified")
    assert.strictEqual(verificationOf(checks(true), { toolCalls: 0, files: 1 }), "verified")
  })

  it("is contradicted where one thing does not hold, whatever else could not be told", () => {
    assert.strictEqual(verificationOf(checks(true, null, false), work), "contradicted")
    assert.strictEqual(verificationOf(checks(false), nothing), "contradicted")
  })

  it("is unverified where nothing was expected, something could not be told, or nothing was done", () => {
    assert.strictEqual(verificationOf([], work), "unverified")
    assert.strictEqual(verificationOf(checks(true, null), work), "unverified")
    assert.strictEqual(verificationOf(checks(true, true, true), nothing), "unverified")
  })
})
