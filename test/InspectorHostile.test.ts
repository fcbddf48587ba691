/**
 * Work that is meant to mislead, and worktrees that are broken: what a person has to look at is told, nothing is hidden by
 * an attribute, nothing is written elsewhere, and nothing is lost.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { branchOf } from "../src/domain/Commit.ts"
import { Failure } from "../src/domain/Failure.ts"
import { Git, mainCheckout } from "../src/services/Git.ts"
import { patchBetween } from "../src/services/git/Diff.ts"
import { makeLooking } from "../src/services/inspector/Looking.ts"
import { leadsOut } from "../src/services/inspector/Warnings.ts"
import { plainGit, writeFiles } from "./support/Repositories.ts"
import { afterWork, answer, begin, inPlace, inTop, type Place } from "./support/TestInspector.ts"

describe("what a person has to look at", () => {
  it.live("is named, kind by kind", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const { top } = place
        const { evidence } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(top, {
              ".gitmodules": "[submodule \"x\"]\n",
              "deep/.claude/settings.json": "{}\n",
              "deep/claude.md": "do\n",
              ".mcp.json": "{}\n",
              ".github/workflows/ci.yml": "on: push\n",
              ".husky/pre-commit": "npm test\n",
              "hooks/post-commit": "x\n",
              "src/hooks/useThings.ts": "x\n",
              "conflict.txt": "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n",
              "half.txt": "<<<<<<< ours\n",
              "tool.sh": "echo\n"
            })
            yield* fs.chmod(path.join(top, "tool.sh"), 0o755)
            yield* fs.writeFile(path.join(top, "large.bin"), new Uint8Array(10 * 2 ** 20 + 1))
            yield* fs.symlink("../../etc/passwd", path.join(top, "deep", "out"))
            yield* fs.symlink("../conflict.txt", path.join(top, "deep", "in"))
            yield* fs.makeDirectory(path.join(top, "inner"))
            plainGit(path.join(top, "inner"), "init", "-q")
            plainGit(path.join(top, "inner"), "commit", "-q", "--allow-empty", "-m", "x")
          }))
        // Of a repository inside of it a commit has at most a name.
        const inner = /repositor.*: inner\/?$/
        const warnings = evidence.branch!.warnings
        assert.lengthOf(warnings.filter((line) => inner.test(line)), 1)
        assert.deepStrictEqual(warnings.filter((line) => !inner.test(line)), [
          "adds links that leave the tree: deep/out",
          "changes settings of git: .gitmodules",
          "changes settings of Claude: .mcp.json, deep/.claude/settings.json, deep/claude.md",
          "changes workflows: .github/workflows/ci.yml",
          "changes hooks: .husky/pre-commit, hooks/post-commit",
          "adds executables: tool.sh",
          "leaves marks of conflicts: conflict.txt",
          "has files above 10 MiB: large.bin"
        ])
      })
    ))

  it("are links by where they lead, not by how they say it", () => {
    for (const target of ["/etc/passwd", "..", "../x", "a/../../x", "./../x", ".git/config", "a/../.GIT/hooks"]) {
      assert.isTrue(leadsOut("link", target), target)
    }
    for (const target of ["x", "./x", "a/../x", "..x", "a//b"]) assert.isFalse(leadsOut("link", target), target)
    assert.isFalse(leadsOut("a/b/link", "../../x"))
    assert.isTrue(leadsOut("a/b/link", "../../../x"))
  })
})

describe("attributes that a worker sets", () => {
  it.live("hide no line of the patch, and run nothing", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const canary = path.join(place.directory, "canary")
        const evil = `touch ${canary}`
        const { evidence, patch } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            for (const key of ["filter.evil.clean", "filter.evil.smudge", "diff.evil.command", "diff.evil.textconv"]) {
              plainGit(place.top, "config", key, evil)
            }
            yield* writeFiles(place.top, {
              ".gitattributes": "* filter=evil diff=evil merge=evil -text\nhidden.txt -diff binary\n",
              "hidden.txt": "<<<<<<< a\nhidden line\n>>>>>>> b\n",
              "a.txt": "two\n"
            })
          }))
        assert.isFalse(yield* fs.exists(canary))
        assert.include(patch!, "+hidden line")
        assert.deepStrictEqual(evidence.branch?.files.map(({ added, path }) => [path, added]), [
          [".gitattributes", 2],
          ["a.txt", 1],
          ["hidden.txt", 3]
        ])
        assert.deepStrictEqual(evidence.branch?.warnings, [
          "changes settings of git: .gitattributes",
          "leaves marks of conflicts: hidden.txt"
        ])
        assert.deepStrictEqual(evidence.outside, ["changed .git/config"])
        // The hash is that of the commits, and not of what lies where they are looked at.
        const main = mainCheckout(place.stay.workspace.repository)
        const elsewhere = yield* patchBetween(yield* Git, main, place.base, evidence.branch!.head)
        assert.strictEqual(elsewhere.stdout, patch)
      })
    ))
})

describe("a large piece of work", () => {
  it.live("is counted whole, and named in part", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const files = Object.fromEntries(
          Array.from({ length: 2000 }, (_, index) => [`d${index % 20}/${index}.txt`, `${index}\n`])
        )
        const { evidence } = yield* afterWork(place, () => writeFiles(place.top, files))
        const branch = evidence.branch!
        assert.deepStrictEqual([branch.files.length, branch.fileCount, branch.added], [500, 2000, 2000])
        assert.deepStrictEqual(branch.warnings, [])
        // What is too long to be held is hashed by its entries.
        const { look } = yield* makeLooking(1000)
        const committed = { head: branch.head, completed: true, foundOn: null, rescued: [] }
        const looks = yield* Effect.all([look(place.stay, branch, committed), look(place.stay, branch, committed)])
        const [first, second] = looks.map((looked) => looked.branch)
        assert.deepStrictEqual(first, second)
        assert.notStrictEqual(first?.patchHash, branch.patchHash)
        assert.match(first!.warnings.join(), /^has a patch of \S+ KiB: its hash is that of the names/)
        assert.isAbove(first!.patchChars, 100_000)
      })
    ))
})

describe("a worktree that is broken", () => {
  /** Nothing that was there is gone, and nothing has been moved. */
  const fails = (
    place: Place,
    detail: RegExp,
    harm: Effect.Effect<unknown, unknown, FileSystem.FileSystem | Path.Path>
  ) =>
    Effect.gen(function*() {
      const inspection = yield* begin(place)
      yield* writeFiles(place.top, { "a.txt": "work\n" })
      yield* harm
      const refs = plainGit(place.repository, "for-each-ref")
      const failed = yield* Effect.flip(inspection.end({ answer, toolCalls: 1 }))
      assert.instanceOf(failed, Failure)
      assert.strictEqual(failed.reason._tag, "GitFailed")
      assert.match(failed.message, detail)
      assert.strictEqual(plainGit(place.repository, "for-each-ref"), refs)
      assert.strictEqual(plainGit(place.repository, "status", "--porcelain"), "")
    })

  const inGit = ({ stay }: Place, name: string): string => `${stay.checkout.gitDir}/${name}`

  it.live("is left as it is, and the reason told", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const kept = (name: string) => Effect.ignore(fs.copyFile(inGit(place, name), `${place.directory}/${name}`))
        const back = (name: string) =>
          Effect.andThen(
            fs.remove(inGit(place, name), { force: true }),
            fs.copyFile(`${place.directory}/${name}`, inGit(place, name))
          )
        yield* Effect.forEach(["index", "HEAD"], kept)
        yield* fails(place, /index/, fs.writeFileString(inGit(place, "index"), "garbage"))
        assert.strictEqual(yield* fs.readFileString(inGit(place, "index")), "garbage")
        // Git would write through the link, into the user's own index.
        yield* fails(
          place,
          /its index is no file/,
          Effect.andThen(
            fs.remove(inGit(place, "index")),
            fs.symlink(`${place.repository}/.git/index`, inGit(place, "index"))
          )
        )
        yield* back("index")
        yield* fails(place, /HEAD|not a git/, fs.writeFileString(inGit(place, "HEAD"), "garbage\n"))
        yield* fails(place, /names no commit/, fs.writeFileString(inGit(place, "HEAD"), `${"1".repeat(40)}\n`))
        yield* back("HEAD")
        const link = `${place.top}/.git`
        yield* fails(place, /its .git does not lead/, fs.writeFileString(link, `gitdir: ${place.repository}/.git\n`))
        yield* fails(place, /its .git does not lead/, fs.remove(link))
        yield* fs.writeFileString(link, `gitdir: ${place.stay.checkout.gitDir}\n`)
        assert.strictEqual(yield* fs.readFileString(`${place.top}/a.txt`), "work\n")
        yield* fs.rename(place.top, `${place.top}-away`)
        yield* fails(
          place,
          /its directory is gone/,
          Effect.andThen(
            fs.remove(place.top, { recursive: true }),
            fs.symlink(place.repository, place.top)
          )
        )
        yield* fs.remove(place.top)
        yield* fs.rename(`${place.top}-away`, place.top)
        const { evidence } = yield* afterWork(place, () => {})
        assert.deepStrictEqual(evidence.branch?.files.map(({ path }) => path), ["a.txt"])
        assert.strictEqual(inTop(place)("rev-parse", branchOf(place.task.id)), evidence.branch?.head)
      })
    ))

  it.live("by a worker that was killed in the middle of a commit: its work is committed", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence } = yield* afterWork(place, () =>
          Effect.andThen(
            writeFiles(place.top, { "a.txt": "work\n" }),
            writeFiles(place.stay.checkout.gitDir, { "index.lock": "half" })
          ))
        assert.deepStrictEqual(evidence.branch?.files.map(({ path }) => path), ["a.txt"])
        assert.strictEqual(inTop(place)("status", "--porcelain"), "")
      })
    ))
})
