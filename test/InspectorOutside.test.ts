/**
 * The leak guard: what changes outside of a workspace while a task works is told, and nothing of it is undone.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { Task } from "../src/domain/Task.ts"
import { Inspector } from "../src/services/Inspector.ts"
import { plainGit, writeFiles } from "./support/Repositories.ts"
import { afterWork, answer, inPlace } from "./support/TestInspector.ts"

const guard = { expect: { nothingOutside: true } } as const

describe("what is written outside of the workspace", () => {
  it.live("is told, of the user's checkout, beside what the user has there already", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const { repository } = place
        const date = new Date(1_000_000_000_000)
        yield* writeFiles(repository, {
          "dirty.txt": "mine\n",
          "draft.txt": "1\n",
          "left.txt": "1\n",
          "same.txt": "12\n"
        })
        yield* fs.utimes(path.join(repository, "same.txt"), date, date)
        const { evidence } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(repository, {
              "a.txt": "leaked\n",
              "draft.txt": "12\n",
              "deep/notes.txt": "leaked\n",
              "same.txt": "21\n",
              // Of the pool's own directories nothing is told.
              ".claude-pool/store.db": "x",
              "store/store.db": "x",
              "secret/.env": "x",
              "strange\u001b[31m\nname.txt": "x"
            })
            // As if it had not been touched.
            yield* fs.utimes(path.join(repository, "same.txt"), date, date)
            yield* fs.remove(path.join(repository, "b.txt"))
            yield* fs.remove(path.join(repository, "left.txt"))
          }))
        assert.deepStrictEqual(evidence.outside, [
          "changed a.txt in the checkout",
          "removed b.txt in the checkout",
          "added deep/notes.txt in the checkout",
          "changed draft.txt in the checkout",
          "removed left.txt in the checkout",
          "changed same.txt in the checkout",
          "added secret/.env in the checkout",
          "added strange name.txt in the checkout"
        ])
        assert.deepStrictEqual(evidence.checks.map(({ held }) => held), [false])
        assert.strictEqual(evidence.verification, "contradicted")
        assert.strictEqual(yield* fs.readFileString(path.join(repository, "a.txt")), "leaked\n")
        assert.strictEqual(evidence.branch?.fileCount, 0)
      }), { files: { "a.txt": "one\n", "b.txt": "b\n", "dirty.txt": "clean\n" }, ...guard }))

  it.live("is told, of git's own files and references", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const { repository, top } = place
        plainGit(repository, "branch", "gone")
        const { evidence } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            plainGit(top, "config", "alias.x", "!touch canary")
            yield* writeFiles(path.join(repository, ".git"), {
              "hooks/post-commit": "#!/bin/sh\n",
              "info/attributes": "* filter=evil\n"
            })
            yield* fs.chmod(path.join(repository, ".git", "hooks", "post-commit"), 0o755)
            plainGit(repository, "commit", "-q", "--allow-empty", "-m", "leaked")
            plainGit(top, "tag", "v1")
            plainGit(top, "branch", "-D", "gone")
            plainGit(top, "branch", "cp/t_another")
            yield* writeFiles(top, { "a.txt": "put away\n" })
            plainGit(top, "stash", "-q")
            plainGit(repository, "checkout", "-q", "-b", "elsewhere")
            yield* writeFiles(repository, { ".env": "SECRET=1\n" })
          }))
        const short = place.base.slice(0, 12)
        const lines = evidence.outside.map((line) =>
          line.replaceAll(/[0-9a-f]{12}/g, (id) => id === short ? "base" : "id")
        )
        assert.deepStrictEqual(lines, [
          "added .env",
          "changed .git/config",
          "added .git/hooks/post-commit",
          "added .git/info/attributes",
          "changed what is checked out: from main to elsewhere",
          "added refs/heads/elsewhere at id",
          "deleted refs/heads/gone, which was at base",
          "moved refs/heads/main from base to id",
          "added refs/stash at id",
          "added refs/tags/v1 at base"
        ])
        assert.isFalse(yield* fs.exists(path.join(top, "canary")))
      }), { files: { "a.txt": "one\n", ".gitignore": ".env\n" } }))

  it.live("is nothing where only the task's own branch moved, and is verified by work alone", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence } = yield* afterWork(place, () => writeFiles(place.top, { "a.txt": "two\n" }))
        assert.deepStrictEqual(evidence.outside, [])
        assert.strictEqual(evidence.verification, "verified")
      }), guard))

  it.live("is told up to a hundred lines", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`leak-${index}.txt`, ""]))
        const { evidence } = yield* afterWork(place, () => writeFiles(place.repository, many))
        assert.deepStrictEqual([evidence.outside.length, evidence.outside.at(-1)], [101, "and 20 more"])
      })
    ))

  it.live("could not be told where the checkout cannot be looked at: the work is found all the same", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const { evidence } = yield* afterWork(place, () =>
          Effect.andThen(
            writeFiles(place.top, { "a.txt": "two\n" }),
            writeFiles(path.join(place.repository, ".git"), { index: "garbage" })
          ))
        assert.strictEqual(evidence.branch?.fileCount, 1)
        assert.deepStrictEqual(evidence.outside, [])
        assert.match(evidence.checks[0]!.found, /^it could not be told: git .* failed/)
        assert.deepStrictEqual([evidence.checks[0]!.held, evidence.verification], [null, "unverified"])
      }), guard))

  it.live("is the task's in all of its attempts, and not known of one whose beginning nobody saw", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const leak = ["added leak.txt in the checkout"]
        const late = Effect.flatMap(Inspector, (service) =>
          service.begin(place.task, place.stay, { unknownBefore: true }))
        const unknown = yield* (yield* late).end({ answer, toolCalls: 1 })
        assert.deepStrictEqual(unknown.evidence.outside, [])
        assert.deepStrictEqual([unknown.evidence.checks[0]?.held, unknown.evidence.verification], [null, "unverified"])
        assert.include(unknown.evidence.checks[0]?.found, "the pool was killed while it worked")
        const first = yield* afterWork(place, () =>
          writeFiles(place.repository, { "leak.txt": "x\n" }))
        assert.deepStrictEqual(first.evidence.outside, leak)
        const again = new Task({ ...place.task, evidence: first.evidence })
        const { evidence } = yield* afterWork({ ...place, task: again }, () => {})
        assert.deepStrictEqual([evidence.outside, evidence.verification], [leak, "contradicted"])
      }), guard))

  it.live("is told of a repository without a checkout, as far as there is something", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence } = yield* afterWork(place, () =>
          Effect.andThen(
            writeFiles(place.repository, { "hooks/update": "#!/bin/sh\n" }),
            writeFiles(place.top, { "a.txt": "two\n" })
          ))
        assert.deepStrictEqual(evidence.outside, ["added bare.git/hooks/update"])
        assert.isNull(evidence.branch?.target)
        assert.strictEqual(evidence.branch?.fileCount, 1)
      }), { isBare: true }))
})
