/**
 * How a repository stores things: the few settings of its configuration that are taken over, each by its own pattern, and
 * what it says of itself that the pool cannot work with.
 */
import type { IsolationImpossible } from "../../domain/WorkspaceFailure.ts"

export type Settings = ReadonlyArray<readonly [key: string, value: string]>

const bool = /^(?:true|false|yes|no|on|off|0|1|)$/i

/** Whatever else stands there is not seen. */
const taken: Readonly<Record<string, RegExp>> = {
  "core.autocrlf": /^(?:true|false|input)$/i,
  "core.eol": /^(?:lf|crlf|native)$/i,
  "core.filemode": bool,
  "core.ignorecase": bool,
  "core.precomposeunicode": bool,
  "core.symlinks": bool,
  "core.repositoryformatversion": /^[01]$/,
  "extensions.objectformat": /^(?:sha1|sha256)$/i,
  "extensions.refstorage": /^reftable$/i
}

/** Extensions that may be there, and say nothing to us. */
const harmless: ReadonlySet<string> = new Set([
  "extensions.worktreeconfig",
  "extensions.noop",
  "extensions.preciousobjects",
  "extensions.relativeworktrees"
])

/** The first that can do what the pool asks for: `merge-tree --write-tree`. */
const oldest: Version = [2, 38]

/** The first that knows references in tables. */
const tables: Version = [2, 45]

export type Version = readonly [major: number, minor: number]

/** Of what `git --version` says; null: nothing that is known. */
export const versionIn = (text: string): Version | null => {
  const [, major, minor] = /^git version (\d+)\.(\d+)/.exec(text) ?? []
  return major === undefined ? null : [Number(major), Number(minor)]
}

const isBefore = ([major, minor]: Version, [otherMajor, otherMinor]: Version): boolean =>
  major < otherMajor || (major === otherMajor && minor < otherMinor)

export interface Unfit {
  readonly cause: IsolationImpossible["cause"]
  readonly detail: string
}

/** What is wrong with a git; null: nothing. */
export const unfitGit = (text: string): Unfit | null => {
  const version = versionIn(text)
  return version !== null && !isBefore(version, oldest) ? null : {
    cause: "unsupported",
    detail: `${text.trim() || "a git without a version"} is older than ${oldest.join(".")}`
  }
}

/** What is wrong with a repository for a git of that version; null: nothing. */
export const unfitRepository = (settings: Settings, version: Version): Unfit | null => {
  for (const [key, value] of settings) {
    if (
      key === "extensions.partialclone" || (/^remote\..*\.promisor$/s.test(key) && !/^(?:false|no|off|0)$/i.test(value))
    ) {
      return { cause: "partial-clone", detail: "it is a partial clone, and would fetch from a network" }
    }
    if (key === "core.repositoryformatversion" && taken[key]?.test(value) !== true) {
      return { cause: "unsupported", detail: `its format has the version ${value}` }
    }
    if (!key.startsWith("extensions.") || harmless.has(key)) continue
    const isFiles = key === "extensions.refstorage" && /^files$/i.test(value)
    if (!isFiles && taken[key]?.test(value) !== true) {
      return { cause: "unsupported", detail: `its format has the extension ${key.slice(11)}, as ${value}` }
    }
    if (key === "extensions.refstorage" && !isFiles && isBefore(version, tables)) {
      return {
        cause: "unsupported",
        detail: `it has its references in tables, which git ${version.join(".")} does not know`
      }
    }
  }
  return null
}

/** Those that say how things are stored. */
export const storing = (settings: Settings): Settings =>
  settings.filter(([key, value]) => taken[key]?.test(value) === true)
