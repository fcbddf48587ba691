/**
 * Before the tests: the bundles are made anew where anything that they are made of has changed since, so that what is
 * tested through the command is what stands in `src`.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))

const sources = [
  "src",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  ".tsconfig.types.json",
  ".rolldown.config.js"
]

/** The last that a build writes: it is as old as all of it. */
const last = join(root, "dist/types/index.d.ts")

/** When the last change was made in there; that of a folder itself is that a file came or went. */
const changedAt = (path: string): number => {
  const found = statSync(path)
  const within = found.isDirectory() ? readdirSync(path).map((name) => changedAt(join(path, name))) : []
  return Math.max(found.mtimeMs, ...within)
}

const isBuilt = (): boolean =>
  existsSync(last) && sources.every((path) => changedAt(join(root, path)) < statSync(last).mtimeMs)

export default (): void => {
  if (!isBuilt()) execFileSync("npm", ["run", "build", "--silent"], { cwd: root, stdio: "inherit" })
}
