/**
 * What of a task becomes its process, and which process fits it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { fits, launchOf } from "../src/domain/Launch.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { SessionId } from "../src/domain/SessionId.ts"
import type { AcceptedOptions } from "../src/domain/TaskRequest.ts"

const task: AcceptedOptions = {
  cwd: "/project",
  permissions: "edit",
  inherit: "none",
  budget: fromUsd(5),
  timeout: Duration.minutes(1),
  name: "a name",
  tags: ["a tag"],
  model: "haiku"
}

const budget = fromUsd(1)

describe("a launch", () => {
  it("has of a task what its process needs, and nothing else", () => {
    assert.deepStrictEqual(launchOf(task, budget), {
      cwd: "/project",
      permissions: "edit",
      inherit: "none",
      model: "haiku",
      budget
    })
    assert.strictEqual(launchOf(task, budget, SessionId.make("s")).resume, "s")
  })

  it("fits a task with the same mailbox only", () => {
    const launch = launchOf(task, budget)
    assert.isTrue(fits(launch, { ...launch, mailbox: false }))
    assert.isTrue(fits({ ...launch, mailbox: true }, { ...launch, mailbox: true }))
    assert.isFalse(fits({ ...launch, mailbox: true }, launch))
    assert.isFalse(fits(launch, { ...launch, mailbox: true }))
  })
})
