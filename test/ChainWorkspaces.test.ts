/**
 * Chains and workspaces: one for all that a chain does, or one for each task; and what can be asked of a task that has one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ChainDefinition } from "../src/domain/ChainDefinition.ts"
import type { Failure } from "../src/domain/Failure.ts"
import { readItemValues } from "../src/domain/FanOutItemFile.ts"
import { askedOptions, type TaskRequest } from "../src/domain/TaskRequest.ts"
import { Chains } from "../src/services/Chains.ts"
import type { CheckCommand } from "../src/services/Checks.ts"
import { FanOut } from "../src/services/FanOut.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { answers, play, structured } from "./support/ChainScript.ts"
import { StartedWorkers } from "./support/ScriptedClaude.ts"
import { scriptedWorkspaces } from "./support/ScriptedWorkspaces.ts"
import { exits, testChains, type TestChainsOptions } from "./support/TestChains.ts"
import { settle } from "./support/Time.ts"

const cwds = Effect.map(
  Effect.flatMap(StartedWorkers, ({ started }) => started),
  (all) => all.map(({ launch }) => launch.cwd)
)

const plan = { plan: Effect.succeed(structured({ list: ["x", "y"] })) }
const listSchema = { type: "object", properties: { list: { type: "array", items: { type: "string" } } } } as const

const world = (more: TestChainsOptions = {}) => {
  const workspaces = scriptedWorkspaces()
  const checks: Array<CheckCommand> = []
  const check = (command: CheckCommand) => {
    checks.push(command)
    return exits(0)
  }
  return {
    ...workspaces,
    checks,
    pool: Effect.provide(testChains({ script: { run: answers(plan) }, workspaces: workspaces.layer, check, ...more }))
  }
}

const issuesOf = (refused: Failure): ReadonlyArray<string> =>
  refused.reason._tag === "InvalidRequest" ? refused.reason.issues : [refused.reason._tag]

describe("a chain with one workspace", () => {
  const steps: ChainDefinition["steps"] = [
    { name: "plan", prompt: "plan", schema: listSchema },
    { name: "each", forEach: "{steps.plan.list}", prompt: "do {item}", reduce: "sum {outcomes}" },
    { name: "test", check: "npm test" },
    { name: "loop", prompt: "again", loop: { check: "npm run lint", max: 2 } },
    { name: "alone", prompt: "alone", isolation: "task" }
  ]

  it.effect("works there in all of it, but for a step that is alone", () => {
    const { checks, log, pool } = world()
    return Effect.gen(function*() {
      const { chain, state, tasks } = yield* play(steps, { chain: { defaults: { isolation: "chain", base: "main" } } })
      assert.strictEqual(state, "Done")
      const own = tasks.find(({ prompt }) => prompt === "alone")!
      const workspace = `/workspaces/${chain.id}`
      const places = yield* cwds
      assert.lengthOf(places, 6)
      assert.deepStrictEqual(new Set(places.slice(0, 5)), new Set([workspace]))
      assert.strictEqual(places[5], `/workspaces/${own.id}`)
      assert.deepStrictEqual(checks.map(({ command, cwd, env }) => [command, cwd, env["CLAUDE_POOL_PORT_0"]]), [
        ["npm test", workspace, "4000"],
        ["npm run lint", workspace, "4000"]
      ])
      yield* settle
      assert.deepStrictEqual(log.filter((line) => line.startsWith("leave")), [`leave ${own.id}`, `leave ${chain.id}`])
      assert.strictEqual(own.options.base, "main")
    }).pipe(pool)
  })

  it.effect("that does not say so works where everybody works, and so do its commands", () => {
    const { checks, pool } = world()
    return Effect.gen(function*() {
      assert.strictEqual((yield* play([{ name: "a", prompt: "a" }, { name: "b", check: "true" }])).state, "Done")
      assert.deepStrictEqual([yield* cwds, checks.map(({ cwd }) => cwd)], [["/"], ["/"]])
    }).pipe(pool)
  })

  it.effect("is not run by a pool that makes none", () => {
    const none = Effect.provide(testChains({ script: { run: answers({}) }, check: () => exits(0) }))
    const failed = (steps: ChainDefinition["steps"]) =>
      Effect.map(
        play(steps, { chain: { defaults: { isolation: "chain" } } }),
        ({ why }) => (why("a") as { _tag: string })._tag
      )
    return Effect.gen(function*() {
      assert.strictEqual(yield* failed([{ name: "a", prompt: "a" }]), "IsolationImpossible")
      assert.strictEqual(yield* failed([{ name: "a", check: "true" }]), "IsolationImpossible")
    }).pipe(none)
  })

  it.effect("is left also when it is cancelled, and its work is found again in it after a resume", () => {
    const { log, pool } = world({ script: { run: () => Effect.never } })
    return Effect.gen(function*() {
      const chains = yield* Chains
      const definition = { defaults: { isolation: "chain" as const }, steps: [{ name: "a", prompt: "a" }] }
      const { id } = yield* chains.submit({ definition })
      yield* settle
      yield* chains.cancel(id, "enough")
      assert.strictEqual(log.at(-1), `leave ${id}`)
      yield* chains.resume(id)
      yield* settle
      assert.deepStrictEqual(new Set(yield* cwds), new Set([`/workspaces/${id}`]))
      const [first, second] = yield* (yield* Store).chains.tasks(id)
      assert.deepStrictEqual([first?.options.workspaceOf, second?.options.workspaceOf], [id, id])
    }).pipe(pool)
  })

  it.effect("begins at one place, and sessions go on only where they were begun", () => {
    const { pool } = world()
    const refused = (steps: ChainDefinition["steps"], defaults: ChainDefinition["defaults"] = { isolation: "chain" }) =>
      Effect.map(
        Effect.flip(Effect.flatMap(Chains, (chains) => chains.submit({ definition: { defaults, steps } }))),
        issuesOf
      )
    return Effect.gen(function*() {
      const [a, b] = [{ name: "a", prompt: "a" }, { name: "b", prompt: "b", continues: "a" }]
      assert.match((yield* refused([{ ...a, base: "main" }])).join(), /^steps.a.base: /)
      assert.match((yield* refused([a, { ...b, isolation: "task" }])).join(), /^steps.b.continues: /)
      assert.match((yield* refused([a, b], { isolation: "task" })).join(), /^steps.b.continues: /)
      assert.match((yield* refused([{ ...a, base: "main" }], {})).join(), /^steps.a: base: /)
      assert.strictEqual((yield* play([a, b], { chain: { defaults: { isolation: "chain" } } })).state, "Done")
      const alike = yield* play([{ ...a, isolation: "shared" }], {
        chain: { defaults: { isolation: "chain", base: "x" } }
      })
      assert.strictEqual(alike.state, "Done")
    }).pipe(pool)
  })
})

describe("a task", () => {
  const submit = (request: Partial<TaskRequest>) =>
    Effect.flatMap(Tasks, (tasks) => tasks.submit({ prompt: "a", ...request }))
  const refused = (request: Partial<TaskRequest>) => Effect.map(Effect.flip(submit(request)), issuesOf)

  it.effect("says where it begins, and what must hold of it, only where that can be", () => {
    const { pool } = world()
    return Effect.gen(function*() {
      assert.match((yield* refused({ base: "main" })).join(), /^base: /)
      assert.match((yield* refused({ isolation: "task", base: "--upload-pack=x" })).join(), /^base: /)
      assert.match((yield* refused({ expect: { changed: ["src/**"] } })).join(), /^expect.changed: /)
      assert.match((yield* refused({ expect: { changed: ["../x"] }, isolation: "task" })).join(), /^expect/)
      assert.strictEqual(
        (yield* submit({ isolation: "task", base: "main", expect: { changed: ["a"] } })).state._tag,
        "Queued"
      )
    }).pipe(pool)
  })

  it.effect("has commands run for it only where workers may run any", () => {
    const { pool } = world({ maxPermissions: "edit" })
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* refused({ expect: { commands: ["make"] } }), ["PermissionRefused"])
    }).pipe(pool)
  })

  it.effect("is the same one only with the same place and the same expectations", () => {
    const { pool } = world()
    return Effect.gen(function*() {
      const asked = { key: "k", isolation: "task", base: "main", expect: { files: ["a"] } } as const
      const { id, options } = yield* submit(asked)
      assert.strictEqual((yield* submit(asked)).id, id)
      for (const more of [{ base: "dev" }, { isolation: "chain" }, { expect: { files: ["b"] } }] as const) {
        assert.deepStrictEqual(yield* refused({ ...asked, ...more }), ["KeyConflict"])
      }
      assert.deepInclude(askedOptions(options), { isolation: "task", base: "main", expect: { files: ["a"] } })
      const plain = yield* submit({ key: "plain" })
      assert.strictEqual((yield* submit({ key: "plain", isolation: "shared" })).id, plain.id)
    }).pipe(pool)
  })

  it.effect("that is run again is asked for as it was, in a workspace of its own", () => {
    const { pool } = world()
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const first = yield* submit({ isolation: "task", base: "main" })
      yield* tasks.cancel(first.id, "enough")
      const again = yield* (yield* Pool).retry(first.id)
      const { id, options } = "id" in again ? yield* tasks.find(again.id as typeof first.id) : first
      assert.notStrictEqual(id, first.id)
      assert.deepInclude(options, { isolation: "task", base: "main" })
    }).pipe(pool)
  })

  it.effect("does not go on from the session of a workspace that may be gone", () => {
    const { pool } = world()
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const { id } = yield* submit({ isolation: "task" })
      yield* tasks.ended(id)
      assert.match((yield* refused({ continueFrom: id })).join(), /^continueFrom: /)
    }).pipe(pool)
  })
})

describe("a group", () => {
  it.effect("has a workspace for each item, also when it is taken up again", () => {
    const { pool } = world({ script: { run: () => Effect.never } })
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* fanOut.start([{ prompt: "a" }, { prompt: "b", isolation: "shared" }], {
        defaults: { isolation: "task" }
      })
      yield* settle
      yield* fanOut.cancel(id, "enough")
      yield* fanOut.retry(id)
      yield* settle
      const members = yield* (yield* Store).groups.members(id, { from: 0, limit: 10 })
      assert.deepStrictEqual(members.map(({ task }) => task.options.isolation), ["task", "shared"])
      const [own] = members
      assert.deepStrictEqual((yield* cwds).slice(2).toSorted(), ["/", `/workspaces/${own?.task.id}`])
    }).pipe(pool)
  })

  it("reads where its items work, and what must hold of them, from a file", () => {
    const read = readItemValues([
      { prompt: "a", isolation: "task", base: "main", expect: { tool_calls: 2, nothing_outside: true } }
    ])
    assert.deepInclude(read, {
      success: [{
        prompt: "a",
        isolation: "task",
        base: "main",
        expect: { toolCalls: 2, nothingOutside: true }
      }]
    })
    const wrong = readItemValues([{ prompt: "a", isolation: "alone", expect: { toolCalls: 2 } }])
    assert.match(JSON.stringify(wrong), /item 0: isolation: .*item 0: expect.toolCalls: /)
  })
})
