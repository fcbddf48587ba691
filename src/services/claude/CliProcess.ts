/**
 * A started `claude` process: lines in, lines out, and control requests that are answered. It knows the wire and
 * nothing of turns or tasks.
 */
import { type Cause, Deferred, Effect, Exit, Fiber, FiberMap, Option, Queue, Ref, Schema, Stream } from "effect"
import { ChildProcess } from "effect/process"
import {
  type ClaudeEvent,
  ClaudeLine,
  type ControlRequestEvent,
  type ControlResponseEvent,
  isControlCancel,
  isControlRequest,
  isControlResponse
} from "../../domain/ClaudeEvent.ts"
import { Failure } from "../../domain/Failure.ts"
import { LineBound, makeLineCutter, tooLong } from "../../domain/LineBound.ts"
import { WorkerLost } from "../../domain/WorkerFailure.ts"
import type { CommandWords } from "../containment/CommandWords.ts"
import { spawnContained } from "./Ending.ts"
import type { Variables } from "./Environment.ts"
import { spawnFailure } from "./SpawnFailure.ts"

export interface CliProcess {
  readonly pid: number
  /** Writes one line. */
  readonly send: (message: Schema.Json) => Effect.Effect<void>
  /** Sends a control request and waits for its answer. Fails with `WorkerLost` if the process ends first. */
  readonly request: (
    request: { readonly subtype: string } & Schema.JsonObject
  ) => Effect.Effect<ControlResponse, Failure>
  /** Closes stdin: the process finishes what it does and leaves. */
  readonly close: Effect.Effect<void>
  /** Succeeds with what it said last, once it has ended and everything that it wrote has been read. */
  readonly ended: Effect.Effect<string>
}

export type ControlResponse = ControlResponseEvent["response"]

export interface CliProcessOptions {
  readonly command: CommandWords
  readonly cwd: string
  readonly env: Variables
  /** What its environment has as its marker. */
  readonly marker: string
  /** Called with every event but control requests and their answers, in order. */
  readonly onEvent: (event: ClaudeEvent) => Effect.Effect<void>
  /**
   * What the CLI's request is answered with; it is worked out beside the reading of further events. A success with null
   * is not sent: nobody waits for it any more. Null in place of an effect: it is not offered.
   */
  readonly onRequest: (request: ControlRequestEvent["request"]) => Effect.Effect<Schema.Json | null> | null
  /** Called when a line is longer than `LineBound` has it, before its end. It is read on after it. */
  readonly onTooLong: Effect.Effect<unknown>
}

/** How much of stderr is kept, to say why a process ended. */
const stderrKept = 2000

const decodeLine = Schema.decodeUnknownOption(ClaudeLine)

export const startProcess = Effect.fn("CliProcess.start")(function*(options: CliProcessOptions) {
  const [program, ...words] = options.command
  const input = yield* Queue.bounded<string, Cause.Done>(16)
  const close = Effect.asVoid(Queue.end(input))
  const handle = yield* spawnContained((leavesAfterTerm) =>
    ChildProcess.make(program, words, {
      cwd: options.cwd,
      env: options.env,
      stdin: { stream: Stream.encodeText(Stream.fromQueue(input)), endOnDone: true },
      forceKillAfter: leavesAfterTerm
    }), { marker: options.marker, endInput: close }).pipe(
      Effect.mapError((error) => spawnFailure(program, error))
    )

  const send = (message: Schema.Json) => Effect.asVoid(Queue.offer(input, `${JSON.stringify(message)}\n`))
  const pending = yield* Ref.make<ReadonlyMap<string, Deferred.Deferred<ControlResponse>>>(new Map())
  const ended = yield* Deferred.make<string>()

  const answer = Effect.fnUntraced(function*({ response }: ControlResponseEvent) {
    const waiting = (yield* Ref.get(pending)).get(response.request_id)
    if (waiting !== undefined) yield* Deferred.succeed(waiting, response)
  })

  const respond = (request_id: string, body: Schema.JsonObject) =>
    send({ type: "control_response", response: { request_id, ...body } })

  const answering = yield* FiberMap.make<string>()

  /** A question without an answer would hang the CLI. */
  const serve = ({ request, request_id }: ControlRequestEvent) => {
    const answer = options.onRequest(request)
    if (answer === null) {
      return respond(request_id, { subtype: "error", error: `${request.subtype} is not offered` })
    }
    const reply = Effect.flatMap(
      answer,
      (response) => response === null ? Effect.void : respond(request_id, { subtype: "success", response })
    )
    return FiberMap.run(answering, request_id, reply)
  }

  const take = (event: ClaudeEvent) => {
    if (isControlResponse(event)) return answer(event)
    if (isControlRequest(event)) return serve(event)
    return isControlCancel(event) ? FiberMap.remove(answering, event.request_id) : options.onEvent(event)
  }

  /** A long line is not held any more when its event is taken. */
  const read = (line: string) => {
    if (!/\S/.test(line)) return Effect.void
    const event = decodeLine(line)
    return Option.isSome(event)
      ? take(event.value)
      : Effect.logDebug("a line of the worker could not be read", line.slice(0, 200))
  }

  const cutter = makeLineCutter(yield* LineBound)
  const readAll: Effect.Effect<void> = Effect.suspend(() => {
    const line = cutter.next()
    if (line === undefined) return Effect.void
    return Effect.andThen(line === tooLong ? options.onTooLong : read(line), readAll)
  })

  const stderr = yield* Ref.make("")
  const reader = yield* handle.stdout.pipe(
    Stream.runForEach((chunk) => Effect.andThen(Effect.sync(() => cutter.push(chunk)), readAll)),
    Effect.ignore,
    Effect.andThen(Effect.sync(cutter.end)),
    Effect.andThen(readAll),
    Effect.forkScoped
  )
  // Read beside stdout, not after it: a child blocks on a full stderr pipe that nobody drains.
  yield* handle.stderr.pipe(
    Stream.decodeText,
    Stream.runForEach((text) => Ref.update(stderr, (kept) => (kept + text).slice(-stderrKept))),
    Effect.ignore,
    Effect.forkScoped
  )

  const farewell = Effect.gen(function*() {
    const exit = yield* Effect.exit(handle.exitCode)
    // A daemon that a tool has left behind may hold the pipe open: its words are not waited for.
    yield* Effect.timeoutOption(Fiber.await(reader), "1 second")
    const how = Exit.isSuccess(exit) ? `exit code ${exit.value}` : "ended by a signal"
    const last = (yield* Ref.get(stderr)).trim()
    yield* Deferred.succeed(ended, last === "" ? how : `${how}: ${last}`)
  })
  yield* Effect.forkScoped(farewell)

  const lost = Effect.flatMap(Deferred.await(ended), (detail) => new Failure({ reason: new WorkerLost({ detail }) }))

  const request = Effect.fnUntraced(function*(body: { readonly subtype: string } & Schema.JsonObject) {
    const waiting = yield* Deferred.make<ControlResponse>()
    const id = yield* Ref.modify(pending, (all) => {
      const id = `r${all.size + 1}`
      return [id, new Map(all).set(id, waiting)]
    })
    yield* send({ type: "control_request", request_id: id, request: body })
    return yield* Effect.raceFirst(Deferred.await(waiting), lost)
  })

  return { pid: handle.pid, send, request, close, ended: Deferred.await(ended) } satisfies CliProcess
})
