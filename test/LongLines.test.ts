/**
 * A worker that says more in one line than is read of one: its attempt ends and says why, and all else goes on.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { LineBound } from "../src/domain/LineBound.ts"
import * as App from "../src/layers/App.ts"
import { Configuration } from "../src/services/Configuration.ts"
import { Machine } from "../src/services/Machine.ts"
import { Pool } from "../src/services/Pool.ts"
import { Census } from "./support/Census.ts"
import { testMachine } from "./support/TestMachine.ts"

/** The whole program, with two slots and lines of so many bytes. */
const within = <A, E>(longest: number, use: (pool: Pool["Service"]) => Effect.Effect<A, E>) =>
  Effect.scoped(Effect.gen(function*() {
    const directory = yield* Census.directory("long-lines-")
    const project = join(directory, "project")
    for (const name of ["project", "tmp"]) mkdirSync(join(directory, name))
    const layer = App.layer("host").pipe(
      Layer.provide([
        Configuration.layer(
          { simulate: true, store: join(directory, "store"), slots: 2, hotSpares: false, maxAttempts: 3 },
          project
        ),
        Machine.layer({
          ...testMachine,
          env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
          home: directory,
          cwd: project,
          temporary: join(directory, "tmp"),
          node: process.execPath
        }),
        NodeServices.layer,
        NodeCrypto.layerSecureRandom,
        NodeCrypto.layerDigest
      ]),
      Layer.provide(Layer.succeed(LineBound, longest))
    )
    return yield* Effect.flatMap(Pool, (pool) => use(pool)).pipe(Effect.provide(layer))
  }))

describe("a worker that says too much in one line", () => {
  it.live("is stopped, with its cost on record, while the others go on", () =>
    within(100_000, (pool) =>
      Effect.gen(function*() {
        const [long, other] = yield* Effect.all([
          pool.run({ prompt: "[[cost:0.02]] [[flood:5000000]] [[stall]]" }),
          pool.run({ prompt: "[[delay:300]] [[chatter:500]] [[flood:90000]] [[say:done]]" })
        ], { concurrency: 2 })
        assert.deepInclude(long, { state: "failed", attempts: 1 })
        assert.deepInclude(long.error, {
          code: "LineTooLong",
          message: "the worker wrote a line of more than 97.7 KiB; it was stopped",
          retryable: false
        })
        assert.strictEqual(long.cost_usd, 0.02)
        assert.strictEqual(other.state, "done")
        const after = yield* Effect.forEach([1, 2, 3], (n) => pool.run({ prompt: `[[say:${n}]]` }), { concurrency: 3 })
        assert.deepStrictEqual(after.map(({ state }) => state), ["done", "done", "done"])
      })))
})
