/**
 * The socket at which a pool can be reached from other processes of its user: in a directory of its own, which nobody else
 * may enter. Which one it is, the store notes; and the note counts only while its writer owns the store.
 */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import { Effect, FileSystem, Layer, Option, Path, Schedule, Schema } from "effect"
import { RpcClient, RpcSerialization, RpcServer } from "effect/rpc"
import { Socket, SocketServer } from "effect/socket"
import metadata from "../../package.json" with { type: "json" }
import { StoreUnusable } from "../domain/EnvironmentFailure.ts"
import { Failure } from "../domain/Failure.ts"
import type { TaskOptions } from "../domain/TaskRequest.ts"
import { Pool } from "../services/Pool.ts"
import { withDefaults } from "../services/pool/Defaulted.ts"
import { PoolRpcs } from "../services/pool/PoolRpcs.ts"
import { makeRemote } from "../services/pool/Remote.ts"
import { handlers } from "../services/pool/Serving.ts"
import { privateFile, storeFiles } from "./store/StoreFiles.ts"
import { ownerOf } from "./store/StoreOwner.ts"
import { temporaryDirectory } from "./TemporaryDirectory.ts"

/** Where a pool is, and what it is: only one of the same version, with the same kind of workers, is spoken to. */
export const Reachable = Schema.Struct({
  socket: Schema.String,
  pid: Schema.Int,
  version: Schema.String,
  simulate: Schema.Boolean
})
export type Reachable = typeof Reachable.Type

const Note = Schema.fromJsonString(Reachable)

export interface ServeOptions {
  /** Directory of the store. */
  readonly store: string
  /** Where temporary files belong. */
  readonly temporary: string
  readonly pid: number
  readonly simulate: boolean
}

/** A long call is alive while its process is: the kernel says when that has ended. A frozen one is waited for. */
const silence = { pingInterval: "30 seconds", pingTimeout: "5 minutes" } as const

const unusable = (directory: string, detail: string) =>
  new Failure({ reason: new StoreUnusable({ directory, problem: "io", detail }) })

const serialization = RpcSerialization.layerNdjson

/** Answers other processes, for as long as the layer lives. */
export const serve = ({ pid, simulate, store, temporary }: ServeOptions) =>
  Layer.unwrap(Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { socket: note } = yield* storeFiles(store)
    const directory = yield* temporaryDirectory(store, temporary, "socket-directory")
    const socket = path.join(directory, "pool")
    const text = yield* Effect.orDie(
      Schema.encodeEffect(Note)({ socket, pid, version: metadata.version, simulate })
    )
    const announce = Effect.acquireRelease(
      Effect.andThen(fs.chmod(socket, privateFile), fs.writeFileString(note, text, { mode: privateFile })),
      () => Effect.ignore(fs.remove(note))
    ).pipe(Effect.mapError(({ message: detail }) => unusable(store, detail)))
    const listening = Layer.effect(
      SocketServer.SocketServer,
      NodeSocketServer.make({ path: socket }).pipe(
        Effect.mapError(({ message: detail }) => unusable(directory, detail)),
        Effect.tap(() => announce)
      )
    )
    // One call that dies is that call's trouble.
    return RpcServer.layer(PoolRpcs, { disableFatalDefects: true, disableTracing: true }).pipe(
      Layer.provide(handlers),
      Layer.provide(RpcServer.layerProtocolSocketServer),
      Layer.provide(Layer.merge(listening, serialization))
    )
  }))

/** The pool that owns the store, where it can be spoken to from here. */
export const find = Effect.fn("PoolSocket.find")(
  function*(store: string, simulate: boolean) {
    const fs = yield* FileSystem.FileSystem
    const files = yield* storeFiles(store)
    const found = yield* fs.readFileString(files.socket).pipe(
      Effect.flatMap(Schema.decodeEffect(Note)),
      Effect.option
    )
    if (Option.isNone(found)) return Option.none()
    const owner = yield* ownerOf(files)
    const { pid, version } = found.value
    const isIt = Option.isSome(owner) && owner.value.pid === pid && version === metadata.version &&
      found.value.simulate === simulate
    return isIt ? found : Option.none()
  }
)

/** The pool at a socket. `defaults` is what the caller's own settings say of tasks. */
export const connect = ({ pid, socket }: Reachable, defaults: TaskOptions): Layer.Layer<Pool> =>
  Layer.effect(Pool, Effect.map(makeRemote({ pid }), (pool) => withDefaults(pool, defaults))).pipe(
    Layer.provide(RpcClient.layerProtocolSocket({ ...silence, retryPolicy: Schedule.recurs(0) })),
    Layer.provide(serialization),
    Layer.provide(Layer.effect(Socket.Socket, NodeSocket.makeNet({ path: socket })))
  )
