/**
 * What a worker is told, in whatever order its lines and those of its host come and are read: nobody waits for ever, what
 * is said of a message is true, and the work ends with the last turn.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Queue, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import type { ClaudeEvent } from "../src/domain/ClaudeEvent.ts"
import type { CliProcess, ControlResponse } from "../src/services/claude/CliProcess.ts"
import { makeInbox, type Settled } from "../src/services/claude/Inbox.ts"
import { settle } from "./support/Time.ts"

type Line = { readonly uuid: string; readonly text: string } | {
  readonly request: Readonly<Record<string, Schema.Json>>
  readonly answer: (response: ControlResponse) => Effect.Effect<unknown>
}

/** A CLI of which every move is made by the test; `names` is whether it says what becomes of a message. */
const make = Effect.fnUntraced(function*(names: boolean) {
  const stdin: Array<Line> = []
  const stdout: Array<Effect.Effect<unknown>> = []
  const queued: Array<string> = []
  const turn: Array<string> = []
  const uuids = new Map<string, string>()
  const cli = { isBusy: true, results: 0, taken: new Set<string>() }
  const died = yield* Deferred.make<string>()
  const ends = yield* Queue.unbounded<{ readonly index: number; readonly settled: Settled }>()

  const process: CliProcess = {
    pid: 1,
    send: (message) =>
      Effect.sync(() => {
        const { message: { content }, uuid } = message as {
          readonly uuid: string
          readonly message: { readonly content: string }
        }
        uuids.set(content, uuid)
        stdin.push({ uuid, text: content })
      }),
    request: Effect.fnUntraced(function*(request) {
      const response = yield* Deferred.make<ControlResponse>()
      stdin.push({ request, answer: (value) => Deferred.succeed(response, value) })
      return yield* Deferred.await(response)
    }),
    close: Effect.void,
    ended: Deferred.await(died)
  }
  const inbox = yield* makeInbox(yield* SecureRandom.SecureRandom)
  yield* inbox.open

  const hear = (event: ClaudeEvent) => stdout.push(inbox.after(event))
  const name = (command_uuid: string, state: string) => {
    if (names) hear({ type: "command_lifecycle", command_uuid, state })
  }
  const take = () => {
    for (const uuid of queued.splice(0)) {
      cli.taken.add(uuid)
      turn.push(uuid)
      name(uuid, "started")
    }
  }
  const read = Effect.suspend((): Effect.Effect<unknown> => {
    const line = stdin.shift()
    if (line === undefined) return Effect.void
    if ("uuid" in line) {
      queued.push(line.uuid)
      name(line.uuid, "queued")
      if (!cli.isBusy) begin()
      return Effect.void
    }
    const uuid = line.request["message_uuid"]
    const at = queued.findIndex((one) => one === uuid)
    if (at >= 0) name(queued.splice(at, 1)[0]!, "cancelled")
    stdout.push(line.answer({ subtype: "success", request_id: "r" }))
    return Effect.void
  })
  const begin = () => {
    cli.isBusy = true
    take()
  }
  const end = () => {
    if (!cli.isBusy) return
    cli.isBusy = false
    const index = cli.results++
    const user_message_uuids = turn.splice(0)
    const result = { type: "result", subtype: "success", is_error: false, session_id: "s", user_message_uuids } as const
    hear(result)
    stdout.push(Effect.flatMap(inbox.settled, (settled) => Queue.offer(ends, { index, settled })))
    for (const uuid of user_message_uuids) name(uuid, "completed")
    if (queued.length > 0) begin()
  }
  const listen = Effect.suspend(() => stdout.shift() ?? Effect.void)

  /** The work, as the worker does it: the index of its last turn. */
  const work = Effect.gen(function*() {
    while (true) {
      const { index, settled } = yield* Queue.take(ends)
      if (!(yield* inbox.goesOn(process, settled))) return index
    }
  })
  const drain = Effect.gen(function*() {
    for (let round = 0; round < 100; round++) {
      yield* read
      end()
      yield* listen
      yield* settle
      if (stdin.length + stdout.length === 0 && !cli.isBusy) return
    }
    assert.fail("it never comes to rest")
  })
  return { cli, died, drain, end, inbox, listen, process, queued, read, stdin, take, uuids, work }
}, Effect.provide(SecureRandom.layerWebCrypto))

const Move = Schema.Literals(["tell", "read", "listen", "tool", "end"])

const history = Effect.fnUntraced(function*(moves: ReadonlyArray<typeof Move.Type>, isCut: boolean) {
  const world = yield* make(true)
  const run = yield* Effect.forkChild(world.work)
  const told: Array<readonly [id: string, fiber: Fiber.Fiber<boolean>]> = []
  for (const move of moves) {
    if (move === "tell") {
      const id = `m${told.length}`
      told.push([id, yield* Effect.forkChild(world.inbox.tell(world.process, { id, text: id }))])
    } else if (move === "tool") {
      if (world.cli.isBusy) world.take()
    } else if (move === "end") world.end()
    else yield* world[move]
    yield* settle
  }
  if (isCut) {
    yield* Fiber.interrupt(run)
    const closing = yield* Effect.forkChild(world.inbox.close(world.process))
    yield* world.drain
    yield* Fiber.join(closing)
  } else {
    yield* world.drain
    const last = yield* Fiber.join(run)
    assert.strictEqual(last, world.cli.results - 1)
  }
  assert.deepStrictEqual(world.queued, [])
  for (const [id, fiber] of told) {
    const exit = fiber.pollUnsafe()
    assert.isDefined(exit, `${id} is still waited for`)
    assert.deepStrictEqual(exit, Exit.succeed(world.cli.taken.has(world.uuids.get(id) ?? "")), id)
  }
})

describe("what a worker is told", () => {
  it.effect.prop(
    "is taken in or not, and the work ends with the last turn",
    [Schema.Array(Move).check(Schema.isMaxLength(30))],
    ([moves]) => history(moves, false),
    { arbitrary: { runs: 300, size: 30 } }
  )

  it.effect.prop(
    "is taken in or taken back when the work is cut off",
    [Schema.Array(Move).check(Schema.isMaxLength(30))],
    ([moves]) => history(moves, true),
    { arbitrary: { runs: 300, size: 30 } }
  )

  it.effect("is lost on a CLI that never says what becomes of it, and the work ends", () =>
    Effect.gen(function*() {
      const world = yield* make(false)
      const run = yield* Effect.forkChild(world.work)
      const told = yield* Effect.forkChild(world.inbox.tell(world.process, { id: "m", text: "m" }))
      yield* settle
      world.end()
      yield* world.listen
      yield* world.listen
      yield* settle
      // The CLI has said nothing of it, and is asked for a sign that it has read that far.
      assert.strictEqual(world.stdin.length, 2)
      yield* world.read
      yield* world.read
      yield* world.listen
      assert.strictEqual(yield* Fiber.join(run), 0)
      assert.isFalse(yield* Fiber.join(told))
    }))

  it.effect("is taken in where only the result says so", () =>
    Effect.gen(function*() {
      const world = yield* make(false)
      const run = yield* Effect.forkChild(world.work)
      const told = yield* Effect.forkChild(world.inbox.tell(world.process, { id: "m", text: "m" }))
      yield* settle
      yield* world.read
      world.take()
      yield* world.drain
      assert.strictEqual(yield* Fiber.join(run), 0)
      assert.isTrue(yield* Fiber.join(told))
    }))

  it.effect("can be told again when it was lost", () =>
    Effect.gen(function*() {
      const world = yield* make(true)
      const run = yield* Effect.forkChild(world.work)
      const tell = (id: string) =>
        Effect.tap(Effect.forkChild(world.inbox.tell(world.process, { id, text: id })), settle)
      const first = yield* tell("m")
      const command_uuid = world.uuids.get("m") ?? ""
      yield* world.inbox.after({ type: "command_lifecycle", command_uuid, state: "cancelled" })
      assert.isFalse(yield* Fiber.join(first))
      world.stdin.length = 0
      // Another one is on its way at the end of the turn, so that nothing is over yet.
      const other = yield* tell("n")
      world.end()
      yield* world.listen
      yield* world.listen
      const second = yield* tell("m")
      yield* world.drain
      assert.deepStrictEqual(yield* Effect.forEach([other, second], Fiber.join), [true, true])
      assert.strictEqual(yield* Fiber.join(run), world.cli.results - 1)
    }))

  it.effect("is lost with its worker", () =>
    Effect.gen(function*() {
      const world = yield* make(true)
      const told = yield* Effect.forkChild(world.inbox.tell(world.process, { id: "m", text: "m" }))
      yield* settle
      yield* world.read
      yield* world.listen
      yield* Deferred.succeed(world.died, "killed")
      assert.isFalse(yield* Fiber.join(told))
    }))
})
