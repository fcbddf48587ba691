/**
 * The census that follows every test, which has to find what is left: a process, a file, an open descriptor.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Census } from "../support/Census.ts"
import { Leaks } from "../support/Leaks.ts"

/** Waits until the kernel tells what a process was given: it is said to run a moment before. */
const isTold = Effect.fnUntraced(function*(pid: number | undefined) {
  while (readFileSync(`/proc/${pid}/environ`, "utf8") === "") yield* Census.pass
})

describe("the census after each test", () => {
  it.live("finds what a test leaves, and nothing that is others'", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("leaks-")
      const before = Leaks.take(directory)
      assert.deepStrictEqual(Leaks.since(directory, before), [])

      const file = join(directory, "left")
      const descriptor = openSync(file, "w")
      const child = spawn("sleep", ["600"], { env: { MARK: directory, PATH: "/usr/bin:/bin" }, stdio: "ignore" })
      const foreign = spawn("sleep", ["600"], { env: { PATH: "/usr/bin:/bin" }, stdio: "ignore" })
      yield* Effect.promise(() => Promise.all([child, foreign].map((one) => once(one, "spawn"))))
      yield* isTold(child.pid)
      const found = Leaks.since(directory, before).map((leak) => leak.split(" ")[0])
      assert.sameMembers(found, ["process", "file", "descriptor"])
      assert.deepStrictEqual(Leaks.alive(directory), [String(child.pid)])

      closeSync(descriptor)
      rmSync(file)
      const ends = [child, foreign].map((one) => once(one, "close"))
      for (const one of [child, foreign]) one.kill("SIGKILL")
      yield* Effect.promise(() => Promise.all(ends))
      assert.deepStrictEqual(yield* Effect.promise(() => Leaks.settled(directory, before)), [])
    }))
})
