/**
 * The driver of the CLI over the simulator as a real process: what it starts is gone when its scope closes.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Layer, Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Launch } from "../src/domain/Launch.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import { ClaudeCli, type ClaudeCliOptions } from "../src/services/ClaudeCli.ts"
import { Containment, type ContainmentLevel } from "../src/services/Containment.ts"
import { Census } from "./support/Census.ts"
import { isAlive } from "./support/Simulated.ts"

const simulator = fileURLToPath(new URL("../dist/simulator.js", import.meta.url))

const cliIn = (directory: string, level?: ContainmentLevel, binary?: string) => {
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
    Layer.provide(level === "marker-sweep" ? Containment.layerMarkerSweep : Containment.layer),
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

for (const level of ["pid-namespace", "marker-sweep"] as const) {
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
      assert.isFalse(isAlive(orphan.pid))
      yield* Scope.close(lost, Exit.void)
    }).pipe(Effect.scoped))
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
