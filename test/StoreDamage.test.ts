/**
 * A small real store with bytes flipped, cut off, or exchanged for older ones: what is told of it is right, or it is a
 * failure that says so, or the check on demand finds it. No value is ever told that was not written.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Array, Cause, Console, DateTime, Effect, Exit, FileSystem, Layer, Path } from "effect"
import { SqlClient } from "effect/sql"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import * as NodeSqlite from "../src/layers/NodeSqlite.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { sampleChain, sampleChainId, sampleGroup, sampleGroupId, sampleMembers } from "./support/SampleGroup.ts"
import { at, completed, cost, sampleId, sampleTask, started } from "./support/SampleTask.ts"

const tries = 500

/** So many take their time: on a busy machine more than a test usually has. */
const longest = 300_000

/** Numbers from 0 to below 1, the same for the same seed. */
const numbers = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const fill = Effect.gen(function*() {
  const store = yield* Store
  for (let number = 1; number <= 12; number++) {
    const task = sampleTask(number, {
      key: `key ${number}`,
      prompt: `prompt ${number} `.repeat(20),
      options: { tags: ["t"] }
    })
    const start = started(yield* store.accept(task))
    yield* store.commit(start)
    const output = `answer ${number} `.repeat(number * 60)
    yield* store.commit(completed(start.task, { output, spend: cost(number * 1000), session: `s${number}` }))
  }
  yield* store.accept(sampleTask(13))
  const chain = yield* store.chains.accept(sampleChain(1))
  const group = sampleGroup(1, 3, { within: chain.id })
  yield* store.groups.accept(group, sampleMembers(group, 20))
  const record = {
    key: "one",
    step: "one",
    hash: "h",
    outcome: { _tag: "Skipped", why: "so" },
    task: null,
    group: group.id,
    rounds: 1,
    recovered: false,
    startedAt: at(1),
    finishedAt: at(2)
  } as const
  yield* store.chains.record(chain.id, record, PoolEvent.cases.StepStarted.make({ id: chain.id, step: "one" }))
  yield* store.context.set({ scope: "pool", key: "k", value: "value ".repeat(100), setAt: at(1) })
  const letter = { from: { _tag: "Coordinator" }, to: { _tag: "Coordinator" }, text: "hello", sentAt: at(1) } as const
  yield* store.messages.send([{ ...letter, expiresAt: DateTime.makeUnsafe(1e12) }])
})

/** Every question, by its name. Those that are about one value of its own are `values`. */
const questions = (store: Store["Service"]) => {
  const ids = Array.range(1, 13)
  const values = {
    ...Object.fromEntries(ids.flatMap((number) => {
      const id = sampleId(number)
      return [
        [`find ${number}`, store.find(id)],
        [`attempts ${number}`, store.attempts(id)],
        [`output ${number}`, store.output(id, { offset: 0, limit: 100_000 })]
      ]
    })),
    "group": store.groups.find(sampleGroupId(1)),
    "chain": store.chains.find(sampleChainId(1)),
    "journal": store.chains.journal(sampleChainId(1)),
    "context": store.context.list("pool"),
    "messages": store.messages.list({ since: 0, limit: 10 })
  }
  const lists = {
    "spent": store.spent,
    "counts": store.counts,
    "list": store.list({ limit: 100, tag: "t" }),
    "queued": store.queued,
    "members": store.groups.members(sampleGroupId(1), { from: 0, limit: 10 }),
    "events": store.events(0, 1000)
  }
  return { values, lists }
}

const told = (all: Readonly<Record<string, Effect.Effect<unknown, unknown>>>) =>
  Effect.forEach(Object.entries(all), ([name, question]) =>
    Effect.map(Effect.exit(question), (exit) => {
      if (Exit.isSuccess(exit)) return [name, JSON.stringify(exit.value)] as const
      assert.include(Cause.pretty(exit.cause), "cannot be used", name)
      return [name, null] as const
    }))

const answers = Effect.gen(function*() {
  const { lists, values } = questions(yield* Store)
  return { values: yield* told(values), lists: yield* told(lists) }
})

const isEmpty = (text: string) => text === "[]" || text.includes(`"None"`)

const place = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = path.join(yield* fs.makeTempDirectoryScoped(), "store")
  const owner = StoreDirectory.layer({ directory, owner: "test" })
  return { directory, file: path.join(directory, "store.db"), owner, fs }
})

layer(NodeServices.layer, { excludeTestServices: true })("a damaged store", (it) => {
  it.effect("is right, or says so, or is found damaged, whichever byte it is", () =>
    Effect.gen(function*() {
      const { directory, file, fs, owner } = yield* place
      yield* Effect.provide(fill, owner)
      const whole = yield* fs.readFile(file)
      const reader = StoreDirectory.layerReader({ directory })
      const right = yield* Effect.provide(answers, Layer.fresh(reader))
      const random = numbers(7)
      const counts = { refused: 0, told: 0, harmless: 0, checked: 0 }

      for (let round = 0; round < tries; round++) {
        const bytes = Uint8Array.from(whole)
        const place = Math.floor(random() * bytes.length)
        const cut = random() < 0.02
        const flips = cut ? 0 : 1 + Math.floor(random() * 3)
        for (let flip = 0; flip < flips; flip++) {
          const where = (place + flip * Math.floor(random() * 64)) % bytes.length
          bytes[where] = (bytes[where] ?? 0) ^ (1 + Math.floor(random() * 255))
        }
        yield* fs.writeFile(file, cut ? bytes.slice(0, place) : bytes)
        const exit = yield* Effect.exit(Effect.provide(answers, Layer.fresh(reader)))
        if (Exit.isFailure(exit)) {
          assert.include(Cause.pretty(exit.cause), "cannot be used", `round ${round}`)
          counts.refused++
          continue
        }
        let differs = false
        let failed = false
        const all = [...exit.value.values, ...exit.value.lists]
        const expected = [...right.values, ...right.lists]
        all.forEach(([name, text], index) => {
          if (text === null) failed = true
          else if (text !== expected[index]?.[1]) {
            differs = true
            // A value may not be found any more; another one is never told in its place.
            if (index < right.values.length) assert.isTrue(isEmpty(text), `round ${round}, ${name}: ${text}`)
          }
        })
        if (differs) {
          const check = yield* Effect.exit(StoreDirectory.inspect(directory, { check: true }))
          assert.isTrue(Exit.isFailure(check), `round ${round}, at ${place}: wrong, and not found`)
          counts.checked++
        } else if (failed) counts.told++
        else counts.harmless++
      }
      assert.isAbove(counts.told + counts.refused, tries / 20)
      yield* Console.log(`${tries} damages:`, counts)
    }), longest)

  it.effect("with its journal or its index gone, or an older file in its place, is never half of each", () =>
    Effect.gen(function*() {
      const { directory, file, fs, owner } = yield* place
      yield* Effect.provide(fill, owner)
      const old = yield* fs.readFile(file)
      const snapshots = yield* Effect.provide(
        Effect.gen(function*() {
          const store = yield* Store
          yield* Effect.forEach(Array.range(100, 140), (number) => store.accept(sampleTask(number)))
          return { file: yield* fs.readFile(file), journal: yield* fs.readFile(`${file}-wal`) }
        }),
        Layer.fresh(owner)
      )
      const cases = {
        "killed": [snapshots.file, snapshots.journal],
        "no journal": [snapshots.file, null],
        "half a journal": [snapshots.file, snapshots.journal.slice(0, snapshots.journal.length / 2)],
        "a journal with a flipped byte": [
          snapshots.file,
          snapshots.journal.map((byte, index) => index === 30_000 ? byte ^ 1 : byte)
        ],
        "an older file": [old, snapshots.journal]
      } as const
      for (const [name, [database, journal]] of Object.entries(cases)) {
        yield* fs.remove(`${file}-shm`, { force: true })
        yield* fs.remove(`${file}-wal`, { force: true })
        yield* fs.writeFile(file, database)
        if (journal !== null) yield* fs.writeFile(`${file}-wal`, journal)
        yield* fs.writeFileString(`${directory}/owner.json`, "")
        const exit = yield* Effect.exit(Effect.provide(
          Effect.gen(function*() {
            const store = yield* Store
            const found = yield* Effect.forEach(Array.range(100, 140), (number) => store.find(sampleId(number)))
            const { Queued } = yield* store.counts
            return { kept: found.map(({ _tag }) => _tag === "Some"), Queued, listed: (yield* store.queued).length }
          }),
          Layer.fresh(owner)
        ))
        if (Exit.isFailure(exit)) {
          assert.include(Cause.pretty(exit.cause), "cannot be used", name)
          assert.notStrictEqual(name, "killed", Cause.pretty(exit.cause))
          continue
        }
        const { kept, listed, Queued } = exit.value
        // Those that are there are the oldest of them, and everything agrees on how many they are.
        assert.deepStrictEqual(kept, kept.toSorted((a, b) => Number(b) - Number(a)), name)
        assert.strictEqual(Queued, kept.filter(Boolean).length + 4, name)
        assert.strictEqual(listed, Queued, name)
        if (name === "killed") assert.isTrue(kept.every(Boolean))
        yield* StoreDirectory.inspect(directory, { check: true })
      }
    }))

  it.effect("that is large is used at once after a kill, and every call fails from when the damage is found", () =>
    Effect.gen(function*() {
      const { directory, file, fs, owner } = yield* place
      yield* Effect.provide(fill, owner)
      const count = (tasks: string) =>
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`UPDATE tally SET tasks = ${tasks}`).unprepared).pipe(
          Effect.provide(Layer.fresh(NodeSqlite.layer({ file, pragmas: [] })))
        )
      yield* count("tasks + 1")
      yield* fs.writeFileString(`${directory}/owner.json`, "")
      const large = StoreDirectory.layer({ directory, owner: "test", checkFirst: 0 })
      yield* Effect.provide(
        Effect.gen(function*() {
          const store = yield* Store
          const failure = yield* Effect.flip(Effect.forever(Effect.andThen(store.counts, Effect.sleep("5 millis"))))
          assert.deepInclude(failure.reason, { _tag: "StoreUnusable", problem: "corrupt" })
          assert.include(failure.message, "is damaged")
          assert.include(failure.hint, "move it away")
        }),
        large
      )
      yield* count("tasks - 1")
      yield* fs.writeFileString(`${directory}/owner.json`, "")
      const sound = Effect.flatMap(Store, (store) => store.accept(sampleTask(50)))
      yield* Effect.provide(sound, Layer.fresh(large))
    }))
})
