/**
 * The files of long values on a real disk: who may read them, what a worker can put in their way, and what is left.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ChainId } from "../src/domain/ChainId.ts"
import { inputsOf, makeInputFiles } from "../src/services/tasks/InputFiles.ts"
import { Census } from "./support/Census.ts"

const chain = ChainId.make("c_0123456789abcdef")
const other = ChainId.make("c_fedcba9876543210")
const file = { name: "steps.a.output.txt", text: "long" }

const mode = (path: string): number => statSync(path).mode & 0o777

describe("the files of a chain", () => {
  it.live("are private, hidden from git, and gone with all that was made for them", () =>
    Effect.gen(function*() {
      const cwd = yield* Census.directory("inputs-")
      const files = yield* makeInputFiles
      yield* files.write(cwd, inputsOf(chain, "b-1"), [file])
      yield* files.write(cwd, inputsOf(other, "b-1"), [file])
      const inputs = join(cwd, ".claude-pool", "inputs")
      const written = join(inputs, chain, "b-1", file.name)
      assert.strictEqual(readFileSync(written, "utf8"), "long")
      assert.strictEqual(readFileSync(join(inputs, ".gitignore"), "utf8"), "*\n")
      assert.deepStrictEqual([mode(written), mode(join(inputs, chain)), mode(inputs)], [0o600, 0o700, 0o700])
      yield* files.remove(cwd, chain)
      assert.deepStrictEqual(readdirSync(inputs).toSorted(), [".gitignore", other])
      yield* files.remove(cwd, other)
      assert.deepStrictEqual(readdirSync(cwd), [])
      yield* files.remove(cwd, other)
    }).pipe(Effect.provide(NodeServices.layer), Effect.scoped))

  it.live("are brought into a workspace by the prompt that names them, and nothing else is", () =>
    Effect.gen(function*() {
      const [cwd, workspace] = [yield* Census.directory("inputs-"), yield* Census.directory("inputs-")]
      const files = yield* makeInputFiles
      const named = inputsOf(chain, "b-0123456789ab")
      yield* files.write(cwd, named, [file])
      yield* files.write(cwd, `${named}/3`, [{ name: "item.txt", text: "third" }])
      yield* files.write(cwd, inputsOf(other, "b-1"), [file])
      symlinkSync("/etc/hosts", join(cwd, named, "link.txt"))
      const bring = (prompt: string) => files.bring(prompt, { from: cwd, to: workspace })
      yield* Effect.scoped(Effect.gen(function*() {
        yield* bring(`Read \`${named}/${file.name}\`.`)
        assert.deepStrictEqual(readdirSync(join(workspace, named)), [file.name])
        assert.strictEqual(readFileSync(join(workspace, ".claude-pool", "inputs", ".gitignore"), "utf8"), "*\n")
        assert.deepStrictEqual(readdirSync(join(workspace, ".claude-pool", "inputs")).toSorted(), [".gitignore", chain])
      }))
      assert.deepStrictEqual(readdirSync(workspace), [])
      yield* Effect.scoped(Effect.gen(function*() {
        yield* bring(`Read ${named}/3/item.txt, and no other.`)
        assert.deepStrictEqual(readdirSync(join(workspace, named)), ["3"])
      }))
      yield* Effect.scoped(bring("Read a.txt"))
      assert.deepStrictEqual(readdirSync(workspace), [])
    }).pipe(Effect.provide(NodeServices.layer), Effect.scoped))

  it.live("leave alone what else is in the directory of the pool", () =>
    Effect.gen(function*() {
      const cwd = yield* Census.directory("inputs-")
      mkdirSync(join(cwd, ".claude-pool"))
      writeFileSync(join(cwd, ".claude-pool", "store.db"), "")
      const files = yield* makeInputFiles
      yield* files.write(cwd, inputsOf(chain, "b-1"), [file])
      yield* files.remove(cwd, chain)
      assert.deepStrictEqual(readdirSync(join(cwd, ".claude-pool")), ["store.db"])
    }).pipe(Effect.provide(NodeServices.layer), Effect.scoped))

  it.live("are never written through a link that a worker has put in their place", () =>
    Effect.gen(function*() {
      const cwd = yield* Census.directory("inputs-")
      const target = join(cwd, "precious")
      writeFileSync(target, "kept")
      const files = yield* makeInputFiles
      const unit = join(cwd, inputsOf(chain, "b-1"))
      mkdirSync(unit, { recursive: true })
      symlinkSync(target, join(unit, file.name))
      yield* files.write(cwd, inputsOf(chain, "b-1"), [file])
      assert.strictEqual(readFileSync(target, "utf8"), "kept")
      assert.strictEqual(readFileSync(join(unit, file.name), "utf8"), "long")

      const elsewhere = join(cwd, "elsewhere")
      mkdirSync(elsewhere)
      symlinkSync(elsewhere, join(cwd, inputsOf(chain, "b-2")))
      const refused = yield* Effect.flip(files.write(cwd, inputsOf(chain, "b-2"), [file]))
      assert.match(refused.message, /leads elsewhere/)
      assert.deepStrictEqual(readdirSync(elsewhere), [])
      yield* files.remove(cwd, chain)
      assert.isTrue(existsSync(elsewhere))
    }).pipe(Effect.provide(NodeServices.layer), Effect.scoped))
})
