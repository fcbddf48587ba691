/**
 * What a merge must have of the lines of its branch, told from three differences and from nothing else.
 */
import { assert, describe, it } from "@effect/vitest"
import { shellWords } from "../src/domain/ShellWords.ts"
import { meet } from "../src/services/merge/Forecasting.ts"
import { type Changes, vanishedLines } from "../src/services/merge/Vanished.ts"

const counted = (lines: ReadonlyArray<string>) =>
  lines.reduce((all, line) => all.set(line, (all.get(line) ?? 0) + 1), new Map<string, number>())

interface Side {
  readonly added?: ReadonlyArray<string>
  readonly removed?: ReadonlyArray<string>
  readonly oneSided?: boolean
}

const changes = (files: Readonly<Record<string, Side>>): Changes =>
  new Map(
    Object.entries(files).map(([path, { added = [], oneSided = false, removed = [] }]) => [
      path,
      { oneSided, added: counted(added), removed: counted(removed) }
    ])
  )

const vanished = (branch: Record<string, Side>, target: Record<string, Side>, landing: Record<string, Side>) =>
  vanishedLines({ branch: changes(branch), target: changes(target), landing: changes(landing) })

describe("lines that vanish", () => {
  it("are those that a branch added and its landing does not add", () => {
    assert.deepStrictEqual(vanished({ a: { added: ["x", "y"] } }, {}, { a: { added: ["x"] } }), [{
      path: "a",
      line: "y"
    }])
    assert.deepStrictEqual(vanished({ a: { added: ["}", "}"] } }, {}, { a: { added: ["}"] } }), [{
      path: "a",
      line: "}"
    }])
    assert.deepStrictEqual(vanished({ a: { added: ["x"] } }, {}, { a: { added: ["x"] } }), [])
  })

  it("are those that were there before, and that the branch did not take away itself", () => {
    const landing = { a: { added: ["x"], removed: ["earlier"] } }
    assert.deepStrictEqual(vanished({ a: { added: ["x"] } }, { a: { added: ["earlier"] } }, landing), [
      { path: "a", line: "earlier" }
    ])
    assert.deepStrictEqual(vanished({ a: { added: ["x"], removed: ["earlier"] } }, {}, landing), [])
  })

  it("are none where both sides did the same, or where it is in another place now", () => {
    assert.deepStrictEqual(vanished({ a: { added: ["x"] } }, { a: { added: ["x"] } }, {}), [])
    assert.deepStrictEqual(
      vanished(
        { a: { added: ["x"], removed: ["1"] } },
        { a: { removed: ["1", "2"], oneSided: true }, b: { added: ["1", "2"], oneSided: true } },
        { b: { added: ["x"], removed: ["1"] } }
      ),
      []
    )
  })
})

describe("two branches", () => {
  const changed = (path: string) => ({ path, change: "modified" as const })

  it("meet in files, in folders where the other has a file, and in folders that were moved", () => {
    assert.isTrue(meet([changed("a")], [{ path: "b", change: "renamed", from: "a" }]))
    assert.isTrue(meet([{ path: "a", change: "added" }], [{ path: "a/b", change: "added" }]))
    assert.isTrue(meet([{ path: "e/x", change: "renamed", from: "d/x" }], [{ path: "d/new", change: "added" }]))
    assert.isFalse(meet([changed("a/b")], [changed("a/c")]))
  })
})

describe("a command that is shown", () => {
  it("is taken apart into the same words again", () => {
    assert.strictEqual(shellWords(["git", "it's", "", "$(x)", "a:b/c"]), "git 'it'\\''s' '' '$(x)' a:b/c")
  })
})
