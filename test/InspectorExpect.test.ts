/**
 * What is expected of work, and whether it holds: looked up in commits, in files and by commands.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Path } from "effect"
import type { Expect } from "../src/domain/Expect.ts"
import { Inspector } from "../src/services/Inspector.ts"
import { type Files, writeFiles } from "./support/Repositories.ts"
import { sampleTask } from "./support/SampleTask.ts"
import { afterWork, answer, begin, inPlace, type Place, type PlaceOptions } from "./support/TestInspector.ts"

const files: Files = { "src/a.ts": "a\n", "docs/x.md": "x\n", "pkg/[id]/page.ts": "p\n", "pkg/i/page.ts": "i\n" }

/** What holds, in the order in which it is declared. */
const held = (place: Place, written: Files, toolCalls = 1) =>
  Effect.map(afterWork(place, () => writeFiles(place.top, written), { answer, toolCalls }), ({ evidence }) => ({
    evidence,
    held: evidence.checks.map((check) => check.held)
  }))

const expecting = (expect: Expect, options: PlaceOptions = {}): PlaceOptions => ({ files, expect, ...options })

describe("what is expected", () => {
  it.live("of paths, by git's own globs", () =>
    inPlace(
      (place) =>
        Effect.gen(function*() {
          const found = yield* held(place, { "src/a.ts": "b\n", "src/deep/new.ts": "n\n" })
          assert.deepStrictEqual(
            found.evidence.checks.map((check) => [check.expected, check.held, check.found]),
            [
              ["src/** has changed", true, "changed: src/a.ts, src/deep/new.ts"],
              ["src has changed", true, "changed: src/a.ts, src/deep/new.ts"],
              ["*.ts has changed", false, "nothing changed"],
              ["docs/** has not changed", true, "nothing changed"],
              ["src/*.ts has not changed", false, "changed: src/a.ts"],
              ["nothing but src/*.ts has changed", false, "changed: src/deep/new.ts"]
            ]
          )
          assert.strictEqual(found.evidence.verification, "contradicted")
        }),
      expecting({ changed: ["src/**", "src", "*.ts"], unchanged: ["docs/**", "src/*.ts"], only: ["src/*.ts"] })
    ))

  it.live("of paths, from the directory that the task was asked for in", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const found = yield* held(place, { "pkg/[id]/page.ts": "q\n" })
        assert.deepStrictEqual(found.held, [true, true, true, true])
        assert.strictEqual(found.evidence.verification, "verified")
        const other = yield* held(place, { "pkg/i/page.ts": "q\n" })
        assert.deepStrictEqual(other.held, [true, true, false, true])
      }), {
      ...expecting({ changed: ["*.ts"], unchanged: ["other.ts"], only: ["**"], files: ["page.ts"] }),
      within: "pkg/[id]"
    }))

  it.live("of what moved away: it has changed in both places", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { evidence } = yield* afterWork(place, () =>
          Effect.andThen(
            fs.makeDirectory(`${place.top}/lib`),
            fs.rename(`${place.top}/src/a.ts`, `${place.top}/lib/a.ts`)
          ))
        assert.deepStrictEqual(evidence.checks.map((check) => check.held), [false, false])
      }), expecting({ unchanged: ["src/**"], only: ["lib/**"] })))

  it.live("of files: what leads out of the workspace is not there", () =>
    inPlace(
      (place) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const path = yield* Path.Path
          yield* writeFiles(place.directory, { "outside.txt": "x" })
          const { evidence } = yield* afterWork(place, () =>
            Effect.gen(function*() {
              yield* writeFiles(place.top, { "dist/app.js": "x", "b[1].txt": "x" })
              yield* fs.symlink(path.join(place.directory, "outside.txt"), path.join(place.top, "link.txt"))
              yield* fs.symlink("nowhere", path.join(place.top, "dangling.txt"))
              yield* fs.symlink("docs/x.md", path.join(place.top, "inside.txt"))
            }))
          assert.deepStrictEqual(evidence.checks.map((check) => [check.expected, check.held]), [
            ["dist/app.js is there", true],
            ["dist/*.js is there", true],
            ["b[1].txt is there", true],
            ["inside.txt is there", true],
            ["link.txt is there", false],
            ["l*.txt is there", false],
            ["dangling.txt is there", false],
            ["gone.txt is there", false]
          ])
          assert.deepStrictEqual(evidence.branch?.warnings, ["adds links that leave the tree: link.txt"])
        }),
      expecting({
        files: ["dist/app.js", "dist/*.js", "b[1].txt", "inside.txt", "link.txt", "l*.txt", "dangling.txt", "gone.txt"]
      })
    ))

  it.live("of commands, in the workspace, on what was committed", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence, held: all } = yield* held(place, { "src/a.ts": "b\n" })
        assert.deepStrictEqual(all, [true, false, true])
        assert.strictEqual(evidence.checks[0]?.output, `${place.top}/src 4000\n`)
        assert.strictEqual(evidence.checks[1]?.found, "it exited with 3")
        assert.deepStrictEqual([evidence.checks[1]?.output?.length, evidence.checks[1]?.output?.endsWith("end\n")], [
          4000,
          true
        ])
        // What a command writes is not the worker's work.
        assert.deepStrictEqual(evidence.branch?.files.map(({ path }) => path), ["src/a.ts"])
        assert.isTrue(yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.exists(`${place.top}/src/made.txt`)))
      }), {
      ...expecting({
        commands: ["echo $PWD $PORT; touch made.txt", "yes | head -c 9000; echo end; exit 3", "test -f made.txt"]
      }),
      within: "src"
    }))

  it.live("of commands: they are not run where the directory leads elsewhere", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { evidence } = yield* afterWork(place, () =>
          Effect.andThen(
            fs.remove(`${place.top}/src`, { recursive: true }),
            fs.symlink(place.repository, `${place.top}/src`)
          ))
        assert.deepStrictEqual(
          evidence.checks.map((check) => check.held),
          [null]
        )
        assert.isFalse(yield* fs.exists(`${place.repository}/canary`))
        assert.strictEqual(evidence.verification, "unverified")
      }), { ...expecting({ commands: ["touch canary"] }), within: "src" }))

  it.live("of commands, which can be interrupted: what was left is committed all the same", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const inspection = yield* begin(place)
        yield* writeFiles(place.top, { "src/a.ts": "b\n" })
        const running = yield* Effect.forkChild(inspection.end({ answer, toolCalls: 1 }))
        while (!(yield* fs.exists(`${place.top}/begun`))) yield* Effect.sleep("5 millis")
        yield* Fiber.interrupt(running)
        // Before it has come to the commands too.
        yield* writeFiles(place.top, { "src/a.ts": "c\n" })
        const early = yield* Effect.forkChild(inspection.end({ answer, toolCalls: 1 }), { startImmediately: true })
        yield* Fiber.interrupt(early)
        const { evidence } = yield* afterWork(place, () => {}, { answer: null, toolCalls: 0 })
        assert.isFalse(evidence.branch?.completed)
        assert.strictEqual(evidence.branch?.commits, 2)
      }), expecting({ commands: ["touch begun; exec sleep 600"] })))

  it.live("of the answer and of tool calls; and who does nothing is never verified", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const none = yield* held(place, {}, 0)
        assert.deepStrictEqual([none.held, none.evidence.verification], [[true, true], "unverified"])
        const busy = yield* held(place, {}, 1)
        assert.strictEqual(busy.evidence.verification, "verified")
      }), expecting({ commands: ["true"], nothingOutside: true })))

  it.live("without a workspace, as far as that can be told", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const expect: Expect = {
          changed: ["**"],
          files: ["src/a.ts"],
          commands: ["test -f src/a.ts"],
          toolCalls: 2,
          schema: true,
          nothingOutside: true
        }
        const task = sampleTask(2, { options: { cwd: place.repository, expect } })
        const inspection = yield* Effect.flatMap(Inspector, (service) => service.begin(task, null))
        const { evidence, patch } = yield* inspection.end({ answer: { ...answer, structured: { a: 1 } }, toolCalls: 2 })
        assert.deepStrictEqual(evidence.checks.map((check) => check.held), [null, true, true, true, true, null])
        assert.deepStrictEqual([evidence.isolation, evidence.verification, patch], ["shared", "unverified", null])
        const idle = yield* inspection.end({ answer, toolCalls: 1 })
        assert.deepStrictEqual(idle.evidence.checks.map((check) => check.held), [null, true, true, false, false, null])
        assert.strictEqual(idle.evidence.verification, "contradicted")
      }), { files }))
})
