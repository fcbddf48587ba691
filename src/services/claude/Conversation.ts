/**
 * A worker: one started process, made ready, asked one thing, judged.
 */
import { Clock, DateTime, Deferred, Duration, Effect, FileSystem, Ref, Result, Schema } from "effect"
import { type ClaudeEvent, type InitEvent, isInit, isResult, type ResultEvent } from "../../domain/ClaudeEvent.ts"
import { NotLoggedIn } from "../../domain/EnvironmentFailure.ts"
import { Failure } from "../../domain/Failure.ts"
import type { Launch } from "../../domain/Launch.ts"
import { Stalled } from "../../domain/LimitFailure.ts"
import type { Progress } from "../../domain/Progress.ts"
import { ConfigMismatch, StartFailed, UnknownModel, WorkerLost } from "../../domain/WorkerFailure.ts"
import type { Turn, Worker } from "../ClaudeCli.ts"
import { permissionModeOf } from "./Arguments.ts"
import { type CliProcess, type CliProcessOptions, startProcess } from "./CliProcess.ts"
import { judge } from "./Judgement.ts"
import { Tracker } from "./Tracker.ts"

export interface ConversationOptions {
  readonly launch: Launch
  readonly process: Omit<CliProcessOptions, "onEvent" | "cwd">
  /** When its login stops working, in milliseconds since 1970; null: it does not. */
  readonly expiresAt: number | null
  /** How long the worker may give no sign of life. */
  readonly stallAfter: Duration.Duration
  /** How long an interrupted worker may take to tell its figures. */
  readonly figuresWithin: Duration.Duration
}

/** How long a process may take to answer its first request: it takes 0.3 s on a quiet machine, 31 s with 16 starting at once. */
const readyWithin = Duration.seconds(60)

/** What of the answer to `initialize` is looked at. */
const Ready = Schema.Struct({
  account: Schema.optionalKey(Schema.Struct({
    tokenSource: Schema.optionalKey(Schema.NullOr(Schema.String)),
    apiKeySource: Schema.optionalKey(Schema.NullOr(Schema.String)),
    apiProvider: Schema.optionalKey(Schema.NullOr(Schema.String))
  }))
})

/** A prompt must not begin with what the CLI reads as a command, a file or a shell: a line before it makes it plain text. */
export const plainPrompt = (prompt: string): string => /^\s*[/@!#&-]/.test(prompt) ? `Task:\n${prompt}` : prompt

export const startWorker = Effect.fn("ClaudeCli.startWorker")(function*(options: ConversationOptions) {
  const { launch } = options
  const fs = yield* FileSystem.FileSystem
  const cwd = yield* Effect.orElseSucceed(fs.realPath(launch.cwd), () => null)
  if (cwd === null) {
    return yield* new Failure({
      reason: new StartFailed({ detail: `the working directory ${launch.cwd} is gone`, transient: false })
    })
  }
  const tracker = yield* Ref.make(Tracker.start(yield* DateTime.now))
  const observer = yield* Ref.make<(progress: Progress) => Effect.Effect<void>>(() => Effect.void)
  const result = yield* Deferred.make<ResultEvent>()
  const refused = yield* Deferred.make<never, Failure>()

  const verify = (event: InitEvent) => {
    const wrong = mismatch(event, launch, cwd)
    return wrong === null ? Effect.void : Effect.asVoid(Deferred.fail(refused, new Failure({ reason: wrong })))
  }

  const onEvent = Effect.fnUntraced(function*(event: ClaudeEvent) {
    const before = yield* Ref.get(tracker)
    const after = before.after(event, yield* DateTime.now)
    yield* Ref.set(tracker, after)
    if (isInit(event)) yield* verify(event)
    // The CLI may start turns of its own after the task's: the first result is the task's.
    if (isResult(event) && event.origin === undefined) yield* Deferred.succeed(result, event)
    if (isWorthTelling(before.progress, after.progress)) yield* (yield* Ref.get(observer))(after.progress)
  })

  const process = yield* startProcess({ ...options.process, cwd, onEvent })
  yield* becomeReady(process, launch, tracker, result)
  if (options.expiresAt !== null) yield* Effect.forkScoped(retire(process, tracker, options.expiresAt))

  const judged = Effect.fnUntraced(function*(event: ResultEvent) {
    const seen = yield* Ref.get(tracker)
    const { lastError, liftedAt, model } = seen
    const verdict = judge({ launch, model, result: event, lastError, liftedAt, now: yield* DateTime.now })
    return yield* Effect.mapError(Effect.fromResult(verdict), (reason) => new Failure({ reason }))
  })

  /** Fails once the worker has been silent for too long. */
  const stalled = Effect.gen(function*() {
    while (true) {
      const { lastEventAt, phase } = (yield* Ref.get(tracker)).progress
      const silent = (yield* Clock.currentTimeMillis) - DateTime.toEpochMillis(lastEventAt)
      const left = Duration.toMillis(options.stallAfter) - silent
      if (left <= 0) return yield* new Failure({ reason: new Stalled({ after: options.stallAfter, phase }) })
      yield* Effect.sleep(left)
    }
  })

  const lost = Effect.flatMap(process.ended, (detail) => new Failure({ reason: new WorkerLost({ detail }) }))
  const end = Effect.raceAllFirst([Deferred.await(result), Deferred.await(refused), lost, stalled])

  /** The process says what it has cost with the end of its turn, so the turn is ended. */
  const askForFigures = process.request({ subtype: "interrupt" }).pipe(
    Effect.andThen(Effect.raceFirst(Deferred.await(result), process.ended)),
    Effect.timeoutOption(options.figuresWithin),
    Effect.ignore
  )

  const run = Effect.fn("Worker.run")(function*(turn: Turn, observe: (progress: Progress) => Effect.Effect<void>) {
    yield* Ref.set(observer, observe)
    if (turn.model !== undefined && turn.model !== launch.model) yield* setModel(process, turn.model)
    const now = yield* DateTime.now
    yield* Ref.update(tracker, (seen) => seen.asked(now))
    yield* process.send({
      type: "user",
      message: { role: "user", content: plainPrompt(turn.prompt) },
      parent_tool_use_id: null,
      // The text is what the host composed: the CLI looks for no commands and no file names in it.
      client_composed: true
    })
    const event = yield* Effect.onError(end, () => askForFigures)
    return yield* judged(event)
  })

  return {
    pid: process.pid,
    launch,
    run,
    spent: Effect.map(Ref.get(tracker), (seen) => seen.spent),
    said: Effect.map(Ref.get(tracker), (seen) => seen.said),
    session: Effect.map(Ref.get(tracker), (seen) => seen.session),
    ended: process.ended
  } satisfies Worker as Worker
})

/** Sends `initialize` and reads who the process is logged in as; nothing has been asked of the provider yet. */
const becomeReady = Effect.fnUntraced(
  function*(process: CliProcess, launch: Launch, tracker: Ref.Ref<Tracker>, result: Deferred.Deferred<ResultEvent>) {
    const hello = process.request({
      subtype: "initialize",
      ...(launch.systemPrompt === undefined ? {} : { appendSystemPrompt: launch.systemPrompt })
    })
    // A session that cannot be resumed ends with a result, before the process answers anything.
    const refusal = Effect.flatMap(
      Deferred.await(result),
      (event) =>
        Effect.flatMap(
          Ref.get(tracker),
          ({ lastError, model }) =>
            Effect.flatMap(DateTime.now, (now) =>
              Result.match(judge({ launch, model, result: event, lastError, liftedAt: null, now }), {
                onFailure: (reason) =>
                  Effect.fail(new Failure({ reason })),
                onSuccess: () => Effect.never
              }))
        )
    )
    const response = yield* Effect.raceFirst(hello, refusal).pipe(
      Effect.catchReason(
        "Failure",
        "WorkerLost",
        ({ detail }) => startFailed(detail, detail.startsWith("ended by a signal"))
      ),
      Effect.timeoutOrElse({
        duration: readyWithin,
        orElse: () => startFailed(`it was not ready after ${Duration.format(readyWithin)}`, true)
      })
    )
    if (response.subtype === "error") return yield* startFailed(response.error ?? "it refused to initialize", false)
    const { account } = yield* Effect.orElseSucceed(
      Schema.decodeUnknownEffect(Ready)(response.response ?? {}),
      (): typeof Ready.Type => ({})
    )
    const isFirstParty = account?.apiProvider == null || account.apiProvider === "firstParty"
    if (isFirstParty && account?.tokenSource === "none" && account.apiKeySource == null) {
      return yield* new Failure({ reason: new NotLoggedIn({ status: null, detail: "it has no key and no token" }) })
    }
  }
)

/** A process that is still unused when its login is about to end is let go: a new one gets a new login. */
const retire = Effect.fnUntraced(function*(process: CliProcess, tracker: Ref.Ref<Tracker>, expiresAt: number) {
  const left = expiresAt - (yield* Clock.currentTimeMillis) - retireBefore
  // One that cannot be refreshed is tried as it is: the provider says whether it still works.
  if (left <= 0) return
  yield* Effect.sleep(Math.min(left, longestTimer))
  const { phase } = (yield* Ref.get(tracker)).progress
  if (phase === "starting") yield* process.close
})

const retireBefore = 5 * 60_000

/** What a timer can hold. */
const longestTimer = 2 ** 31 - 1

const startFailed = (detail: string, transient: boolean) =>
  new Failure({ reason: new StartFailed({ detail: detail.slice(0, 500), transient }) })

const setModel = Effect.fnUntraced(function*(process: CliProcess, model: string) {
  const response = yield* process.request({ subtype: "set_model", model })
  if (response.subtype === "error") {
    return yield* new Failure({ reason: new UnknownModel({ model, detail: response.error ?? "" }) })
  }
})

const mismatch = (event: InitEvent, launch: Launch, cwd: string): ConfigMismatch | null => {
  const mode = permissionModeOf(launch)
  if (event.permissionMode != null && event.permissionMode !== mode) {
    return new ConfigMismatch({ setting: "permission mode", asked: mode, got: event.permissionMode })
  }
  if (event.cwd != null && event.cwd !== cwd) {
    return new ConfigMismatch({ setting: "working directory", asked: cwd, got: event.cwd })
  }
  return null
}

/** A change that a person would see, or a sign of life after a second of none. */
const isWorthTelling = (before: Progress, after: Progress): boolean =>
  before.phase !== after.phase || before.tool !== after.tool || before.turns !== after.turns ||
  before.cost !== after.cost ||
  DateTime.toEpochMillis(after.lastEventAt) - DateTime.toEpochMillis(before.lastEventAt) >= 1000
