/**
 * What a new owner of the store makes of the tasks that a killed pool was running: by what their transcripts hold, and by
 * their policy; killed at each of its writes, nothing that was answered is asked again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Deferred, Effect, Fiber, Layer, Ref, Scope } from "effect"
import { Failure } from "../src/domain/Failure.ts"
import { SessionId } from "../src/domain/SessionId.ts"
import type { OnCrash, TaskRequest } from "../src/domain/TaskRequest.ts"
import type { Transcript } from "../src/domain/Transcript.ts"
import { GitFailed } from "../src/domain/WorkspaceFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import type { Turn } from "../src/services/ClaudeCli.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { killablePools } from "./support/KillablePools.ts"
import { makeLife, mortalStore } from "./support/MortalStore.ts"
import { answer, type Script, type Started } from "./support/ScriptedClaude.ts"
import { scriptedWorkspaces, type WorkspaceScript } from "./support/ScriptedWorkspaces.ts"
import { testPool } from "./support/TestPool.ts"
import { pass } from "./support/Time.ts"

const policies: ReadonlyArray<OnCrash> = ["resume", "retry", "fail"]

/** What a worker was asked, and the session that it went on from. */
interface Asked {
  readonly prompt: string
  readonly resumed: string | undefined
}

/** The files that workers leave, whoever their pool was. */
const makeWorld = () => {
  const transcripts = new Map<string, Transcript>()
  const asked: Array<Asked> = []
  const write = (session: SessionId, output: string | null, more: Partial<Transcript> = {}) => {
    transcripts.set(session, {
      session,
      bytes: 1,
      modifiedAt: DateTime.makeUnsafe(0),
      isIntact: true,
      isWhole: true,
      answer: output === null ? null : { output, model: "scripted" },
      usage: [],
      toolCalls: 0,
      turns: 1,
      ...more
    })
  }
  const script = (sessions: string, run: (turn: Turn, worker: Started) => Effect.Effect<void>): Script => ({
    sessions,
    transcript: (session) => Effect.sync(() => transcripts.get(session) ?? null),
    run: (turn, worker) =>
      Effect.gen(function*() {
        asked.push({ prompt: turn.prompt, resumed: worker.launch.resume })
        write(worker.session, null)
        yield* run(turn, worker)
        write(worker.session, `answer of ${sessions}`)
        return answer(`answer of ${sessions}`)
      })
  })
  return { asked, script, transcripts, write }
}

const submitted = (request: TaskRequest) => Effect.flatMap(Tasks, (tasks) => tasks.submit(request))

/** Kills the pool in the middle of its first task, and answers with what the next one makes of it. */
const killed = Effect.fnUntraced(function*(
  request: Partial<TaskRequest>,
  left: (world: ReturnType<typeof makeWorld>, session: SessionId) => void,
  workspaces: WorkspaceScript = {}
) {
  const world = makeWorld()
  const begun = yield* Deferred.make<SessionId>()
  const first = world.script(
    "first",
    (_, { session }) => Effect.andThen(Deferred.succeed(begun, session), Effect.never)
  )
  const pools = yield* killablePools({ script: first, slots: 1, workspaces: scriptedWorkspaces(workspaces).layer })
  const { id } = yield* pools.use(submitted({ prompt: "work", ...request }))
  left(world, yield* Deferred.await(begun))
  const next = yield* Effect.forkChild(pools.kill({ script: world.script("second", () => Effect.void) }))
  yield* pass("1 minute")
  yield* Fiber.join(next)
  const task = yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.settled(id)))
  const attempts = yield* pools.use(Effect.flatMap(Store, (store) => store.attempts(id)))
  const output = yield* pools.use(Effect.flatMap(Store, (store) => store.output(id, { offset: 0, limit: 100 })))
  return { ...world, task, attempts, text: output._tag === "Some" ? output.value.text : null }
}, Effect.scoped)

describe("a task whose pool was killed", () => {
  for (const onCrash of policies) {
    it.effect(`(${onCrash}) has the answer that is in its transcript`, () =>
      Effect.gen(function*() {
        const { asked, attempts, task, text } = yield* killed({ onCrash }, ({ write }, session) =>
          write(session, "whole"))
        assert.deepStrictEqual([task.state._tag, task.attempts, task.crashes, text], ["Done", 1, 0, "whole"])
        assert.deepInclude(attempts[0], { session: SessionId.make("first-1"), recovered: true })
        assert.lengthOf(asked, 1)
      }))
  }

  it.effect("is presented with it, where it has a gate", () =>
    Effect.gen(function*() {
      const { asked, task } = yield* killed({ review: { maxRejections: 1 } }, ({ write }, session) =>
        write(session, "whole"))
      assert.deepStrictEqual([task.state._tag, asked.length], ["InReview", 1])
    }))

  it.effect("goes on in its session, if nothing else is said", () =>
    Effect.gen(function*() {
      const { asked, attempts, task } = yield* killed({}, () => undefined)
      assert.deepStrictEqual([task.state._tag, task.attempts, task.tries, task.crashes], ["Done", 2, 0, 1])
      assert.deepStrictEqual(asked.map(({ resumed }) => resumed), [undefined, "first-1"])
      assert.match(asked[1]!.prompt, /^Your work on the task in this conversation was cut off/)
      assert.deepStrictEqual(
        attempts.map(({ outcome, resumes, session }) => [outcome._tag, session, resumes].map(String)),
        [
          ["Interrupted", "first-1", "undefined"],
          ["Completed", "second-1", "first-1"]
        ]
      )
      assert.isFalse(task.spend.exact)
    }))

  it.effect("begins anew where that was asked for, or where there is nothing to go on with", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<Parameters<typeof killed>> = [
        [{ onCrash: "retry" }, () => undefined],
        [{}, ({ transcripts }) => transcripts.clear()],
        [{}, ({ write }, session) => write(session, null, { isIntact: false })]
      ]
      for (const given of cases) {
        const { asked, task } = yield* killed(...given)
        assert.strictEqual(task.state._tag, "Done")
        assert.deepStrictEqual(asked[1], { prompt: "work", resumed: undefined })
      }
    }))

  it.effect("fails where that was asked for", () =>
    Effect.gen(function*() {
      const { asked, task } = yield* killed({ onCrash: "fail" }, () => undefined)
      assert.deepInclude(task.state, { _tag: "Failed" })
      assert.strictEqual(task.state._tag === "Failed" ? task.state.reason._tag : "", "Interrupted")
      assert.lengthOf(asked, 1)
    }))

  it.effect("is not done with words where a value was asked for", () =>
    Effect.gen(function*() {
      const { asked } = yield* killed({ schema: { type: "object" } }, ({ write }, session) => write(session, "words"))
      assert.lengthOf(asked, 2)
    }))
})

describe("a task whose pool was killed, in a workspace", () => {
  /** What nobody knows is not taken for well: how it was outside before the attempt, of each that was begun. */
  const isolated = (left: Parameters<typeof killed>[1], end?: WorkspaceScript["end"]) => {
    const unknown: Array<unknown> = []
    const script: WorkspaceScript = {
      begin: (_, options) => Effect.sync(() => unknown.push(options?.unknownBefore)),
      ...(end === undefined ? {} : { end })
    }
    return Effect.map(killed({ isolation: "task" }, left, script), (found) => ({ ...found, unknown }))
  }

  it.effect("is looked at as one of which the beginning is not known, whoever ends it", () =>
    Effect.gen(function*() {
      const answered = yield* isolated(({ write }, session) => write(session, "whole"))
      assert.deepStrictEqual([answered.task.state._tag, answered.unknown], ["Done", [false, true]])
      const cut = yield* isolated(() => undefined)
      assert.deepStrictEqual([cut.task.state._tag, cut.task.attempts, cut.unknown], ["Done", 2, [false, true]])
    }))

  it.effect("fails with its answer where it cannot be looked at, and asks nobody again", () =>
    Effect.gen(function*() {
      const detail = "no"
      const broken = new Failure({ reason: new GitFailed({ repository: "/r", verb: "commit", code: 1, detail }) })
      const { asked, task, text } = yield* isolated(
        ({ write }, session) => write(session, "whole"),
        () => Effect.fail(broken)
      )
      assert.strictEqual(task.state._tag === "Failed" ? task.state.reason._tag : task.state._tag, "GitFailed")
      assert.deepStrictEqual([text, asked.length], ["whole", 1])
    }))
})

describe("a pool that is killed at one of its writes", () => {
  for (const onCrash of policies) {
    for (const lastIsDone of [false, true]) {
      for (const writes of [1, 2, 3, 4]) {
        const moment = `${lastIsDone ? "after" : "before"} write ${writes}`
        it.effect(`(${onCrash}) asks for no answer twice: ${moment}`, () =>
          Effect.gen(function*() {
            const world = makeWorld()
            const scope = yield* Effect.scope
            const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, scope), Store)
            const life = makeLife(writes, lastIsDone)
            const open = (name: string, of: Store["Service"]) =>
              Effect.flatMap(Scope.make(), (own) =>
                Layer.buildWithScope(
                  testPool({
                    script: world.script(name, () => Effect.void),
                    store: Layer.succeed(Store, of),
                    slots: 1
                  }),
                  own
                ))
            const request: TaskRequest = { prompt: "work", key: "once", onCrash }
            const first = yield* open("first", mortalStore(store, life))
            // In no scope that is ever closed: what the life has left cannot be interrupted.
            yield* Effect.forkIn(Effect.provideContext(submitted(request), first), yield* Scope.make())
            yield* life.ended

            const second = yield* open("second", store)
            const done = yield* submitted(request).pipe(
              Effect.flatMap(({ id }) => Effect.flatMap(Tasks, (tasks) => tasks.ended(id))),
              Effect.provideContext(second)
            )
            // Its record is the second write; the answer is there at the fourth.
            const wasRunning = writes > 2 || (writes === 2 && lastIsDone)
            const isCut = wasRunning && writes < 4
            assert.strictEqual(done.state._tag, isCut && onCrash === "fail" ? "Failed" : "Done")
            assert.lengthOf(world.asked, done.state._tag === "Failed" ? 0 : 1)
            assert.strictEqual(done.attempts, isCut && done.state._tag === "Done" ? 2 : 1)
            assert.strictEqual((yield* store.spent).cost, done.spend.cost)
          }))
      }
    }
  }
})

describe("a note of a running attempt", () => {
  it.effect("is on record beside the task's version, and says nothing of one that has ended", () =>
    Effect.gen(function*() {
      const release = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      const seen = yield* Ref.make(0)
      const pool = testPool({
        script: {
          run: () =>
            Effect.as(
              Effect.andThen(
                Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(release)),
                Ref.set(seen, 1)
              ),
              answer("done")
            )
        }
      })
      yield* Effect.gen(function*() {
        const store = yield* Store
        const tasks = yield* Tasks
        const { id } = yield* tasks.submit({ prompt: "work" })
        yield* Deferred.await(begun)
        const [[task, attempt] = []] = yield* store.running
        assert.deepStrictEqual([task?.version, attempt?.session], [2, "session-1"])
        const note = { task: id, attempt: 1, session: SessionId.make("late"), resumes: SessionId.make("other") }
        yield* store.note(note)
        assert.deepInclude((yield* store.attempts(id))[0], { session: note.session, resumes: note.resumes })
        yield* store.note({ ...note, resumes: null })
        assert.notProperty((yield* store.attempts(id))[0], "resumes")
        yield* Deferred.succeed(release, undefined)
        yield* tasks.ended(id)
        yield* store.note(note)
        assert.deepInclude((yield* store.attempts(id))[0], { session: SessionId.make("session-1") })
      }).pipe(Effect.provide(pool))
    }))
})
