/**
 * The README says what the program does: its tables are the program's own data.
 */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { exitCodeReference, ownReferences, settingsReference, withReferences } from "../../src/cli/Reference.ts"
import { readmeTables } from "../support/ReadmeTables.ts"

describe("README", () => {
  it("has the tables of settings, exit codes, commands and tools as they are; `npm run docs` brings them up to date", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")
    assert.strictEqual(readme, withReferences(readme, readmeTables))
  })
})

describe("withReferences", () => {
  const marked =
    "# a\n<!-- settings -->\nout of date\n<!-- /settings -->\nb\n<!-- exit-codes --><!-- /exit-codes -->\nc\n"

  it("fills the marked places, and leaves the rest alone", () => {
    const filled = withReferences(marked, ownReferences) ?? ""
    assert.include(filled, `<!-- settings -->\n${settingsReference()}\n<!-- /settings -->\nb\n`)
    assert.include(filled, `<!-- exit-codes -->\n${exitCodeReference()}\n<!-- /exit-codes -->\nc\n`)
    assert.notInclude(filled, "out of date")
    assert.strictEqual(withReferences(filled, ownReferences), filled)
  })

  it("does not guess where a lost mark has been", () => {
    assert.isNull(withReferences("# a\n", ownReferences))
  })

  it("names every setting in all of its spellings", () => {
    const row = "| `pool_budget_usd` | `--pool-budget-usd` | `CLAUDE_POOL_POOL_BUDGET_USD` |"
    assert.include(settingsReference(), row)
    assert.include(settingsReference(), "| `timeout` |")
  })
})
