/**
 * Before the tests with clients that nobody here wrote: they are installed, as their lock says and without their scripts,
 * in a directory that goes with the tests.
 */
import { execFileSync } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** Where they are installed. */
    readonly clients: string
  }
}

const here = fileURLToPath(new URL("./", import.meta.url))

export default ({ provide }: TestProject): () => void => {
  const directory = mkdtempSync(join(tmpdir(), "clients-"))
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(here, file), join(directory, file))
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], {
    cwd: directory,
    stdio: "inherit"
  })
  provide("clients", directory)
  return () => rmSync(directory, { recursive: true, force: true })
}
