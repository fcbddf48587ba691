/**
 * What tests wait for in files of other processes: nothing that is written is missed, whenever it comes.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Census } from "./support/Census.ts"
import { FileWatch } from "./support/FileWatch.ts"

const textOf = (file: string): string => existsSync(file) ? readFileSync(file, "utf8") : ""

describe("a wait for what is written below a directory", () => {
  it.live("sees the last line, also where it is written while the new file is first heard of", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* Census.directory("file-watch-")
      mkdirSync(join(directory, "folder"))
      const file = join(directory, "folder", "new")
      let looks = 0
      yield* FileWatch.until(directory, () => {
        const seen = textOf(file)
        if (looks++ === 0) writeFileSync(file, "first\n")
        // The last change of all: only one who hears it ever looks again.
        else if (seen === "first\n") appendFileSync(file, "last\n")
        return seen === "first\nlast\n"
      })
      assert.isAtLeast(looks, 3)
    })))

  it.live("hears of folders that come, and go, and come again", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* Census.directory("file-watch-")
      const folder = join(directory, "one", "two")
      const file = join(folder, "new")
      const steps = [
        () => mkdirSync(folder, { recursive: true }),
        () => rmSync(join(directory, "one"), { recursive: true }),
        () => mkdirSync(folder, { recursive: true }),
        () => writeFileSync(file, "first\n"),
        () => appendFileSync(file, "last\n")
      ]
      // One step for each look: the next one is taken only after a look that the last one was the cause of.
      const isDone = [
        () => existsSync(folder),
        () => !existsSync(join(directory, "one")),
        () => existsSync(folder),
        () => textOf(file) === "first\n",
        () => textOf(file) === "first\nlast\n"
      ]
      let step = 0
      yield* FileWatch.until(directory, () => {
        if (step > 0 && !isDone[step - 1]!()) return false
        if (step === steps.length) return true
        steps[step++]!()
        return false
      })
      assert.strictEqual(step, steps.length)
    })))
})
