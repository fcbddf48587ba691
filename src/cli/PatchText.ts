/**
 * What work has changed, for people: a patch in colours, and a table of its files.
 */
import { shortCommit } from "../domain/Commit.ts"
import type { FileChange } from "../domain/Evidence.ts"
import type { BranchChanges } from "../domain/PoolView.ts"
import { counted, digits } from "./Count.ts"
import { diffText } from "./EvidenceLines.ts"
import { oneLine } from "./Printable.ts"
import type { Palette } from "./Styles.ts"
import { fit, table } from "./Table.ts"

/** Inside of a hunk every line begins with a mark of its own: what looks like a header there is none. */
const isHeader = (line: string): boolean => line.startsWith("diff ") || line.startsWith("# ")

/** What could steer a terminal is out of it already. `within`: it may begin in the middle of a hunk. */
export const colourPatch = (text: string, { bad, faint, good, strong }: Palette, within: boolean): string => {
  let inHunk = within
  return text.split("\n").map((line) => {
    if (line === "") return line
    if (isHeader(line)) inHunk = false
    else if (line.startsWith("@@")) {
      inHunk = true
      return faint(line)
    }
    if (!inHunk) return strong(line)
    if (line.startsWith("+")) return good(line)
    return line.startsWith("-") ? bad(line) : line
  }).join("\n")
}

const lines = ({ added, removed }: FileChange): ReadonlyArray<string> =>
  added === undefined || removed === undefined ? ["binary"] : [`+${digits(added)}`, `-${digits(removed)}`]

const fileRow = (file: FileChange): ReadonlyArray<string> => [
  `  ${oneLine(file.from === undefined ? file.path : `${file.from} → ${file.path}`)}`,
  file.change,
  ...lines(file)
]

const branchLines = (changes: BranchChanges, width: number): ReadonlyArray<string> => {
  const { added, base, branch, commits, file_count, files, head, removed, target, task } = changes
  const diff = diffText({ files: file_count, added, removed, commits })
  const beside = target === undefined ? "" : `, beside ${oneLine(target.branch)}`
  const more = file_count - files.length
  return [
    `${task} on ${branch}: ${diff}`,
    fit(`  from ${shortCommit(base)} to ${shortCommit(head)}${beside}`, width),
    ...table(files.map(fileRow), width),
    ...(more > 0 ? [`  and ${counted(more, "file")} more`] : [])
  ]
}

export const statText = (branches: ReadonlyArray<BranchChanges>, width: number): string =>
  branches.flatMap((one) => branchLines(one, width)).join("\n")
