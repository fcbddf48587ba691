/**
 * Branches of one repository that are known to get in each other's way or not: by lines, by names, by kinds. What is true
 * of two of them is asked of a plain `git merge` in a clone that is thrown away.
 */
import { execFileSync } from "node:child_process"
import { chmodSync } from "node:fs"
import { join } from "node:path"
import { commitEdits, type Edits, lines } from "./Landings.ts"
import { leavesNothing, plainGit } from "./Repositories.ts"

const bytes = (last: number) => Uint8Array.from([0, 1, 2, 0, 255, last])
const changed = (at: number, text: string) => lines(40, (line) => line === at ? text : `line ${line}`)

/** What all of them begin at. */
export const base: Edits = {
  "a.txt": lines(40),
  "b.txt": lines(10),
  "c.txt": lines(10),
  "d/x.txt": lines(12, (line) => `x ${line}`),
  "d/y.txt": lines(12, (line) => `y ${line}`),
  "d/z.txt": lines(12, (line) => `z ${line}`),
  "image": bytes(0),
  "run.sh": "echo one\necho two\n"
}

type Work = Edits | ((top: string) => void)

/** By what they do. */
export const works: Readonly<Record<string, Work>> = {
  "one line": { "a.txt": changed(5, "five"), "image": bytes(1) },
  "the same line": { "a.txt": changed(5, "cinq"), "new.txt": "one\n" },
  "the line beside it": { "a.txt": changed(6, "six"), "run.sh": "echo one\necho three\n" },
  "a line far away": { "a.txt": changed(30, "thirty") },
  "the first one's line": { "a.txt": changed(5, "five"), "b.txt": lines(10, (line) => `b ${line}`) },
  "a rename with an edit": { "a.txt": null, "moved.txt": changed(20, "twenty"), "d/new.txt": "new\n" },
  "another rename": { "a.txt": null, "other.txt": changed(21, "twenty-one"), "image": bytes(2) },
  "a deletion": { "a.txt": null, "new.txt": "two\n" },
  "a mode": (top) => chmodSync(join(top, "run.sh"), 0o755),
  "a renamed folder": (top) => plainGit(top, "mv", "d", "e"),
  "a file for a folder": { new: "file\n" },
  "a folder for a file": { "new/file.txt": "file\n" },
  "nothing at all": {}
}

/** What the target does meanwhile. */
export const meanwhile: Edits = { "c.txt": lines(10, (line) => line === 3 ? "drei" : `line ${line}`) }
export const againstTarget: Edits = { "c.txt": lines(10, (line) => line === 3 ? "trois" : `line ${line}`) }

/** A branch with some work, from the root on. */
export const workOn = (repository: string, branch: string, root: string, work: Work): void => {
  plainGit(repository, "checkout", "-q", "-b", branch, root)
  if (typeof work === "function") work(repository)
  commitEdits(repository, typeof work === "function" ? {} : work)
  plainGit(repository, "checkout", "-q", "main")
}

/** Each pair merged by plain git, in one shell: whether it conflicts. */
export const plainMerges = (
  repository: string,
  clone: string,
  pairs: ReadonlyArray<readonly [string, string]>
): ReadonlyArray<boolean> => {
  plainGit(repository, "clone", "-q", repository, clone)
  const script = `while read -r ours theirs; do
    git checkout -q -f --detach "$ours" || exit 1
    if git merge -q --no-edit "$theirs" >/dev/null 2>&1; then echo clean
    else echo conflict; git reset -q --hard; git clean -q -f -d; fi
  done`
  const answers = execFileSync("sh", ["-c", script], {
    cwd: clone,
    input: pairs.map((pair) => `${pair.join(" ")}\n`).join(""),
    encoding: "utf8",
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      HOME: clone,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      ...leavesNothing,
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.org",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.org"
    }
  })
  return answers.trim().split("\n").map((answer) => answer === "conflict")
}
