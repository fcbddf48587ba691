/**
 * What has to be found again: every commit that was made, and every version of a file that was there, or was staged, when
 * its workspace was put away. It is written down outside of the pool's view, from the files themselves.
 */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export interface Model {
  readonly commits: Set<string>
  /** Contents of files, by the names that git gives them; of each, where it was. */
  readonly blobs: Map<string, string>
}

export const emptyModel = (): Model => ({ commits: new Set(), blobs: new Map() })

/** As git names a file's content. */
export const blobOf = (content: string | Buffer): string => {
  const bytes = Buffer.from(content)
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")
}

const text = (file: string): string => existsSync(file) ? readFileSync(file, "utf8").trim() : ""

/** Where a git directory's HEAD is, by its files; null: nowhere yet. */
export const headIn = (gitDir: string, common: string): string | null => {
  const head = text(join(gitDir, "HEAD"))
  const ref = /^ref: (.+)$/.exec(head)?.[1]
  const at = ref === undefined ? head : text(join(common, ref)) || packedIn(common, ref)
  return /^[0-9a-f]{40}$/.test(at) ? at : null
}

const packedIn = (common: string, ref: string): string =>
  text(join(common, "packed-refs")).split("\n").find((line) => line.endsWith(` ${ref}`))?.slice(0, 40) ?? ""

/** Every file that is no file of git's, and that git does not ignore (those are called `*.log`), and its content's name. */
export const filesIn = (directory: string): ReadonlyArray<readonly [place: string, blob: string]> =>
  !existsSync(directory) ? [] : readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const place = join(directory, entry.name)
    if (entry.name === ".git" || entry.name.endsWith(".log")) return []
    if (entry.isDirectory()) return filesIn(place)
    return entry.isFile() ? [[place, blobOf(readFileSync(place))] as const] : []
  })

export const seeFiles = (model: Model, directory: string): void => {
  for (const [place, blob] of filesIn(directory)) model.blobs.set(blob, place)
}
