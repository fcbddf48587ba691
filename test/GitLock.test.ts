import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, FileSystem, Ref, type Scope } from "effect"
import { spawn } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { lockFile } from "../src/layers/RepositoryLock.ts"
import { inRepository, reasonOf, workDirectory } from "./support/Repositories.ts"

/** A process that waits for the lock of a file. */
const contender = (file: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, ["test/support/lockHolder.ts", file], {
        stdio: ["pipe", "pipe", "inherit"]
      })
      const [waits, holds, ended] = [
        Deferred.makeUnsafe<void>(),
        Deferred.makeUnsafe<void>(),
        Deferred.makeUnsafe<void>()
      ]
      createInterface(child.stdout).on(
        "line",
        (line) => Deferred.doneUnsafe(line === "waits" ? waits : holds, Effect.void)
      )
      child.on("close", () => Deferred.doneUnsafe(ended, Effect.void))
      return {
        waits: Deferred.await(waits),
        holds: Deferred.await(holds),
        hasIt: Deferred.isDone(holds),
        kill: Effect.andThen(Effect.sync(() => child.kill("SIGKILL")), Deferred.await(ended))
      }
    }),
    ({ kill }) => kill
  )

const inDirectory = <A, E>(use: (file: string) => Effect.Effect<A, E, Scope.Scope>) =>
  Effect.flatMap(workDirectory, (directory) => use(`${directory}/lock.db`)).pipe(
    Effect.scoped,
    Effect.provide(NodeServices.layer)
  )

describe("the lock of a repository", () => {
  it.live("is held by one process, and given back by one that is killed", () =>
    inDirectory((file) =>
      Effect.gen(function*() {
        const first = yield* contender(file)
        yield* first.holds
        const second = yield* contender(file)
        yield* second.waits
        const mine = yield* Effect.forkChild(Effect.scoped(lockFile(file)), { startImmediately: true })
        assert.isFalse(yield* second.hasIt)
        assert.isUndefined(mine.pollUnsafe())
        yield* first.kill
        // One of the two has it, then the other one: this one gives it back.
        yield* Effect.raceFirst(second.holds, Fiber.join(mine))
        if (yield* second.hasIt) yield* second.kill
        yield* Fiber.join(mine)
      })
    ))

  it.live("is waited for without holding anybody up, and given up when that is interrupted", () =>
    inDirectory((file) =>
      Effect.gen(function*() {
        const holder = yield* contender(file)
        yield* holder.holds
        const turns = yield* Ref.make(0)
        const waiting = yield* Effect.forkChild(Effect.scoped(lockFile(file)), { startImmediately: true })
        const others = Effect.forever(Effect.andThen(Ref.update(turns, (n) => n + 1), Effect.yieldNow))
        const busy = yield* Effect.forkChild(others)
        // More than it waits from one look to the next.
        yield* Effect.repeat(Effect.yieldNow, { times: 10_000 })
        assert.isAbove(yield* Ref.get(turns), 1000)
        yield* Fiber.interrupt(busy)
        yield* Fiber.interrupt(waiting)
        yield* holder.kill
        yield* Effect.scoped(lockFile(file))
      })
    ))

  it.live("is not waited for where its file is none, and says what is wrong", () =>
    inDirectory((file) =>
      Effect.gen(function*() {
        const said = Effect.flip(Effect.scoped(lockFile(file)))
        writeFileSync(file, "this is no lock, and it is long enough to be read as one: ".repeat(20))
        const { reason } = yield* said
        assert.isTrue(reason._tag === "GitFailed" && reason.verb === "lock", reason._tag)
        assert.include(reason.message, "not a database")
        rmSync(file)
        mkdirSync(file)
        assert.include((yield* said).message, "unable to open")
        rmSync(file, { recursive: true })
        yield* Effect.scoped(lockFile(file))
      })
    ))

  it.live("goes in turn within a process, and is given back however its use ends", () =>
    inRepository(({ git, main: { repository } }) =>
      Effect.gen(function*() {
        const order = yield* Ref.make<ReadonlyArray<string>>([])
        const open = yield* Deferred.make<void>()
        const entered = yield* Deferred.make<void>()
        const locked = git.locked(repository)
        const first = yield* Effect.forkChild(
          locked(Effect.andThen(Deferred.succeed(entered, undefined), Deferred.await(open)))
        )
        yield* Deferred.await(entered)
        const others = yield* Effect.forEach(["a", "b", "c", "d"], (name) =>
          Effect.forkChild(locked(Ref.update(order, (all) => [...all, name])), { startImmediately: true }))
        yield* Fiber.interrupt(others[1]!)
        yield* Deferred.succeed(open, undefined)
        yield* Fiber.join(first)
        yield* Effect.forEach(
          others.filter((_, at) =>
            at !== 1
          ),
          Fiber.join
        )
        assert.deepStrictEqual(yield* Ref.get(order), ["a", "c", "d"])
        assert.strictEqual(yield* Effect.flip(locked(Effect.fail("no"))), "no")
        const inside = yield* Effect.forkChild(locked(Effect.never), { startImmediately: true })
        yield* Effect.yieldNow
        yield* Fiber.interrupt(inside)
        assert.strictEqual(yield* locked(Effect.succeed("again")), "again")
      })
    ))

  it.live("is not made where a link leads elsewhere, or the repository is gone", () =>
    inRepository(({ directory, git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const locked = git.locked(main.repository)(Effect.succeed("done"))
        yield* fs.makeDirectory(`${directory}/other`)
        yield* fs.symlink(`${directory}/other`, `${repository}/.git/claude-pool`)
        assert.strictEqual(yield* reasonOf(locked), "GitFailed lock")
        assert.deepStrictEqual(yield* fs.readDirectory(`${directory}/other`), [])
        yield* fs.remove(repository, { recursive: true })
        assert.strictEqual(yield* locked, "done")
        assert.isFalse(yield* fs.exists(repository))
      })
    ))
})
