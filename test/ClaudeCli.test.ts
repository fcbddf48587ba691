/**
 * The driver of the CLI over the simulator as a real process: what it starts is gone when its scope closes.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Failure } from "../src/domain/Failure.ts"
import type { Launch } from "../src/domain/Launch.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import * as MachineContainment from "../src/layers/MachineContainment.ts"
import { ClaudeCli, type ClaudeCliOptions, type Worker } from "../src/services/ClaudeCli.ts"
import type { ContainmentLevel } from "../src/services/Containment.ts"
import { Census } from "./support/Census.ts"
import { isAlive } from "./support/Simulated.ts"

const simulator = fileURLToPath(new URL("../dist/simulator.js", import.meta.url))

const containment = {
  "pid-namespace": MachineContainment.layer,
  "reaper": MachineContainment.layerReaper,
  "marker-sweep": MachineContainment.layerMarkerSweep
} satisfies Record<ContainmentLevel, unknown>

const cliIn = (directory: string, level: ContainmentLevel = "pid-namespace", binary?: string) => {
  const options: ClaudeCliOptions = {
    named: binary ?? null,
    standIn: binary === undefined ? [process.execPath, simulator] : null,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory },
    home: directory,
    platform: process.platform,
    passEnv: [],
    directories: {
      slots: join(directory, "slots"),
      sessions: join(directory, "sessions"),
      temporary: join(directory, "temporary")
    },
    stallAfter: Duration.minutes(5),
    figuresWithin: Duration.seconds(2)
  }
  return ClaudeCli.layer(options).pipe(
    Layer.provide(containment[level]),
    Layer.provide([NodeServices.layer, SecureRandom.layerWebCrypto])
  )
}

const slot = SlotId.make(1)

const launchIn = (directory: string): Launch => ({
  cwd: directory,
  permissions: "full",
  inherit: "none",
  budget: fromUsd(5)
})

for (const level of ["pid-namespace", "reaper", "marker-sweep"] as const) {
  describe(`ClaudeCli with the containment ${level}`, () => {
    it.live("ends a process with its scope, and leaves its neighbours alone", () =>
      Effect.gen(function*() {
        const directory = yield* Census.directory("cli-")
        yield* Effect.gen(function*() {
          const claude = yield* ClaudeCli
          const home = yield* claude.home(slot)
          const neighbour = yield* claude.start(launchIn(directory), home)
          const scope = yield* Scope.make()
          const worker = yield* Scope.provide(claude.start(launchIn(directory), home), scope)
          assert.isTrue(isAlive(worker.pid))
          yield* Scope.close(scope, Exit.void)
          assert.isFalse(isAlive(worker.pid))
          assert.isTrue(isAlive(neighbour.pid))
          assert.isTrue(existsSync(home.config))
        }).pipe(Effect.scoped, Effect.provide(cliIn(directory, level)))
        assert.deepStrictEqual(Census.processesOf(directory), [])
      }).pipe(Effect.scoped))

    it.live("leaves nothing of a worker that leaves daemons behind and takes no hint", () =>
      Effect.gen(function*() {
        const directory = yield* Census.directory("cli-")
        yield* Effect.gen(function*() {
          const claude = yield* ClaudeCli
          const home = yield* claude.home(slot)
          const told = yield* Effect.scoped(Effect.gen(function*() {
            const worker = yield* claude.start(launchIn(directory), home)
            const prompt = "[[ignore-interrupt]] [[ignore-term]] [[daemon:600]] [[say:done]]"
            return (yield* worker.run({ prompt }, () => Effect.void)).output
          }))
          assert.strictEqual(told, "done")
          assert.deepStrictEqual(Census.processesOf(directory), [])
        }).pipe(Effect.scoped, Effect.provide(cliIn(directory, level)))
      }).pipe(Effect.scoped))
  })
}

describe("ClaudeCli without namespaces", () => {
  it.live("ends what a killed pool has left running in a slot, when the slot is opened anew", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("cli-")
      const lost = yield* Scope.make()
      const killed = yield* Layer.buildWithScope(cliIn(directory, "marker-sweep"), lost)
      const orphan = yield* Effect.gen(function*() {
        const claude = yield* ClaudeCli
        return yield* claude.start(launchIn(directory), yield* claude.home(slot))
      }).pipe(Effect.provide(killed), Scope.provide(lost))
      assert.isTrue(isAlive(orphan.pid))
      yield* Effect.flatMap(ClaudeCli, (claude) => claude.home(slot)).pipe(
        Effect.scoped,
        Effect.provide(cliIn(directory, "marker-sweep"))
      )
      // It is this process's child, and there as a dead one until it is collected.
      assert.match(yield* orphan.ended, /^ended by a signal/)
      yield* Scope.close(lost, Exit.void)
    }).pipe(Effect.scoped))
})

describe("ClaudeCli while a worker works", () => {
  const withWorker = (
    test: (worker: Worker, directory: string) => Effect.Effect<unknown, Failure, Scope.Scope>,
    more: Partial<Launch> = {}
  ) =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("cli-")
      yield* Effect.gen(function*() {
        const claude = yield* ClaudeCli
        const worker = yield* claude.start({ ...launchIn(directory), ...more }, yield* claude.home(slot))
        yield* test(worker, directory)
      }).pipe(Effect.scoped, Effect.provide(cliIn(directory)))
    }).pipe(Effect.scoped)

  /** Starts it, and waits until it has answered so many times: with a word, or with a call. */
  const begin = Effect.fnUntraced(function*(worker: Worker, prompt: string, answers = 1) {
    const spoken = yield* Deferred.make<void>()
    const run = yield* Effect.forkScoped(
      worker.run({ prompt }, ({ turns }) => turns < answers ? Effect.void : Deferred.succeed(spoken, undefined))
    )
    yield* Deferred.await(spoken)
    return run
  })

  it.live("tells it something, and has its answer to that", () =>
    withWorker((worker) =>
      Effect.gen(function*() {
        const run = yield* begin(worker, "[[say:begun]] [[hear]]")
        assert.isTrue(yield* worker.tell({ id: "m1", text: "make it blue" }))
        assert.strictEqual((yield* Fiber.join(run)).output, "make it blue")
        assert.deepInclude(yield* worker.spent, { exact: true, turns: 2 })
      })
    ))

  it.live("says that a message is lost when the worker is", () =>
    withWorker((worker) =>
      Effect.gen(function*() {
        const run = yield* begin(worker, "[[say:begun]] [[stall]]")
        const told = yield* Effect.forkScoped(worker.tell({ id: "m1", text: "too late" }), { startImmediately: true })
        yield* Effect.sync(() => process.kill(worker.pid, "SIGKILL"))
        assert.isFalse(yield* Fiber.join(told))
        const failure = yield* Effect.orDie(Effect.flip(Fiber.join(run)))
        assert.strictEqual(failure.reason._tag, "WorkerLost")
        assert.isFalse((yield* worker.spent).exact)
      })
    ))

  it.live("adds up what several turns have cost, and what they were denied", () =>
    withWorker((worker, directory) =>
      Effect.gen(function*() {
        const run = yield* begin(worker, "[[cost:1]] [[deny:Write]] [[say:begun]] [[await:go]]", 2)
        const message = { id: "m1", text: "[[cost:2]] [[deny:Bash]] [[say:done]]" }
        const told = yield* Effect.forkScoped(worker.tell(message), { startImmediately: true })
        writeFileSync(join(directory, "go"), "")
        const { denials, output } = yield* Fiber.join(run)
        assert.isTrue(yield* Fiber.join(told))
        assert.strictEqual(output, "done")
        assert.deepStrictEqual(denials.map(({ tool }) => tool), ["Write", "Bash"])
        assert.strictEqual((yield* worker.spent).cost, fromUsd(3))
      })
    ))

  it.live("lets it call the pool, and goes on reading meanwhile", () =>
    withWorker((worker) =>
      Effect.gen(function*() {
        const seen = yield* Deferred.make<void>()
        // The call is answered once the worker has been heard to run it.
        const answer = yield* worker.run({
          prompt: `[[call:report_progress,{"text":"half"}]]`,
          onCall: (call) => Effect.as(Deferred.await(seen), `${call._tag} heard`)
        }, ({ tool }) => tool === "mcp__pool__report_progress" ? Deferred.succeed(seen, undefined) : Effect.void)
        assert.strictEqual(answer.output, "ReportProgress heard")
      }), { mailbox: true }))
})

describe("ClaudeCli with a login in a file", () => {
  it.live("tries a token that has run out and cannot be refreshed, and does not let its process go before it is used", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("cli-")
      const binary = join(directory, "claude")
      writeFileSync(binary, `#!/bin/sh\nexec ${process.execPath} ${simulator} "$@"\n`, { mode: 0o755 })
      mkdirSync(join(directory, ".claude"))
      const credentials = { claudeAiOauth: { accessToken: "token", refreshToken: "token", expiresAt: 1 } }
      writeFileSync(join(directory, ".claude", ".credentials.json"), JSON.stringify(credentials))
      const { output } = yield* Effect.gen(function*() {
        const claude = yield* ClaudeCli
        assert.strictEqual((yield* claude.login).method, "credentials-file")
        const home = yield* claude.home(slot)
        const worker = yield* claude.start(launchIn(directory), home)
        // The time that another one takes to start, unused.
        yield* claude.start(launchIn(directory), home)
        return yield* worker.run({ prompt: "[[say:still here]]" }, () => Effect.void)
      }).pipe(Effect.scoped, Effect.provide(cliIn(directory, "pid-namespace", binary)))
      assert.strictEqual(output, "still here")
    }).pipe(Effect.scoped))
})
