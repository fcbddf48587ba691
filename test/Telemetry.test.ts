/**
 * What a pool traces: each task, attempt, step, group and chain once, whatever happens to it, to the pool or to the
 * collector.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Failure } from "../src/domain/Failure.ts"
import { placeOfAttempt, placeOfTask, traceparentOf } from "../src/domain/Trace.ts"
import { WorkerLost } from "../src/domain/WorkerFailure.ts"
import { Chains } from "../src/services/Chains.ts"
import { FanOut } from "../src/services/FanOut.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { killablePools } from "./support/KillablePools.ts"
import { answer, StartedWorkers } from "./support/ScriptedClaude.ts"
import { exits, testChains } from "./support/TestChains.ts"
import { pass, settle } from "./support/Time.ts"
import { assertJoined, assertTraced, keptTraces } from "./support/Traces.ts"

const secret = "the launch code is 0000"

const lost = new Failure({ reason: new WorkerLost({ detail: secret }) })

describe("telemetry", () => {
  it.effect("traces a task that is tried again, and its workers know whose part they are", () =>
    Effect.gen(function*() {
      const traces = keptTraces()
      let runs = 0
      const run = () => Effect.suspend(() => ++runs === 1 ? lost : Effect.succeed(answer(secret)))
      yield* Effect.gen(function*() {
        const tasks = yield* Tasks
        const { id } = yield* tasks.submit({ prompt: secret, name: secret })
        yield* pass("10 minutes")
        const task = yield* tasks.ended(id)
        const { nameOf, parentOf } = yield* assertTraced(traces.spans)
        assert.deepStrictEqual(
          traces.spans.map((span) => [nameOf(span), parentOf(span), span.error]),
          [
            [`${id}/1`, id, "WorkerLost"],
            [`${id}/2`, id, null],
            [id, null, null]
          ]
        )
        assert.notInclude(JSON.stringify(traces.spans), secret)
        const started = yield* (yield* StartedWorkers).started
        assert.deepStrictEqual(
          started.map(({ launch }) => launch.env),
          [1, 2].map((number) => ({ TRACEPARENT: traceparentOf(placeOfAttempt(placeOfTask(task, null), id, number)) }))
        )
        assert.deepStrictEqual(traces.counted, traces.spans)
      }).pipe(Effect.provide(testChains({ script: { run }, telemetry: traces.layer })))
    }))

  it.effect("traces the items of a group, and the steps of a chain, with the rounds and the items in them", () =>
    Effect.gen(function*() {
      const traces = keptTraces()
      let checks = 0
      const check = () => Effect.suspend(() => exits(++checks === 1 ? 1 : 0))
      yield* Effect.gen(function*() {
        const chains = yield* Chains
        const fanOut = yield* FanOut
        const { id } = yield* chains.submit({
          definition: {
            variables: { words: { type: "list", default: ["a", "b"] } },
            steps: [
              { name: "each", prompt: "{item}", forEach: "{vars.words}" },
              { name: "fix", prompt: "fix", loop: { max: 3, check: "npm test" } },
              { name: "never", prompt: "never", when: { value: "{steps.fix.output}", exists: false } }
            ]
          }
        })
        const { id: group } = yield* fanOut.start([{ prompt: "one" }, { prompt: "two" }])
        yield* pass("1 hour")
        assert.strictEqual((yield* chains.ended(id)).state._tag, "Done")
        const store = yield* Store
        const [within] = yield* store.groups.within(id)
        const { nameOf, parentOf } = yield* assertTraced(traces.spans, { chains: [id], groups: [within!.id, group] })
        const parents = new Map(traces.spans.map((span) => [nameOf(span), parentOf(span)]))
        assert.strictEqual(parents.get(within!.id), `${id} each`)
        assert.strictEqual(parents.get(`${id} fix/2`), `${id} fix`)
        assert.strictEqual(parents.get(`${id} never`), id)
        assert.lengthOf([...parents].filter(([name, parent]) => name.startsWith("t_") && parent === `${id} fix`), 2)
        assert.strictEqual(new Set(traces.spans.map(({ traceId }) => traceId)).size, 2)
      }).pipe(Effect.provide(testChains({ check, telemetry: traces.layer })))
    }))

  it.effect("traces what a chain does after it was taken up again, beside what it did before", () =>
    Effect.gen(function*() {
      const traces = keptTraces()
      let isBroken = true
      const run = ({ prompt }: { readonly prompt: string }) =>
        Effect.suspend(() => prompt === "b" && isBroken ? lost : Effect.succeed(answer(prompt)))
      yield* Effect.gen(function*() {
        const chains = yield* Chains
        const steps = ["a", "b"].map((name) => ({ name, prompt: name }))
        const { id } = yield* chains.submit({ definition: { steps } })
        yield* pass("1 hour")
        assert.strictEqual((yield* chains.ended(id)).state._tag, "Failed")
        const before = traces.spans.length
        assertJoined(traces.spans)
        isBroken = false
        yield* chains.resume(id)
        yield* pass("1 hour")
        assert.strictEqual((yield* chains.ended(id)).state._tag, "Done")
        const { nameOf, parentOf } = assertJoined(traces.spans)
        const after = traces.spans.slice(before)
        assert.deepStrictEqual(after.map(({ name }) => name).toSorted(), [
          "chain",
          "invoke_agent claude",
          "step",
          "task"
        ])
        assert.deepStrictEqual(
          after.filter(({ name }) => name !== "invoke_agent claude").map((span) => [span.name, parentOf(span)])
            .toSorted(),
          [["chain", id], ["step", id], ["task", `${id} b`]]
        )
        const chain = after.find(({ name }) => name === "chain")
        assert.isTrue(chain!.startedAt > traces.spans[before - 1]!.endedAt, nameOf(chain!))
      }).pipe(Effect.provide(testChains({ script: { run }, maxAttempts: 1, telemetry: traces.layer })))
    }))

  it.effect("traces each run of a chain and of a group once, also where they are read after the next one", () =>
    Effect.gen(function*() {
      const traces = keptTraces()
      let broken = 2
      const run = ({ prompt }: { readonly prompt: string }) =>
        Effect.suspend(() => prompt.startsWith("b") && broken > 0 ? lost : Effect.succeed(answer(prompt)))
      yield* Effect.gen(function*() {
        const chains = yield* Chains
        const fanOut = yield* FanOut
        // Nothing arrives until all of it has happened.
        traces.refuse(...Array.from({ length: 200 }, () => true))
        yield* (yield* Tasks).submit({ prompt: "first" })
        yield* pass("1 minute")
        const { id } = yield* chains.submit({
          definition: { steps: [{ name: "a", prompt: "a" }, { name: "b", prompt: "b" }] }
        })
        const { id: group } = yield* fanOut.start([{ prompt: "a 1" }, { prompt: "b 2" }])
        for (const left of [1, 0]) {
          yield* pass("1 minute")
          broken = left
          yield* chains.resume(id)
          yield* fanOut.retry(group)
        }
        yield* pass("1 minute")
        assert.deepStrictEqual([(yield* chains.ended(id)).state._tag, (yield* fanOut.ended(group)).state._tag], [
          "Done",
          "Done"
        ])
        assert.lengthOf(traces.spans, 0)
        traces.refuse()
        yield* pass("5 minutes")
        const { parentOf } = assertJoined(traces.spans)
        const ends = (name: string) =>
          traces.spans.filter((span) => span.name === name).map((span) => [
            span.attributes["claude_pool.state"],
            span.error,
            "claude_pool.cost_usd" in span.attributes,
            span.attributes[`claude_pool.${name}.${name === "chain" ? "resumes" : "retries"}`]
          ])
        const runs = [["failed", "Failed", false, 0], ["failed", "Failed", false, 1], ["done", null, true, 2]]
        assert.deepStrictEqual(ends("chain"), runs)
        assert.deepStrictEqual(ends("group").map(([, , , run]) => run), [0, 1, 2])
        assert.deepStrictEqual(
          traces.spans.filter(({ name }) => name === "step").map(({ attributes, error }) => [
            attributes["claude_pool.step"],
            error
          ]),
          [["a", null], ["b", "Failed"], ["b", "Failed"], ["b", null]]
        )
        const calls = traces.spans.filter(({ isCall }) => isCall).map(({ spanId }) => spanId)
        const store = yield* Store
        const { tasks } = yield* store.list({ limit: 100 })
        const attempts = (yield* Effect.forEach(tasks, (task) => store.attempts(task.id))).flat()
        assert.strictEqual(calls.length, attempts.length)
        assert.isTrue(traces.spans.every((span) => span.endedAt >= span.startedAt))
        assert.isTrue(traces.spans.filter(({ isCall }) => isCall).every((span) => parentOf(span)?.startsWith("t_")))
      }).pipe(Effect.provide(testChains({ script: { run }, maxAttempts: 1, telemetry: traces.layer })))
    }))

  it.effect("traces what a killed pool was running once, and what it had not sent", () =>
    Effect.gen(function*() {
      const traces = keptTraces()
      const begun = yield* Deferred.make<void>()
      const run = ({ prompt }: { readonly prompt: string }) =>
        prompt === "quick"
          ? Effect.succeed(answer("x"))
          : Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
      const pools = yield* killablePools({ script: { run }, slots: 2, telemetry: traces.layer })
      const { id } = yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.submit({ prompt: "slow" })))
      const quick = yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.submit({ prompt: "quick" })))
      yield* Deferred.await(begun)
      yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.ended(quick.id)))
      assert.deepStrictEqual(traces.spans, [])
      const next = yield* Effect.forkChild(pools.kill({ script: { sessions: "second" } }))
      yield* pass("1 minute")
      yield* Fiber.join(next)
      yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.ended(id)))
      yield* pass("1 minute")
      yield* pools.use(assertTraced(traces.spans))
      assert.deepStrictEqual(
        traces.spans.filter(({ isCall }) => isCall).map(({ attributes }) => attributes["claude_pool.outcome"]),
        ["completed", "interrupted by crash", "completed"]
      )
      // What was sent already is not sent by the next one.
      yield* pools.restart
      yield* pass("1 minute")
      yield* pools.use(assertTraced(traces.spans))
    }).pipe(Effect.scoped))

  it.effect("sends what did not arrive again, passes over what is refused, and nobody waits for it", () =>
    Effect.gen(function*() {
      const traces = keptTraces()
      traces.refuse(true, true)
      yield* Effect.gen(function*() {
        const tasks = yield* Tasks
        const submit = (prompt: string) => Effect.flatMap(tasks.submit({ prompt }), ({ id }) => tasks.ended(id))
        yield* submit("one")
        yield* TestClock.adjust("2 seconds")
        yield* settle
        assert.deepStrictEqual([traces.tries(), traces.spans.length], [1, 0])
        yield* submit("two")
        yield* pass("2 minutes")
        yield* assertTraced(traces.spans)
        assert.deepStrictEqual(traces.counted, traces.spans)
        traces.refuse(false)
        const { id } = yield* submit("three")
        yield* pass("2 minutes")
        yield* submit("four")
        yield* pass("2 minutes")
        assert.lengthOf(traces.spans, 6)
        assert.isFalse(traces.spans.some(({ attributes }) => attributes["claude_pool.task.id"] === id))
      }).pipe(Effect.provide(testChains({ telemetry: traces.layer })))
    }))
})
