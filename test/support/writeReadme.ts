/**
 * `npm run docs`: puts the tables that are made from the program into the README.
 */
import { readFileSync, writeFileSync } from "node:fs"
import process from "node:process"
import { withReferences } from "../../src/cli/Reference.ts"
import { readmeTables } from "./ReadmeTables.ts"

const file = new URL("../../README.md", import.meta.url)
const written = withReferences(readFileSync(file, "utf8"), readmeTables)

if (written === null) {
  process.stderr.write("README.md has lost its marks, such as <!-- settings --> and <!-- /settings -->\n")
  process.exitCode = 1
} else {
  writeFileSync(file, written)
}
