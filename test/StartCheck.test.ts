/**
 * A worker that does not run as it was asked to is found out by its own words.
 */
import { assert, describe, it } from "@effect/vitest"
import { PlatformError } from "effect"
import type { InitEvent } from "../src/domain/ClaudeEvent.ts"
import type { Launch } from "../src/domain/Launch.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { spawnFailure } from "../src/services/claude/SpawnFailure.ts"
import { mismatch } from "../src/services/claude/StartCheck.ts"

const launch: Launch = { cwd: "/link", permissions: "read-only", inherit: "none", budget: fromUsd(1) }

const init = (says: Partial<InitEvent>): InitEvent => ({ type: "system", subtype: "init", session_id: "s", ...says })

const found = (says: Partial<InitEvent>, asked: Partial<Launch> = {}, env: Record<string, string> = {}) =>
  mismatch(init(says), { launch: { ...launch, ...asked }, cwd: "/project", model: asked.model, env })?.setting

describe("the check of a start", () => {
  it("takes what is not said for right", () => {
    assert.isUndefined(found({}))
    assert.isUndefined(found({ permissionMode: "dontAsk", cwd: "/project", tools: ["Read"] }))
  })

  it("knows another mode and another directory", () => {
    assert.strictEqual(found({ permissionMode: "plan" }), "permission mode")
    assert.strictEqual(found({ cwd: "/link" }), "working directory")
  })

  it("lets no tool pass that nobody has asked for", () => {
    assert.strictEqual(found({ tools: ["Read", "Bash"] }), "tools")
    assert.strictEqual(found({ tools: ["Read"] }, { deniedTools: ["Read"] }), "tools")
    assert.strictEqual(found({ tools: ["StructuredOutput"] }), "tools")
    assert.isUndefined(found({ tools: ["StructuredOutput", "mcp__pool__send_message"] }, { schema: {} }))
    assert.isUndefined(found({ tools: ["Bash", "Read"] }, { allowedTools: ["Bash(npm test)"] }))
  })

  it("knows a tool by each of its names", () => {
    assert.isUndefined(found({ tools: ["Task"] }, { allowedTools: ["Agent"] }))
    assert.isUndefined(found({ tools: ["TaskStop"] }, { allowedTools: ["KillShell"] }))
  })

  const same: ReadonlyArray<readonly [asked: string, got: string]> = [
    ["haiku", "claude-haiku-5-5"],
    ["opus[1m]", "claude-opus-5-5"],
    ["default", "claude-opus-5-5"],
    ["opusplan", "claude-sonnet-5-5"],
    ["claude-sonnet-4-6[1m]", "claude-sonnet-4-6"],
    ["claude-haiku-4-5", "claude-haiku-4-5-20251001"],
    ["claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"],
    ["claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ["claude-sonnet-4-5@20250929", "claude-sonnet-4-5"],
    ["claude-opus-5", "arn:aws:bedrock:eu:1:inference-profile/mine"],
    ["a gateway's own", "claude-opus-5-5"]
  ]
  for (const [asked, got] of same) {
    it(`takes ${got} for ${asked}`, () => assert.isUndefined(found({ model: got }, { model: asked })))
  }

  const other: ReadonlyArray<readonly [asked: string, got: string]> = [
    ["haiku", "claude-opus-5-5"],
    ["claude-opus-4-1", "claude-opus-5-5"],
    ["claude-opus-4", "claude-opus-4-8"]
  ]
  for (const [asked, got] of other) {
    it(`does not take ${got} for ${asked}`, () => assert.strictEqual(found({ model: got }, { model: asked }), "model"))
  }

  it("leaves a name to who has given it another meaning", () => {
    const env = { ANTHROPIC_DEFAULT_HAIKU_MODEL: "claude-sonnet-5-5" }
    assert.isUndefined(found({ model: "claude-sonnet-5-5" }, { model: "haiku" }, env))
  })
})

describe("a process that cannot be spawned", () => {
  const reasonOf = (code: string) => {
    const cause = Object.assign(new Error(`spawn ${code}`), { code })
    const error = PlatformError.systemError({ _tag: "Unknown", module: "ChildProcess", method: "spawn", cause })
    return spawnFailure("claude", error).reason
  }

  it("may be one later, where the machine had nothing to spare", () => {
    for (const code of ["EMFILE", "ENFILE", "EAGAIN", "ENOMEM", "ETXTBSY"]) {
      assert.deepInclude(reasonOf(code), { _tag: "StartFailed", transient: true, retryClass: "process" })
    }
  })

  it("is a matter of the program, or of the one launch", () => {
    for (const code of ["ENOENT", "EACCES", "ENOEXEC"]) assert.strictEqual(reasonOf(code)._tag, "CliUnusable")
    assert.deepInclude(reasonOf("E2BIG"), { _tag: "StartFailed", transient: false })
  })
})
