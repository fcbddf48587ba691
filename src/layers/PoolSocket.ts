/**
 * The socket at which a pool can be reached from other processes of its user: in a directory of its own, which nobody else
 * may enter. Which one it is, the store notes; and the note counts only while its writer owns the store.
 */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import {
  Context,
  DateTime,
  Effect,
  FileSystem,
  Layer,
  Option,
  Path,
  Ref,
  Schedule,
  Schema,
  SubscriptionRef
} from "effect"
import { RpcClient, RpcServer } from "effect/rpc"
import { Socket, SocketServer } from "effect/socket"
import metadata from "../../package.json" with { type: "json" }
import { StoreUnusable } from "../domain/EnvironmentFailure.ts"
import { Failure } from "../domain/Failure.ts"
import { type HostNote, HostNoteText } from "../domain/HostNote.ts"
import type { TaskOptions } from "../domain/TaskRequest.ts"
import { Clients } from "../services/Clients.ts"
import { Pool } from "../services/Pool.ts"
import { withDefaults } from "../services/pool/Defaulted.ts"
import { PoolRpcs } from "../services/pool/PoolRpcs.ts"
import type { Connection } from "../services/pool/Reconnecting.ts"
import { handlers } from "../services/pool/Serving.ts"
import * as PoolSocketLines from "./PoolSocketLines.ts"
import { privateFile, type StoreFiles, storeFiles } from "./store/StoreFiles.ts"
import { ownerOf } from "./store/StoreOwner.ts"
import { temporaryDirectory } from "./TemporaryDirectory.ts"

export interface ServeOptions {
  /** Directory of the store. */
  readonly store: string
  /** Where temporary files belong. */
  readonly temporary: string
  readonly pid: number
  readonly simulate: boolean
  /** Whether the process is there for the pool alone. */
  readonly host?: boolean
  /** Of the pool, by their names, as texts. */
  readonly settings?: Readonly<Record<string, string>>
}

const { version } = metadata

/** A long call is alive while its process is: the kernel says when that has ended. A frozen one is waited for. */
const silence = { pingInterval: "30 seconds", pingTimeout: "5 minutes" } as const

const unusable = (directory: string, detail: string) =>
  new Failure({ reason: new StoreUnusable({ directory, problem: "io", detail }) })

/** Every connection is one of the clients that are there, for as long as it lasts. */
const counted = (server: SocketServer.SocketServer["Service"], count: SubscriptionRef.SubscriptionRef<number>) =>
  SocketServer.SocketServer.of({
    ...server,
    run: (handler) =>
      server.run((socket) =>
        Effect.acquireUseRelease(
          SubscriptionRef.update(count, (now) => now + 1),
          () => handler(socket),
          () => SubscriptionRef.update(count, (now) => now - 1)
        )
      )
  })

/** Answers other processes, for as long as the layer lives. */
export const serve = ({ host = false, pid, settings = {}, simulate, store, temporary }: ServeOptions) =>
  Layer.unwrap(Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { socket: note } = yield* storeFiles(store)
    const directory = yield* temporaryDirectory(store, temporary, "socket-directory")
    const socket = path.join(directory, "pool")
    const since = DateTime.formatIso(yield* DateTime.now)
    const text = yield* Effect.orDie(
      Schema.encodeEffect(HostNoteText)({ socket, pid, version, simulate, host, since, settings })
    )
    const count = yield* SubscriptionRef.make(0)
    const write = fs.writeFileString(note, text, { mode: privateFile })
    const remove = Effect.ignore(fs.remove(note))
    const announce = Effect.acquireRelease(Effect.andThen(fs.chmod(socket, privateFile), write), () => remove).pipe(
      Effect.mapError(({ message: detail }) => unusable(store, detail))
    )
    const listening = Layer.effect(
      SocketServer.SocketServer,
      NodeSocketServer.make({ path: socket }).pipe(
        Effect.mapError(({ message: detail }) => unusable(directory, detail)),
        Effect.tap(() => announce),
        Effect.map((server) => counted(server, count))
      )
    )
    // One call that dies is that call's trouble.
    return RpcServer.layer(PoolRpcs, { disableFatalDefects: true, disableTracing: true }).pipe(
      Layer.provide(handlers),
      Layer.provide(RpcServer.layerProtocolSocketServer),
      Layer.provide(Layer.merge(listening, PoolSocketLines.layer)),
      Layer.merge(Layer.succeed(Clients, { count, withdraw: remove, announce: Effect.ignore(write) }))
    )
  }))

/** What the store notes of a pool that can be spoken to, whether that is still there or not. */
export const noted = Effect.fnUntraced(function*(files: StoreFiles) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readFileString(files.socket).pipe(
    Effect.flatMap(Schema.decodeEffect(HostNoteText)),
    Effect.option
  )
})

/** The pool that owns the store, where it can be spoken to from here; `simulate`: null where its workers do not matter. */
export const find = Effect.fn("PoolSocket.find")(
  function*(store: string, simulate: boolean | null) {
    const files = yield* storeFiles(store)
    const found = yield* noted(files)
    if (Option.isNone(found)) return Option.none()
    const owner = yield* ownerOf(files)
    const isIt = Option.isSome(owner) && owner.value.pid === found.value.pid && found.value.version === version &&
      (simulate === null || found.value.simulate === simulate)
    return isIt ? found : Option.none()
  }
)

/** The pool at a socket. `defaults` is what the caller's own settings say of tasks. */
export const connect = ({ pid, since, socket }: HostNote, defaults: TaskOptions): Layer.Layer<Pool> =>
  Layer.effect(Pool, Effect.map(Pool, (pool) => withDefaults(pool, defaults))).pipe(
    Layer.provide(Pool.layerRemote({ pid, ...(since === undefined ? {} : { since }) })),
    Layer.provide(RpcClient.layerProtocolSocket({ ...silence, retryPolicy: Schedule.recurs(0) })),
    Layer.provide(PoolSocketLines.layer),
    Layer.provide(Layer.effect(Socket.Socket, NodeSocket.makeNet({ path: socket })))
  )

/** The same, and how the connection is: open for as long as the scope is, or until the other process ends. */
export const connection = Effect.fnUntraced(function*(note: HostNote, defaults: TaskOptions) {
  const state = yield* Ref.make<"new" | "open" | "lost">("new")
  const wasOpen = yield* Ref.make(false)
  const hooks = Layer.succeed(RpcClient.ConnectionHooks, {
    onConnect: Effect.andThen(Ref.set(state, "open"), Ref.set(wasOpen, true)),
    onDisconnect: Ref.set(state, "lost")
  })
  const there = yield* Layer.build(Layer.provide(connect(note, defaults), hooks))
  return {
    pool: Context.get(there, Pool),
    isLost: Effect.map(Ref.get(state), (now) => now === "lost"),
    wasOpen: Ref.get(wasOpen)
  } satisfies Connection
})
