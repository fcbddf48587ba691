/**
 * Holds: who is let through, and when; and that nobody who waits is forgotten, whatever happens in whatever order.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Exit, Fiber, Layer, Ref, Schema, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { NotLoggedIn } from "../src/domain/EnvironmentFailure.ts"
import { type HoldCause, viewHold } from "../src/domain/Hold.ts"
import { pauseOf, probedCauses } from "../src/domain/HoldRules.ts"
import { Events } from "../src/services/Events.ts"
import { Holds, type Pass } from "../src/services/Holds.ts"
import { settle } from "./support/Time.ts"

const layer = Holds.layer.pipe(Layer.provideMerge(Events.layer))

const request = (cause: HoldCause, seconds: number | null) => ({
  cause,
  detail: `${cause} is not there`,
  hint: "do something",
  probeAfter: seconds === null ? null : Duration.seconds(seconds)
})

const causes = Effect.map(
  Effect.flatMap(Holds, ({ current }) => current),
  (all) => all.map(({ cause }) => cause)
)

describe("a hold", () => {
  it.effect("lets nobody through before its time, and then one, until that one has found out", () =>
    Effect.gen(function*() {
      const holds = yield* Holds
      assert.deepStrictEqual(yield* holds.admit, { probes: [] })
      yield* holds.place(request("login", 15))
      assert.isNull(yield* holds.admit)
      yield* TestClock.adjust("14 seconds")
      assert.isNull(yield* holds.admit)
      yield* TestClock.adjust("1 second")
      const pass = yield* holds.admit
      assert.deepStrictEqual(pass?.probes, ["login"])
      assert.isNull(yield* holds.admit)
      assert.isTrue((yield* holds.current)[0]?.probing)
      yield* holds.giveBack(pass!)
      yield* holds.giveBack(pass!)
      const other = yield* holds.admit
      assert.deepStrictEqual(other?.probes, ["login"])
      // It is nobody's any more: who had it before does not free it.
      yield* holds.giveBack(pass!)
      assert.isNull(yield* holds.admit)
      yield* holds.lift("login")
      assert.deepStrictEqual(yield* holds.admit, { probes: [] })
      yield* holds.giveBack(other!)
      assert.deepStrictEqual(yield* causes, [])
    }).pipe(Effect.provide(layer)))

  it.effect("without a time is over when it is lifted, and nobody is sent to find out", () =>
    Effect.gen(function*() {
      const holds = yield* Holds
      yield* holds.place(request("drain", null))
      yield* holds.place(request("provider", 5))
      yield* TestClock.adjust("1 day")
      assert.isNull(yield* holds.admit)
      assert.strictEqual(holds.heldBy(), "drain")
      yield* holds.lift("drain")
      assert.deepStrictEqual((yield* holds.admit)?.probes, ["provider"])
    }).pipe(Effect.provide(layer)))

  it.effect("is found out together with the others that have come to their time", () =>
    Effect.gen(function*() {
      const holds = yield* Holds
      yield* holds.place(request("login", 5))
      yield* holds.place(request("limit", 60))
      const waiting = yield* Effect.forkChild(holds.opened)
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.isNull(yield* Fiber.join(waiting))
      assert.deepStrictEqual((yield* holds.admit)?.probes, ["login", "limit"])
    }).pipe(Effect.provide(layer)))

  it.effect("that is placed again begins anew, and is shown as it is", () =>
    Effect.gen(function*() {
      const holds = yield* Holds
      yield* holds.place(request("provider", 5))
      yield* TestClock.adjust("5 seconds")
      const pass = yield* holds.admit
      yield* holds.place({ ...request("provider", 10), detail: "still not" })
      yield* holds.giveBack(pass!)
      assert.isNull(yield* holds.admit)
      assert.deepStrictEqual((yield* holds.current).map(viewHold), [{
        cause: "provider",
        detail: "still not",
        hint: "do something",
        since: "1970-01-01T00:00:00.000Z",
        until: "1970-01-01T00:00:15.000Z"
      }])
    }).pipe(Effect.provide(layer)))

  it.effect("that nobody is to wait for says so, and lets nobody through", () =>
    Effect.gen(function*() {
      const holds = yield* Holds
      const waiting = yield* Effect.forkChild(holds.opened)
      yield* holds.place(request("drain", null))
      const refusal = new NotLoggedIn({ status: 401, detail: "no" })
      const held = yield* Effect.forkChild(holds.opened)
      yield* settle
      assert.isUndefined(held.pollUnsafe())
      yield* holds.place({ ...request("login", null), refusal })
      assert.strictEqual(yield* Fiber.join(held), refusal)
      assert.isNull(yield* holds.admit)
      yield* Fiber.interrupt(waiting)
    }).pipe(Effect.provide(layer)))

  it.effect("is told once, when it begins and when it ends, and shown to who looks in between", () =>
    Effect.gen(function*() {
      const holds = yield* Holds
      const events = yield* Ref.make<ReadonlyArray<string>>([])
      yield* (yield* Events).stream.pipe(
        Stream.runForEach((event) => Ref.update(events, (all) => [...all, event._tag])),
        Effect.forkScoped({ startImmediately: true })
      )
      yield* holds.place(request("limit", 5))
      const seen = yield* Stream.runHead(holds.changes)
      yield* holds.place(request("limit", 10))
      yield* holds.lift("limit")
      yield* holds.lift("limit")
      yield* settle
      assert.deepStrictEqual(yield* Ref.get(events), ["Held", "Lifted"])
      assert.strictEqual(seen._tag === "Some" ? seen.value[0]?.cause : "", "limit")
    }).pipe(Effect.provide(layer)))
})

describe("the time between two looks", () => {
  it("grows to an end, and the provider is looked for often enough", () => {
    for (const cause of probedCauses) {
      const times = Array.from({ length: 40 }, (_, failed) => Duration.toMillis(pauseOf(cause, failed)))
      assert.deepStrictEqual(times, times.toSorted((one, other) => one - other), cause)
      assert.isAtMost(times.at(-1)!, 600_000)
    }
    assert.strictEqual(Duration.toSeconds(pauseOf("provider", 0)), 5)
    assert.strictEqual(Duration.toSeconds(pauseOf("provider", 99)), 30)
    assert.deepStrictEqual([0, 1, 9].map((n) => Duration.toSeconds(pauseOf("crashes", n))), [30, 60, 600])
    assert.deepStrictEqual([0, 1, 9].map((n) => Duration.toSeconds(pauseOf("limit", n))), [30, 60, 600])
  })
})

const cause = Schema.Literals(["login", "provider", "drain"])
const which = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
const Step = Schema.Union([
  Schema.TaggedStruct("Place", { cause, seconds: Schema.Literals([1, 5, 60]) }),
  Schema.TaggedStruct("Lift", { cause }),
  /** Somebody who starts an attempt as soon as that is possible. */
  Schema.TaggedStruct("Come", {}),
  Schema.TaggedStruct("GoAway", { which }),
  Schema.TaggedStruct("End", { which }),
  Schema.TaggedStruct("Pass", { seconds: Schema.Literals([1, 5, 60]) })
])

/** Attempts that come and go as the dispatcher makes them: the leave is bound to a scope. */
const history = Effect.fnUntraced(function*(steps: ReadonlyArray<typeof Step.Type>) {
  const holds = Context.get(yield* Layer.build(layer), Holds)
  const waiting: Array<Fiber.Fiber<void>> = []
  const running: Array<{ readonly pass: Pass; readonly scope: Scope.Closeable; readonly lifts: number }> = []
  /** What was begun before is no probe of what is placed after. */
  let lifts = 0
  let came = 0
  let went = 0
  let ended = 0

  const start = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      while (true) {
        yield* restore(holds.opened)
        const pass = yield* holds.admit
        if (pass === null) continue
        const scope = yield* Scope.make()
        yield* Scope.addFinalizer(scope, holds.giveBack(pass))
        running.push({ pass, scope, lifts })
        return
      }
    })
  )

  const play = Effect.fnUntraced(function*(step: typeof Step.Type) {
    switch (step._tag) {
      case "Place":
        return yield* holds.place(request(step.cause, step.cause === "drain" ? null : step.seconds))
      case "Lift":
        lifts++
        return yield* holds.lift(step.cause)
      case "Come":
        came++
        waiting.push(yield* Effect.forkChild(start))
        return
      case "GoAway": {
        const fiber = waiting[step.which]
        if (fiber === undefined) return
        const before = running.length
        yield* Fiber.interrupt(fiber)
        waiting.splice(step.which, 1)
        if (running.length === before && !Exit.isSuccess(yield* Fiber.await(fiber))) went++
        return
      }
      case "End": {
        const [attempt] = running.splice(step.which, 1)
        if (attempt === undefined) return
        ended++
        return yield* Scope.close(attempt.scope, Exit.void)
      }
      case "Pass":
        return yield* TestClock.adjust(Duration.seconds(step.seconds))
    }
  })

  for (const step of steps) {
    yield* play(step)
    yield* settle
    const held = yield* holds.current
    for (const { cause, probing } of held) {
      const probes = running.filter(({ pass }) => pass.probes.includes(cause))
      if (probing) assert.isAtLeast(probes.length, 1, `nobody probes ${cause}`)
      assert.isAtMost(probes.filter((probe) => probe.lifts === lifts).length, 1, `two probe ${cause}`)
    }
    // Whoever may start has started.
    const due = held.every(({ probing, until }) => !probing && until !== null)
    if (held.length === 0) assert.strictEqual(came - went, running.length + ended)
    else if (due) {
      yield* TestClock.adjust("61 seconds")
      yield* settle
      const free = (yield* holds.current).every(({ probing }) => !probing)
      if (free) assert.strictEqual(came - went, running.length + ended)
    }
  }
  yield* Effect.forEach(cause.literals, (it) => holds.lift(it), { discard: true })
  yield* settle
  assert.strictEqual(came - went, running.length + ended)
  assert.deepStrictEqual(yield* holds.admit, { probes: [] })
}, Effect.scoped)

describe("holds, in whatever order,", () => {
  it.effect.prop(
    "forget nobody who waits, and lose no leave",
    [Schema.Array(Step).check(Schema.isMinLength(3), Schema.isMaxLength(60))],
    ([steps]) => history(steps),
    { arbitrary: { runs: 400, size: 60 } }
  )

  it.effect("let one through for each time that a cause is placed, however many wait", () =>
    Effect.gen(function*() {
      const holds = yield* Holds
      yield* holds.place(request("provider", 5))
      const passes = yield* Ref.make<ReadonlyArray<Pass>>([])
      const start: Effect.Effect<void> = Effect.gen(function*() {
        yield* holds.opened
        const pass = yield* holds.admit
        if (pass === null) return yield* start
        yield* Ref.update(passes, (all) => [...all, pass])
      })
      yield* Effect.forEach(Array.from({ length: 50 }), () => Effect.forkScoped(start), { discard: true })
      for (let round = 1; round <= 5; round++) {
        yield* TestClock.adjust("5 seconds")
        yield* settle
        const all = yield* Ref.get(passes)
        assert.strictEqual(all.length, round)
        yield* holds.place(request("provider", 5))
        yield* holds.giveBack(all.at(-1)!)
      }
      yield* holds.lift("provider")
      yield* settle
      assert.strictEqual((yield* Ref.get(passes)).length, 50)
    }).pipe(Effect.scoped, Effect.provide(layer)))
})
