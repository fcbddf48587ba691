/**
 * The one place that knows the `claude` binary: how it is found, started, spoken to, judged and ended.
 */
import {
  Context,
  type DateTime,
  Duration,
  Effect,
  type Exit,
  FileSystem,
  Layer,
  Path,
  type Schema,
  type Scope
} from "effect"
import { SecureRandom } from "effect/crypto"
import { ChildProcessSpawner } from "effect/process"
import type { Failure } from "../domain/Failure.ts"
import type { Launch } from "../domain/Launch.ts"
import type { ModelCost } from "../domain/ModelUsage.ts"
import type { Progress } from "../domain/Progress.ts"
import { SessionId } from "../domain/SessionId.ts"
import type { SlotId } from "../domain/SlotId.ts"
import type { Spend } from "../domain/Spend.ts"
import type { Denial } from "../domain/TaskResult.ts"
import type { Transcript, TranscriptSize } from "../domain/Transcript.ts"
import type { TurnPiece } from "../domain/Turn.ts"
import type { Vitals } from "../domain/Vitals.ts"
import type { WorkerCall } from "../domain/WorkerCall.ts"
import { argumentsOf } from "./claude/Arguments.ts"
import { type BinaryOptions, findBinary } from "./claude/Binary.ts"
import { startWorker } from "./claude/Conversation.ts"
import { imposed, inherited } from "./claude/Environment.ts"
import { type Directories, openHome, openTemporary } from "./claude/Home.ts"
import { makeLogin } from "./claude/Login.ts"
import { serverFile } from "./claude/ServerFile.ts"
import { makeTranscripts } from "./claude/Transcripts.ts"
import { configFor, userConfig } from "./claude/UserRules.ts"
import { Containment, type ContainmentLevel } from "./Containment.ts"

/** The binary that was found. */
export interface Installation {
  readonly command: string
  /** Arguments that come before the CLI's own: the simulator is a script. */
  readonly prefix: ReadonlyArray<string>
  readonly version: string
}

/** The directories and the mark of one slot. All of them are the slot's own. */
export interface SlotHome {
  /** `CLAUDE_CONFIG_DIR` of its processes. */
  readonly config: string
  /** `TMPDIR` and its like of its processes; short, because sockets live in it. */
  readonly temporary: string
  /** Random; inherited through the environment by every process that descends from the slot. */
  readonly marker: string
}

/** What a worker is asked. */
export interface Turn {
  readonly prompt: string
  /** Set just before the prompt, where it differs from the process's own. */
  readonly model?: string | undefined
  /**
   * What the worker asks of its pool, where it has a mailbox: the text is what it is told. It runs beside the turn, and
   * is interrupted when that ends.
   */
  readonly onCall?: ((call: WorkerCall) => Effect.Effect<string, Failure>) | undefined
  /** What it says and does, as it comes, in order. Its events are not read on meanwhile: it has to be quick. */
  readonly hear?: ((pieces: ReadonlyArray<TurnPiece>) => Effect.Effect<void>) | undefined
}

/** A good end. A bad one is a `Failure`; what either has cost is `Worker.spent`. */
export interface Answer {
  readonly output: string
  /** The value that fits the schema, where one was asked for. */
  readonly structured?: Schema.Json
  readonly model: string | null
  readonly denials: ReadonlyArray<Denial>
}

/** Something for a worker to know while it works. */
export interface ToldMessage {
  /** Names it: what is told twice is sent once. */
  readonly id: string
  readonly text: string
}

/** One started process, for one turn of ours: it may take the CLI several. */
export interface Worker {
  readonly pid: number
  readonly launch: Launch
  /** What its session will be called, once there is one. */
  readonly name: SessionId
  /**
   * Sends the prompt and waits for the end of the turn. When interrupted, it asks the process to stop and waits, within
   * bounds, for its figures, so that `spent` is right even then.
   */
  readonly run: (turn: Turn, observe: (progress: Progress) => Effect.Effect<void>) => Effect.Effect<Answer, Failure>
  /**
   * Tells it something while `run` runs: it goes on from there, and its answer comes after. True as soon as the message
   * is part of the conversation; false where the work has ended, or has not begun, without it.
   */
  readonly tell: (message: ToldMessage) => Effect.Effect<boolean>
  /** What this process has spent so far; `exact` once it has said so itself. */
  readonly spent: Effect.Effect<Spend>
  /** What its models have cost, as far as it has said so itself. */
  readonly costs: Effect.Effect<ReadonlyArray<ModelCost>>
  /** The model's last text so far: what was paid for is not thrown away with a failure. */
  readonly said: Effect.Effect<string>
  /** How many calls of tools it has made that are work, its subagents' included. */
  readonly toolCalls: Effect.Effect<number>
  /** What it was not allowed to do, as far as it has said so itself. */
  readonly denials: Effect.Effect<ReadonlyArray<Denial>>
  /** The session's name, once there is one. */
  readonly session: Effect.Effect<SessionId | null>
  /** What its events tell of its life. */
  readonly vitals: Effect.Effect<Vitals>
  /**
   * Ends `run` with that failure, as if it had come by itself: what was found out from outside. With an answer, which was
   * found in the transcript, `run` ends well. Nothing happens where it has ended.
   */
  readonly conclude: (outcome: Exit.Exit<Answer, Failure>) => Effect.Effect<void>
  /** Succeeds, with what it said last, when the process ends. */
  readonly ended: Effect.Effect<string>
}

/** How workers will log in, as far as can be told without asking the provider. */
export interface Login {
  readonly method:
    | "api-key"
    | "auth-token"
    | "oauth-token"
    | "provider"
    | "credentials-file"
    | "keychain"
    | "simulator"
    | "none"
  /** Which variable or file it is; never its value. */
  readonly source: string
}

/** Where the CLI is, and what its processes are given. */
export interface ClaudeCliOptions extends BinaryOptions {
  readonly platform: string
  /** Further variables of the user's environment that workers may see. */
  readonly passEnv: ReadonlyArray<string>
  readonly directories: Directories
  /** How long a worker may give no sign of life; null: a supervisor sees to that. */
  readonly stallAfter: Duration.Duration | null
  /** How long an interrupted worker may take to tell its figures. */
  readonly figuresWithin: Duration.Duration
}

export class ClaudeCli extends Context.Service<ClaudeCli, {
  /** The binary, found and checked: looked for once, and again after a failure. */
  readonly installation: Effect.Effect<Installation, Failure>
  readonly login: Effect.Effect<Login>
  /** How surely a worker's whole process tree can be ended. */
  readonly containment: Effect.Effect<ContainmentLevel>
  /**
   * Makes the directories of a slot, with the user's login in reach. When the scope closes, the directories are gone,
   * and so is every process that carries the slot's marker.
   */
  readonly home: (slot: SlotId) => Effect.Effect<SlotHome, Failure, Scope.Scope>
  /**
   * Starts a process and waits until it is ready for its prompt. It lives as long as the scope; closing the scope ends
   * it and every process that came from it.
   */
  readonly start: (launch: Launch, home: SlotHome) => Effect.Effect<Worker, Failure, Scope.Scope>
  /**
   * What the transcript of a session says; null: there is none, or it cannot be read. `from`: only what was written since
   * is counted.
   */
  readonly transcript: (session: SessionId, from?: DateTime.Utc) => Effect.Effect<Transcript | null>
  /** How long that transcript is by now, and when it grew: cheap. */
  readonly transcriptSize: (session: SessionId) => Effect.Effect<TranscriptSize | null>
}>()("claude-pool/services/ClaudeCli") {
  static readonly layer = (options: ClaudeCliOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const containment = yield* Containment
        // The services by name and nothing else: with the whole context, processes would live in the layer's own scope.
        const platform = Context.pick(
          ChildProcessSpawner.ChildProcessSpawner,
          FileSystem.FileSystem,
          Path.Path,
          SecureRandom.SecureRandom,
          Containment
        )(
          yield* Effect.context<
            | ChildProcessSpawner.ChildProcessSpawner
            | FileSystem.FileSystem
            | Path.Path
            | SecureRandom.SecureRandom
            | Containment
          >()
        )
        const random = yield* SecureRandom.SecureRandom
        const transcripts = yield* makeTranscripts(options.directories.sessions)
        const visible = inherited(options.env, options.passEnv)
        const user = userConfig(yield* Path.Path, options.env, options.home)
        const logins = yield* makeLogin({ env: options.env, home: options.home, platform: options.platform })
        const installation = yield* onceFound(
          Effect.provideContext(findBinary({ ...options, env: visible }), platform)
        )
        const simulated: Login = { method: "simulator", source: "--simulate" }

        const start = Effect.fn("ClaudeCli.start")(function*(launch: Launch, home: SlotHome) {
          const found = yield* installation
          const pass = options.standIn === null ? yield* logins.pass(found) : null
          // What it needs is there before it is started, and so goes after it has been ended.
          const servers = yield* serverFile(launch, home)
          const config = yield* configFor(launch, home, user)
          const temporary = yield* openTemporary(home)
          const marker = `${home.marker}-${yield* random.uuidV4()}`
          const name = SessionId.make(yield* random.uuidV4())
          const command = yield* containment.wrap([
            found.command,
            ...found.prefix,
            ...argumentsOf(launch, servers, name)
          ])
          return yield* startWorker({
            launch,
            name,
            process: {
              command,
              marker,
              env: { ...visible, ...imposed({ config, temporary, marker }, launch), ...pass?.variables }
            },
            expiresAt: pass?.expiresAt ?? null,
            stallAfter: options.stallAfter,
            figuresWithin: options.figuresWithin
          })
        }, Effect.provide(platform))

        return {
          installation,
          login: options.standIn === null ? logins.login : Effect.succeed(simulated),
          containment: containment.level,
          home: (slot) => Effect.provideContext(openHome(options.directories, slot), platform),
          start,
          transcript: transcripts.read,
          transcriptSize: transcripts.size
        }
      })
    )
}

/** Kept once it succeeds; looked for again after a failure, for the user may have mended it. */
const onceFound = <A, E>(find: Effect.Effect<A, E>) =>
  Effect.map(
    Effect.cachedInvalidateWithTTL(find, Duration.infinity),
    ([cached, forget]) => Effect.onError(cached, () => forget)
  )
