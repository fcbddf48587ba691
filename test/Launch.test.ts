/**
 * What of a task becomes its process, and which process fits it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { fits, launchOf } from "../src/domain/Launch.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { SessionId } from "../src/domain/SessionId.ts"
import type { AcceptedOptions } from "../src/domain/TaskRequest.ts"
import { imposed } from "../src/services/claude/Environment.ts"

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

describe("the environment of a worker", () => {
  it("keeps git from cleaning up beside others, and has the variables of its workspace", () => {
    const home = { config: "/config", temporary: "/t", marker: "m" }
    const env = imposed(home, { ...launchOf(task, budget), env: { CLAUDE_POOL_PORT_0: "4000", TMPDIR: "/x" } })
    assert.deepInclude(env, {
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_0: "gc.auto",
      GIT_CONFIG_VALUE_0: "0",
      GIT_CONFIG_KEY_1: "maintenance.auto",
      GIT_CONFIG_VALUE_1: "false",
      CLAUDE_POOL_PORT_0: "4000",
      TMPDIR: "/t"
    })
  })
})

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
