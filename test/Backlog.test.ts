/**
 * The queue's order: oldest first, over all lanes, and past those that are full.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Clock, DateTime, Effect, Schema } from "effect"
import { GroupId } from "../src/domain/GroupId.ts"
import { type Backlog, makeBacklog, type Waiting } from "../src/services/tasks/Backlog.ts"
import { sampleId } from "./support/SampleTask.ts"
import { pass, settle } from "./support/Time.ts"

const groups = ["g_0000000000000000", "g_0000000000000001"].map((id) => GroupId.make(id))

const waiting = (number: number, more: Partial<Waiting> = {}): Waiting => ({
  id: sampleId(number),
  group: null,
  role: null,
  ...more
})

const idsOf = (backlog: Backlog, role: string | null = null) =>
  Array.fromIterable(backlog.ready({ role })).map(({ id }) => id)

const small = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 }))

const Step = Schema.Union([
  Schema.TaggedStruct("Offer", { group: small, role: Schema.Literals(["a", "b", "none"]) }),
  Schema.TaggedStruct("Start", { role: Schema.Literals(["a", "none"]) }),
  Schema.TaggedStruct("Release", {}),
  Schema.TaggedStruct("Remove", { which: small }),
  Schema.TaggedStruct("Limit", { group: small, concurrency: Schema.NullOr(small) })
])

/** The same rules, said in the simplest way: one list, and all of it looked at. */
const makeModel = () => {
  let queue: ReadonlyArray<Waiting> = []
  let running: ReadonlyArray<Waiting> = []
  const limits = new Map<GroupId, number>()
  const isFull = (group: GroupId | null) =>
    group !== null && running.filter((task) => task.group === group).length >= (limits.get(group) ?? Infinity)
  return {
    ready: (role: string | null) =>
      queue.filter((task) => (task.role === null || task.role === role) && !isFull(task.group)),
    all: () => queue,
    running: () => running,
    offer: (task: Waiting) => queue = [...queue, task],
    remove: (task: Waiting) => queue = queue.filter(({ id }) => id !== task.id),
    start: (task: Waiting) => {
      queue = queue.filter(({ id }) => id !== task.id)
      running = [...running, task]
    },
    release: (task: Waiting) => running = running.filter(({ id }) => id !== task.id),
    limit: (group: GroupId, concurrency: number | null) =>
      concurrency === null ? limits.delete(group) : limits.set(group, concurrency)
  }
}

describe("the backlog", () => {
  it.effect.prop(
    "gives each slot the oldest task that it may take, of groups that are not full",
    [Schema.Array(Step).check(Schema.isMinLength(10), Schema.isMaxLength(60))],
    ([steps]) =>
      Effect.gen(function*() {
        const backlog = yield* makeBacklog
        const model = makeModel()
        let number = 0
        for (const step of steps) {
          switch (step._tag) {
            case "Offer": {
              const task = waiting(number++, {
                group: groups[step.group] ?? null,
                role: step.role === "none" ? null : step.role
              })
              model.offer(task)
              yield* backlog.offer(task, null)
              break
            }
            case "Start": {
              const [task] = model.ready(step.role === "none" ? null : step.role)
              if (task === undefined) break
              model.start(task)
              yield* backlog.start(task)
              break
            }
            case "Release": {
              const [task] = model.running()
              if (task === undefined) break
              model.release(task)
              yield* backlog.release(task)
              break
            }
            case "Remove": {
              const task = model.all()[step.which]
              if (task === undefined) break
              model.remove(task)
              yield* backlog.remove(task.id)
              break
            }
            case "Limit": {
              const group = groups[step.group]
              if (group === undefined) break
              model.limit(group, step.concurrency)
              yield* backlog.limit(group, step.concurrency)
            }
          }
          for (const role of [null, "a", "b"]) {
            assert.deepStrictEqual(idsOf(backlog, role), model.ready(role).map(({ id }) => id))
          }
          assert.strictEqual(yield* backlog.size, model.all().length)
        }
      }).pipe(Effect.scoped),
    { arbitrary: { runs: 300, size: 60 } }
  )

  it.effect("passes over a group that is named while it is read", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog
      const [first, second] = groups
      yield* Effect.forEach([1, 2, 3, 4], (number) =>
        backlog.offer(waiting(number, { group: number % 2 === 0 ? first! : second! }), null))
      const except = new Set<GroupId>()
      const seen: Array<string> = []
      for (const { group, id } of backlog.ready({ role: null, except })) {
        seen.push(id)
        if (group === second) {
          except.add(group!)
        }
      }
      assert.deepStrictEqual(seen, [1, 2, 4].map(sampleId))
    }).pipe(Effect.scoped))

  it.effect("keeps a task back until its time, and then puts it at the end", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog
      const inASecond = DateTime.makeUnsafe((yield* Clock.currentTimeMillis) + 1000)
      yield* backlog.offer(waiting(1), inASecond)
      yield* backlog.offer(waiting(2), null)
      assert.deepStrictEqual([idsOf(backlog), backlog.isParked(sampleId(1))], [[sampleId(2)], true])
      yield* pass("1 second")
      assert.deepStrictEqual(idsOf(backlog), [sampleId(2), sampleId(1)])
    }).pipe(Effect.scoped))

  it.effect("wakes everybody who watches it, also for what came before they waited", () =>
    Effect.gen(function*() {
      const backlog = yield* makeBacklog
      const watches = yield* Effect.all([backlog.watch, backlog.watch])
      yield* backlog.offer(waiting(1), null)
      yield* Effect.all(watches)
      const woken: Array<number> = []
      yield* Effect.forEach(watches, (watch, n) =>
        Effect.forkChild(Effect.andThen(watch, Effect.sync(() => woken.push(n)))))
      yield* settle
      assert.deepStrictEqual(woken, [])
      yield* backlog.poke
      yield* settle
      assert.deepStrictEqual(woken, [0, 1])
    }).pipe(Effect.scoped))
})
