/**
 * What can be expected of a task, and what is refused before there is one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Expect, expectIssues } from "../../src/domain/Expect.ts"

const accepts = Schema.is(Expect)
const issues = (expect: Expect, more: Partial<Parameters<typeof expectIssues>[0]> = {}) =>
  expectIssues({ expect, isolation: "task", ...more })

describe("what is expected of a task", () => {
  it("names paths below the working directory", () => {
    for (const path of ["a", "src/**", "*.md", "a..b", "..a/x", "."]) assert.isTrue(accepts({ changed: [path] }), path)
    for (const path of ["", "/etc", "..", "../x", "a/../../x", "a/..", "a\0", "a\nb"]) {
      assert.isFalse(accepts({ changed: [path] }), path)
    }
  })

  it("is nothing, or something that can be told", () => {
    assert.deepStrictEqual(expectIssues({}), [])
    assert.deepStrictEqual(expectIssues({ isolation: "shared", expect: { commands: ["true"], toolCalls: 1 } }), [])
    assert.deepStrictEqual(issues({ changed: ["a"], unchanged: ["b"], only: ["a"], nothingOutside: true }), [])
    assert.deepStrictEqual(issues({ schema: true }, { schema: { type: "object" } }), [])
  })

  it("is refused where it is empty; that nothing changes is something", () => {
    assert.deepStrictEqual(issues({}), ["expect: nothing is expected"])
    assert.deepStrictEqual(issues({ changed: [], commands: [] }), ["expect: nothing is expected"])
    assert.deepStrictEqual(issues({ only: [] }), [])
  })

  it("is refused where only a workspace could tell, and there is none", () => {
    const expect: Expect = { changed: ["a"], only: ["a"], nothingOutside: true, files: ["a"] }
    const told = ["changed", "only", "nothingOutside"].map((field) =>
      `expect.${field}: it can be told only of a task that has a workspace: isolation is shared`
    )
    assert.deepStrictEqual(issues(expect, { isolation: "shared" }), told)
    assert.deepStrictEqual(expectIssues({ expect }), told)
    for (const isolation of ["slot", "chain", "task"] as const) {
      assert.deepStrictEqual(issues(expect, { isolation }), [])
    }
  })

  it("is refused where a structured answer is expected and not asked for", () => {
    assert.deepStrictEqual(issues({ schema: true }), ["expect.schema: the task asks for no structured answer"])
  })
})
