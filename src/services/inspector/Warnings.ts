/**
 * What a person has to look at before work is merged: what other programs take for orders, and what leads elsewhere.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"
import { filesWithConflicts, objectSizes, objectText } from "../git/Blobs.ts"
import { modes, type RawChange } from "../git/RawDiff.ts"
import { namesOf } from "./Naming.ts"

/** So many links are looked at one by one. */
const mostLinks = 50

const large = 10 * 2 ** 20

/** Files by which tools are told what to do; on a file system that knows no case, in any case. */
const orders: ReadonlyArray<readonly [what: string, pattern: RegExp]> = [
  ["changes settings of git", /(?:^|\/)\.git[^/]*$/i],
  ["changes settings of Claude", /(?:^|\/)(?:\.claude\/.+|\.mcp\.json|CLAUDE(?:\.local)?\.md)$/i],
  ["changes workflows", /^\.github\/workflows\//i],
  [
    "changes hooks",
    /(?:^|\/)(?:\.husky|\.githooks|git-?hooks)\/|(?:^|\/)hooks\/(?:(?:pre|post|prepare|commit|fsmonitor|applypatch|update|push|reference|proc|sendemail|p4)[-a-z]*)$/i
  ]
]

/** Whether a link in that file leads out of the tree, or into git's own directory. By its text: nothing is followed. */
export const leadsOut = (file: string, target: string): boolean => {
  if (target.startsWith("/") || target.includes("\0")) return true
  const place: Array<string> = file.split("/").slice(0, -1)
  for (const part of target.split("/")) {
    if (part === ".." && place.pop() === undefined) return true
    if (part !== ".." && part !== "." && part !== "") place.push(part)
  }
  return place.some((part) => part.toLowerCase() === ".git")
}

const linksOut = Effect.fnUntraced(
  function*(git: Git["Service"], checkout: Checkout, links: ReadonlyArray<RawChange>) {
    const seen = links.slice(0, mostLinks)
    const targets = yield* Effect.forEach(seen, ({ object }) => objectText(git, checkout, object))
    const out = seen.filter(({ path }, index) => leadsOut(path, targets[index]!)).map(({ path }) => path)
    const unseen = links.length - seen.length
    return {
      escapes: out.length + unseen > 0,
      warnings: [
        ...(out.length === 0 ? [] : [`adds links that leave the tree: ${namesOf(out)}`]),
        ...(unseen === 0 ? [] : [`adds ${unseen} more links, which were not looked at`])
      ]
    }
  }
)

export const warningsOf = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    checkout: Checkout,
    head: CommitId,
    changes: ReadonlyArray<RawChange>
  ): Effect.fn.Return<{ readonly warnings: ReadonlyArray<string>; readonly escapes: boolean }, Failure> {
    const paths = changes.map(({ path }) => path)
    const there = changes.filter(({ after }) => after !== modes.nothing)
    const files = there.filter(({ after }) => after !== modes.repository && after !== modes.link)
    const sizes = yield* objectSizes(git, checkout, files.map(({ object }) => object))
    const repositories = changes.filter(({ after, before }) => [after, before].includes(modes.repository))
    const executables = files.filter(({ after, before }) => after === modes.executable && before !== modes.executable)
    const told: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
      ...orders.map(([what, pattern]) => [what, paths.filter((path) => pattern.test(path))] as const),
      ["adds executables", executables.map(({ path }) => path)],
      ["leaves marks of conflicts", yield* filesWithConflicts(git, checkout, head, files.map(({ path }) => path))],
      ["changes what commit a repository inside of it stands at", repositories.map(({ path }) => path)],
      ["has files above 10 MiB", files.filter(({ object }) => (sizes.get(object) ?? 0) > large).map(({ path }) => path)]
    ]
    const links = yield* linksOut(git, checkout, there.filter(({ after }) => after === modes.link))
    const others = told.flatMap(([what, names]) => names.length === 0 ? [] : [`${what}: ${namesOf(names)}`])
    return { escapes: links.escapes, warnings: [...links.warnings, ...others] }
  }
)
