/**
 * The token file of the HTTP server, where two servers start at once.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { httpToken } from "../src/layers/http/HttpToken.ts"
import { Machine } from "../src/services/Machine.ts"
import { Census } from "./support/Census.ts"
import { testMachine } from "./support/TestMachine.ts"

/** Between a file's beginning and its text there is time. */
const slowWriting = Layer.effect(
  FileSystem.FileSystem,
  Effect.map(FileSystem.FileSystem, (fs) => ({
    ...fs,
    writeFileString: (path, text, options) =>
      fs.writeFileString(path, "", options).pipe(
        Effect.andThen(Effect.forEach(Array.from({ length: 50 }), () => fs.exists(path))),
        Effect.andThen(fs.writeFileString(path, text))
      )
  } satisfies FileSystem.FileSystem))
).pipe(Layer.provideMerge(NodeServices.layer))

describe("the token file", () => {
  it.live("has the token of whoever was first, and never a part of one", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("token-")
      const machine = Layer.succeed(Machine, { ...testMachine, home, env: {} })
      const tokens = yield* Effect.all(Array.from({ length: 8 }, () => httpToken), { concurrency: "unbounded" }).pipe(
        Effect.provide(Layer.mergeAll(slowWriting, SecureRandom.layerWebCrypto, machine))
      )
      assert.strictEqual(new Set(tokens.map(({ value }) => Redacted.value(value))).size, 1)
      assert.deepStrictEqual(readdirSync(join(home, ".config", "claude-pool")), ["http-token"])
    }).pipe(Effect.scoped))
})
