/**
 * A worker: one started process, made ready, asked one thing, told more while it works, judged.
 */
import { Clock, DateTime, Deferred, Duration, Effect, FileSystem, Queue, Ref } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  type ClaudeEvent,
  type ControlRequestEvent,
  type InitEvent,
  isInit,
  isMcpMessage,
  isResult,
  type ResultEvent
} from "../../domain/ClaudeEvent.ts"
import { Failure } from "../../domain/Failure.ts"
import { modeOf, silentUntil } from "../../domain/Health.ts"
import { HealthBounds } from "../../domain/HealthBounds.ts"
import type { Launch } from "../../domain/Launch.ts"
import { LineTooLong, stalledAfter } from "../../domain/LimitFailure.ts"
import { LineBound } from "../../domain/LineBound.ts"
import { boundOutput } from "../../domain/OutputBound.ts"
import type { Progress } from "../../domain/Progress.ts"
import type { SessionId } from "../../domain/SessionId.ts"
import type { Denial } from "../../domain/TaskResult.ts"
import { UnknownModel, WorkerLost } from "../../domain/WorkerFailure.ts"
import type { Answer, Turn, Worker } from "../ClaudeCli.ts"
import { type CliProcess, type CliProcessOptions, startProcess } from "./CliProcess.ts"
import { leavesAfterInput } from "./Ending.ts"
import { makeInbox, plainText, type Settled, userMessage } from "./Inbox.ts"
import { judge } from "./Judgement.ts"
import { makePoolServer } from "./PoolServer.ts"
import { poolServerName } from "./PoolTools.ts"
import { becomeReady, retire, startFailed } from "./Readiness.ts"
import { commandLimits } from "./RunningTools.ts"
import { mismatch } from "./StartCheck.ts"
import { Tracker } from "./Tracker.ts"
import { piecesOf } from "./TurnPieces.ts"

export interface ConversationOptions {
  readonly launch: Launch
  /** What its session will be called. */
  readonly name: SessionId
  readonly process: Omit<CliProcessOptions, "onEvent" | "onRequest" | "onTooLong" | "cwd">
  /** When its login stops working, in milliseconds since 1970; null: it does not. */
  readonly expiresAt: number | null
  /** How long the worker may give no sign of life; null: somebody else sees to that, who sees more of it. */
  readonly stallAfter: Duration.Duration | null
  /** How long an interrupted worker may take to tell its figures. */
  readonly figuresWithin: Duration.Duration
}

/** The end of one turn of the CLI's. */
interface TurnEnd {
  readonly result: ResultEvent
  readonly settled: Settled
}

export const startWorker = Effect.fn("ClaudeCli.startWorker")(function*(options: ConversationOptions) {
  const { launch } = options
  const fs = yield* FileSystem.FileSystem
  const cwd = yield* Effect.orElseSucceed(fs.realPath(launch.cwd), () => null)
  if (cwd === null) return yield* startFailed(`the working directory ${launch.cwd} is gone`, false)
  if (launch.mailbox === true && Object.hasOwn(launch.mcpServers ?? {}, poolServerName)) {
    return yield* startFailed(`an MCP server named "${poolServerName}" would hide the pool's own tools`, false)
  }
  const tracker = yield* Ref.make(Tracker.start(yield* DateTime.now, commandLimits(options.process.env)))
  const observer = yield* Ref.make<(progress: Progress) => Effect.Effect<void>>(() => Effect.void)
  const hearer = yield* Ref.make<Turn["hear"]>(undefined)
  const ends = yield* Queue.unbounded<TurnEnd>()
  const refused = yield* Deferred.make<never, Failure>()
  const concluded = yield* Deferred.make<Answer, Failure>()
  const inbox = yield* makeInbox(yield* SecureRandom.SecureRandom)
  const server = yield* makePoolServer
  const model = yield* Ref.make(launch.model)

  const verify = Effect.fnUntraced(function*(event: InitEvent) {
    const wrong = mismatch(event, { launch, cwd, model: yield* Ref.get(model), env: options.process.env })
    if (wrong !== null) yield* Deferred.fail(refused, new Failure({ reason: wrong }))
  })

  const onEvent = Effect.fnUntraced(function*(event: ClaudeEvent) {
    const before = yield* Ref.get(tracker)
    const after = before.after(event, yield* DateTime.now)
    yield* Ref.set(tracker, after)
    yield* inbox.after(event)
    if (isInit(event)) yield* verify(event)
    // What it does of its own accord, after the end of its turn, is none of the task's.
    const hear = before.progress.phase === "finishing" ? undefined : yield* Ref.get(hearer)
    if (hear !== undefined) yield* tellPieces(hear, event)
    // The CLI may start turns of its own: their results are not the task's.
    if (isResult(event) && event.origin === undefined) {
      // No more is held of an answer than can be kept of it.
      const result = event.result == null ? event : { ...event, result: boundOutput(event.result) }
      yield* Queue.offer(ends, { result, settled: yield* inbox.settled })
    }
    if (isWorthTelling(before.progress, after.progress)) yield* (yield* Ref.get(observer))(after.progress)
  })

  const onRequest = (request: ControlRequestEvent["request"]) =>
    launch.mailbox === true && isMcpMessage(request) && request.server_name === poolServerName
      ? Effect.map(server.receive(request.message), (answer) => answer === null ? null : { mcp_response: answer })
      : null

  const limit = yield* LineBound
  /** What the line has said is lost: the turn cannot be judged without it. */
  const onTooLong = Deferred.fail(refused, new Failure({ reason: new LineTooLong({ limit }) }))

  const process = yield* startProcess({ ...options.process, cwd, onEvent, onRequest, onTooLong })

  const judged = Effect.fnUntraced(function*({ result }: TurnEnd) {
    const { lastError, liftedAt, model } = yield* Ref.get(tracker)
    const verdict = judge({ launch, model, result, lastError, liftedAt, now: yield* DateTime.now })
    return yield* Effect.mapError(Effect.fromResult(verdict), (reason) => new Failure({ reason }))
  })

  // A session that cannot be resumed ends with a result, before the process answers anything.
  yield* becomeReady(
    process,
    launch,
    Effect.flatMap(Queue.take(ends), (end) => Effect.andThen(judged(end), Effect.never))
  )
  const phase = Effect.map(Ref.get(tracker), ({ progress }) => progress.phase)
  if (options.expiresAt !== null) {
    const isUnused = Effect.map(phase, (now) => now === "starting")
    yield* Effect.forkScoped(retire(process, isUnused, options.expiresAt))
  }

  /** The first turn that fails fails the work; else its answer is that of the last turn. */
  const answered = Effect.gen(function*() {
    const denials: Array<Denial> = []
    while (true) {
      const end = yield* Queue.take(ends)
      const answer = yield* judged(end)
      denials.push(...answer.denials)
      if (!(yield* inbox.goesOn(process, end.settled))) return { ...answer, denials }
    }
  })

  const vitals = Effect.map(Ref.get(tracker), (seen) => seen.vitals)
  const bounds = yield* HealthBounds

  /** Fails once the worker has been silent for too long, by what it says itself. */
  const stalled = Effect.fnUntraced(function*(stallAfter: Duration.Duration) {
    while (true) {
      const seen = yield* vitals
      const now = yield* Clock.currentTimeMillis
      const since = DateTime.toEpochMillis(seen.lastEventAt)
      const left = silentUntil(seen, since, { bounds, stallAfter }) - now
      if (left <= 0) {
        const quiet = Duration.millis(now - since)
        return yield* new Failure({
          reason: stalledAfter({ phase: seen.phase, mode: modeOf(seen), quiet, evidence: "" })
        })
      }
      yield* Effect.sleep(left)
    }
  })

  const lost = Effect.flatMap(process.ended, (detail) => new Failure({ reason: new WorkerLost({ detail }) }))

  /** What it was told too late is taken back. The process says what it has cost with the end of its turn, so that is ended. */
  const wrapUp = Effect.gen(function*() {
    yield* inbox.close(process)
    if ((yield* phase) === "finishing") return
    yield* process.request({ subtype: "interrupt" })
    while ((yield* phase) !== "finishing") yield* Effect.raceFirst(Queue.take(ends), lost)
  }).pipe(
    Effect.timeoutOption(options.figuresWithin),
    Effect.ignore
  )

  /**
   * After its last turn it is let go, and listened to until it is gone: it may have begun a turn of its own, of which only
   * then everything is known that it says.
   */
  const leave = Effect.gen(function*() {
    if ((yield* phase) !== "finishing") return
    yield* process.close
    yield* Effect.timeoutOption(process.ended, leavesAfterInput)
  })

  const run = Effect.fn("Worker.run")(function*(turn: Turn, observe: (progress: Progress) => Effect.Effect<void>) {
    yield* Ref.set(observer, observe)
    yield* Ref.set(hearer, turn.hear)
    const take = Effect.flatMap(DateTime.now, (now) => Ref.update(tracker, (seen) => seen.taken(now)))
    const ask = Effect.gen(function*() {
      if (turn.model !== undefined && turn.model !== launch.model) {
        yield* setModel(process, turn.model)
        yield* Ref.set(model, turn.model)
      }
      const now = yield* DateTime.now
      yield* Ref.update(tracker, (seen) => seen.asked(now))
      yield* process.send(userMessage(plainText("Task", turn.prompt)))
      yield* inbox.open
      return yield* Effect.raceAllFirst([answered, Deferred.await(refused), lost])
    })
    const work = Effect.raceAllFirst([
      Deferred.await(concluded),
      ask,
      ...(options.stallAfter === null ? [] : [stalled(options.stallAfter)])
    ])
    yield* take
    return yield* server.serving(turn.onCall, work).pipe(
      Effect.onError(() => wrapUp),
      Effect.ensuring(leave)
    )
  })

  return {
    pid: process.pid,
    launch,
    name: options.name,
    run,
    tell: (message) => inbox.tell(process, message),
    spent: Effect.map(Ref.get(tracker), (seen) => seen.spent),
    costs: Effect.map(Ref.get(tracker), (seen) => seen.costs),
    said: Effect.map(Ref.get(tracker), (seen) => seen.said),
    toolCalls: Effect.map(Ref.get(tracker), (seen) => seen.toolCalls),
    denials: Effect.map(Ref.get(tracker), (seen) => seen.denials),
    session: Effect.map(Ref.get(tracker), (seen) => seen.session),
    vitals,
    conclude: (outcome) => Effect.asVoid(Deferred.done(concluded, outcome)),
    ended: process.ended
  } satisfies Worker as Worker
})

const setModel = Effect.fnUntraced(function*(process: CliProcess, model: string) {
  const response = yield* process.request({ subtype: "set_model", model })
  if (response.subtype === "error") {
    return yield* new Failure({ reason: new UnknownModel({ model, detail: response.error ?? "" }) })
  }
})

const tellPieces = (hear: NonNullable<Turn["hear"]>, event: ClaudeEvent) => {
  const pieces = piecesOf(event)
  return pieces.length === 0 ? Effect.void : hear(pieces)
}

/** A change that a person would see, or a sign of life after a second of none. */
const isWorthTelling = (before: Progress, after: Progress): boolean =>
  before.phase !== after.phase || before.tool !== after.tool || before.turns !== after.turns ||
  before.cost !== after.cost ||
  DateTime.toEpochMillis(after.lastEventAt) - DateTime.toEpochMillis(before.lastEventAt) >= 1000
