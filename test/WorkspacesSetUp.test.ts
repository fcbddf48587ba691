/**
 * What a worktree gets before anybody works in it: copies, ports, and what a command makes, once for all that need it.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, FileSystem, type Path, Ref } from "effect"
import { Failure } from "../src/domain/Failure.ts"
import { TimedOut } from "../src/domain/LimitFailure.ts"
import type { Workspace } from "../src/domain/Workspace.ts"
import { Workspaces } from "../src/services/Workspaces.ts"
import { plainGit, writeFiles } from "./support/Repositories.ts"
import { refusal, slot, taskIn, withWorkspaces } from "./support/TestWorkspaces.ts"

const entered = (repository: string, number: number) =>
  Effect.map(
    Effect.flatMap(Workspaces, ({ enter }) => enter(taskIn(repository, number), slot(1))),
    (stay) => stay!
  )

const ignoring = { ".gitignore": ".env\nconf/\nmade/\n", "a.txt": "one\n", "lock.txt": "1\n" }

describe("files that are copied", () => {
  it.live("come from the checkout with their modes, in place of nothing, and from nowhere else", () =>
    withWorkspaces(
      { files: { ...ignoring, "there.txt": "committed\n" }, setUp: { copy: [".env", "conf", "there.txt", "absent"] } },
      ({ repository }) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          yield* writeFiles(repository, { ".env": "KEY=1\n", "conf/a.json": "{}\n", "there.txt": "mine\n" })
          yield* fs.chmod(`${repository}/.env`, 0o640)
          const { workspace: { path } } = yield* entered(repository, 1)
          const read = (name: string) => fs.readFileString(`${path}/${name}`)
          assert.deepStrictEqual(yield* Effect.forEach([".env", "conf/a.json", "there.txt"], read), [
            "KEY=1\n",
            "{}\n",
            "committed\n"
          ])
          assert.strictEqual(Number((yield* fs.stat(`${path}/.env`)).mode) & 0o777, 0o640)
          yield* fs.remove(`${repository}/.env`)
          yield* fs.symlink("/etc/hostname", `${repository}/.env`)
          assert.strictEqual(yield* refusal(entered(repository, 2)), "SetUpFailed")
          assert.strictEqual(plainGit(repository, "worktree", "list").trim().split("\n").length, 2)
        })
    ))

  it.live("are none that lie above the top", () =>
    withWorkspaces({ setUp: { copy: ["../outside"] } }, ({ repository }) =>
      Effect.gen(function*() {
        yield* writeFiles(`${repository}/..`, { outside: "o\n" })
        assert.strictEqual(yield* refusal(entered(repository, 1)), "SetUpFailed")
      })))
})

describe("ports", () => {
  it.live("are leased to one worktree each, told to it, and free again when it is away", () => {
    const offered = [4001, 4001, 4002, 4001, 4003, 4002, 4004, 4001, 4002]
    const freePort = Effect.sync(() => offered.shift() ?? null)
    return withWorkspaces({ setUp: { ports: 2 }, machine: { freePort } }, ({ repository }) =>
      Effect.gen(function*() {
        const workspaces = yield* Workspaces
        const one = yield* Effect.scoped(entered(repository, 1))
        assert.deepStrictEqual(one.env, { CLAUDE_POOL_PORT_0: "4001", CLAUDE_POOL_PORT_1: "4002" })
        const two = yield* entered(repository, 2)
        assert.deepStrictEqual(two.workspace.ports, [4003, 4004])
        yield* workspaces.leave(taskIn(repository, 1).id)
        yield* workspaces.idle
        assert.deepStrictEqual((yield* entered(repository, 3)).workspace.ports, [4001, 4002])
        assert.strictEqual(yield* refusal(entered(repository, 4)), "SetUpFailed")
      }))
  })
})

describe("the set-up command", () => {
  const setUp = { command: "install", keys: ["lock.txt"], outputs: ["made"] }

  it.live("is run once for all that come with the same key, and what it made is copied", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const runs = yield* Ref.make(0)
      const check = ({ cwd }: { readonly cwd: string }) =>
        Effect.gen(function*() {
          const run = yield* Ref.updateAndGet(runs, (count) => count + 1)
          yield* Deferred.await(gate)
          const fs = yield* FileSystem.FileSystem
          yield* Effect.orDie(fs.makeDirectory(`${cwd}/made/bin`, { recursive: true }))
          yield* Effect.orDie(fs.writeFileString(`${cwd}/made/value.txt`, `run ${run}`))
          yield* Effect.orDie(fs.symlink("../value.txt", `${cwd}/made/bin/value`))
          return { output: `run ${run}` }
        })
      const platform = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
      yield* withWorkspaces(
        { files: ignoring, setUp, check: (command) => Effect.provideContext(check(command), platform) },
        ({ commands, repository }) =>
          Effect.gen(function*() {
            const fs = yield* FileSystem.FileSystem
            yield* Deferred.succeed(gate, undefined)
            const stays = yield* Effect.forEach([1, 2], (number) => entered(repository, number), { concurrency: 2 })
            const [first, second] = stays.map(({ workspace }) => workspace).toSorted((one, other) =>
              Number(one.setUp?.cached) - Number(other.setUp?.cached)
            )
            const said = (workspace: Workspace | undefined) => [workspace?.setUp?.output, workspace?.setUp?.cached]
            assert.deepStrictEqual([said(first), said(second)], [["run 1", false], ["", true]])
            assert.deepStrictEqual(commands.map(({ command, cwd }) => [command, cwd]), [["install", first!.path]])
            assert.strictEqual(yield* fs.readLink(`${second!.path}/made/bin/value`), "../value.txt")
            // Nobody who writes into his own writes into what the next one gets.
            yield* fs.writeFileString(`${second!.path}/made/bin/value`, "changed")
            const third = yield* entered(repository, 3)
            assert.strictEqual(yield* fs.readFileString(`${third.cwd}/made/value.txt`), "run 1")
            // With another key it is run again, and no more than five results are kept.
            for (const number of [4, 5, 6, 7, 8, 9]) {
              yield* writeFiles(repository, { "lock.txt": `${number}\n` })
              plainGit(repository, "commit", "-qam", "another lock")
              yield* entered(repository, number)
            }
            assert.strictEqual(commands.length, 7)
            const cache = `${third.workspace.path}/../cache`
            assert.strictEqual((yield* fs.readDirectory(cache)).length, 5)
          })
      )
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("that fails, or takes too long, keeps its output and leaves no worktree and nothing to reuse", () => {
    const ends = [
      Effect.succeed({ exitCode: 3, output: "no network" }),
      new Failure({ reason: new TimedOut({ after: Duration.minutes(1) }) }),
      Effect.succeed({})
    ]
    return withWorkspaces(
      { files: ignoring, setUp, check: () => ends.shift()! },
      ({ commands, repository }) =>
        Effect.gen(function*() {
          const { reason } = yield* Effect.flip(Effect.scoped(entered(repository, 1)))
          assert.deepInclude(reason, { _tag: "SetUpFailed", command: "install", code: 3, output: "no network" })
          assert.strictEqual(yield* refusal(Effect.scoped(entered(repository, 1))), "SetUpFailed")
          assert.strictEqual(plainGit(repository, "worktree", "list").trim().split("\n").length, 1)
          yield* entered(repository, 1)
          assert.strictEqual(commands.length, 3)
        })
    )
  })

  it.live("is run beside the work for what is made ahead", () =>
    withWorkspaces(
      { files: ignoring, spares: 1, setUp: { command: "install" } },
      ({ commands, repository }) =>
        Effect.gen(function*() {
          yield* Effect.scoped(entered(repository, 1))
          yield* (yield* Workspaces).idle
          const ahead = commands.length
          const claimed = yield* entered(repository, 2)
          assert.deepStrictEqual([ahead, commands[1]?.cwd], [2, claimed.workspace.path])
        })
    ))
})
