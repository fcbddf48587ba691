/**
 * The pool of the host of this store, from another process: the host is found by the note of the store, started where there
 * is none, and replaced where it is of an older version.
 */
import { Console, Effect, type FileSystem, Layer, Option, type Path, Schedule } from "effect"
import { SecureRandom } from "effect/crypto"
import metadata from "../../package.json" with { type: "json" }
import { HostFailed, OtherVersion, OtherWorkers } from "../domain/EnvironmentFailure.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import { hostName, type HostNote, isNewer } from "../domain/HostNote.ts"
import type { Configuration } from "../services/Configuration.ts"
import type { Machine } from "../services/Machine.ts"
import { Pool } from "../services/Pool.ts"
import { impatient } from "../services/pool/Impatient.ts"
import { makeReconnecting } from "../services/pool/Reconnecting.ts"
import { endHost, graceOf } from "./HostEnding.ts"
import * as HostProcess from "./HostProcess.ts"
import { differences, differencesText, hostEnvironment } from "./HostSettings.ts"
import * as PoolSocket from "./PoolSocket.ts"
import { createStoreFiles, type StoreFiles, storeFiles } from "./store/StoreFiles.ts"
import { owned, ownerOf, type StoreOwner } from "./store/StoreOwner.ts"
import { saidOf } from "./TaskDefaults.ts"

const { version } = metadata

/** An owner that comes up or goes is looked at again so often, for a minute. */
const looks = { every: "25 millis", times: 2400 } as const

/** A host that has gone again by the time it is looked for is started once more. */
const starts = 3

export interface Whereabouts {
  /** Null: nobody has the store. */
  readonly owner: StoreOwner | null
  /** Of that owner; null: it cannot be spoken to, or not yet, or not any more. */
  readonly note: HostNote | null
}

export const whereabouts = Effect.fnUntraced(function*(files: StoreFiles) {
  const owner = Option.getOrNull(yield* ownerOf(files))
  const note = Option.getOrNull(yield* PoolSocket.noted(files))
  return { owner, note: note !== null && note.pid === owner?.pid ? note : null } satisfies Whereabouts as Whereabouts
})

/** Whether the owner is a host that comes up or goes: then it is waited for. Who has not said yet who it is may be one. */
const isPassing = ({ note, owner }: Whereabouts): boolean =>
  owner !== null && note === null && (owner.owner === null || owner.owner === hostName)

/** Once no host is on its way. What the last look has seen counts: another one might meet the next host on its way. */
export const settledWhereabouts = (files: StoreFiles) =>
  Effect.repeat(whereabouts(files), {
    while: isPassing,
    schedule: Schedule.spaced(looks.every).pipe(Schedule.upTo({ times: looks.times }))
  })

const reach = Effect.fnUntraced(function*(configuration: Configuration["Service"], machine: Machine["Service"]) {
  const { project, settings: { drainGrace, simulate, store } } = configuration
  const files = yield* storeFiles(store)

  const start = Effect.gen(function*() {
    yield* createStoreFiles(files)
    yield* HostProcess.start({ files, node: machine.node, project, env: hostEnvironment(machine.env, configuration) })
  }).pipe(
    // Somebody else was first.
    Effect.catchIf(HostProcess.isOwned, () => Effect.void)
  )

  const settle = (left: number): Effect.Effect<HostNote, Failure, FileSystem.FileSystem | Path.Path> =>
    Effect.gen(function*() {
      const { note, owner } = yield* settledWhereabouts(files)
      if (owner === null && left === 0) {
        return yield* fail(new HostFailed({ directory: store, detail: "it has gone again" }))
      }
      if (owner === null) return yield* Effect.andThen(start, settle(left - 1))
      if (note === null) return yield* owned(store, owner)
      const { host, pid, version: theirs } = note
      if (note.simulate !== simulate) {
        return yield* fail(new OtherWorkers({ directory: store, pid, simulate: !simulate }))
      }
      if (theirs === version) return note
      if (host !== true || !isNewer(version, theirs)) {
        return yield* fail(new OtherVersion({ directory: store, pid, theirs, ours: version }))
      }
      yield* Console.error(
        `claude-pool ${theirs} runs the pool, in process ${pid}: it is drained, and goes on as ${version}`
      )
      yield* endHost(files, pid, graceOf(note, drainGrace))
      return yield* settle(left)
    })
  return yield* settle(starts)
})

/** What was said here of the pool and does not hold there is not passed over in silence. */
const tellDifferences = Effect.fnUntraced(function*(
  configuration: Configuration["Service"],
  { pid, settings }: HostNote,
  pool: Pool["Service"]
) {
  const found = differences(configuration, settings)
  if (found.length === 0) return
  // It may have been scaled meanwhile.
  const { target } = yield* pool.slots()
  const now = found.flatMap((one) => {
    if (one.name !== "slots") return [one]
    return one.here === String(target) ? [] : [{ ...one, there: String(target) }]
  })
  const text = differencesText(pid, now)
  if (text !== null) yield* Console.error(text)
})

/**
 * The pool that all share: found or started when the layer is built, or with the first call, and again whenever it is lost.
 * A command that finds its own arguments wrong makes no call.
 */
export const layer = (
  configuration: Configuration["Service"],
  machine: Machine["Service"],
  atOnce: boolean
) =>
  Layer.effect(
    Pool,
    Effect.gen(function*() {
      const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
      const random = yield* SecureRandom.SecureRandom
      const files = yield* storeFiles(configuration.settings.store)
      const defaults = saidOf(configuration, machine.cwd)
      let isTold = false
      const connect = Effect.gen(function*() {
        const note = yield* reach(configuration, machine)
        const connection = yield* PoolSocket.connection(note, defaults)
        if (!isTold) yield* Effect.ignore(tellDifferences(configuration, note, connection.pool))
        isTold = true
        return connection
      })
      const find = Effect.gen(function*() {
        const { simulate, store } = configuration.settings
        const note = yield* PoolSocket.find(store, simulate)
        return Option.isNone(note) ? null : yield* PoolSocket.connection(note.value, defaults)
      }).pipe(Effect.orElseSucceed(() => null))
      return yield* makeReconnecting({
        connect: Effect.provideContext(connect, context),
        find: Effect.provideContext(find, context),
        // Whoever ends in good order takes its note away first.
        hasEnded: Effect.map(Effect.provideContext(PoolSocket.noted(files), context), Option.isNone),
        key: Effect.map(random.uuidV4(), (id) => `call ${id}`).pipe(Effect.orDie),
        atOnce
      })
    })
  )

/** The same for a person who waits for a command. */
export const layerForPerson = (configuration: Configuration["Service"], machine: Machine["Service"]) =>
  Layer.effect(
    Pool,
    Effect.map(Pool, (pool) =>
      impatient(pool, {
        binary: configuration.settings.claude ?? "claude",
        // On a terminal, the live line says what is waited for.
        tell: (line) => machine.stderrIsTerminal ? Effect.void : Console.error(line)
      }))
  ).pipe(Layer.provide(layer(configuration, machine, false)))
