/**
 * Failures as every surface shows them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Quarantined } from "../../src/domain/SlotFailure.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { viewFailure } from "../../src/domain/TaskView.ts"
import { CheckFailed, Rejected } from "../../src/domain/WorkerFailure.ts"

describe("a failed check", () => {
  const outputOf = (output: string) => viewFailure(new CheckFailed({ command: "npm test", code: 1, output })).output

  it("is shown with what it said", () => {
    assert.strictEqual(outputOf("1 failed\n"), "1 failed\n")
    assert.isUndefined(outputOf(""))
    assert.notProperty(viewFailure(new Rejected({ times: 1 })), "output")
  })

  it("is shown with the end of it where that is long, and no half of a character", () => {
    assert.strictEqual(outputOf(`begin ${"x".repeat(4000)}`), "x".repeat(4000))
    assert.strictEqual(outputOf(`begin 😀${"x".repeat(3999)}`), "x".repeat(3999))
  })
})

describe("a task that was quarantined", () => {
  it("is shown with the crashes for which it was", () => {
    const crashes = [
      { attempt: 1, slot: SlotId.make(2), reason: "WorkerLost", detail: "signal 9" },
      { attempt: 2, slot: SlotId.make(1), reason: "Stalled", detail: "no sign of life" }
    ]
    const view = viewFailure(new Quarantined({ crashes }))
    assert.deepStrictEqual(
      view.evidence,
      [{ ...crashes[0], slot: "slot-2" }, { ...crashes[1], slot: "slot-1" }] as never
    )
    assert.notProperty(viewFailure(new Rejected({ times: 1 })), "evidence")
  })
})
