/**
 * A process that serves a scripted pool over stdio: what `McpStdio.test.ts` starts.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Logger } from "effect"
import { serve } from "../../src/layers/McpStdio.ts"
import { poolOffer } from "../../src/mcp/PoolOffer.ts"
import { queuedTask, scriptedPool, taskId } from "./ScriptedPool.ts"

const id = taskId(1)

const pool = Layer.unwrap(Effect.gen(function*() {
  yield* Effect.addFinalizer(() => Console.error("the pool is released"))
  const context = yield* Layer.build(scriptedPool({
    submit: () => Effect.as(Effect.log("a line of the log"), queuedTask(id)),
    wait: () => Effect.onInterrupt(Effect.never, () => Console.error("the wait is interrupted")),
    cancel: (ids) => Effect.as(Console.error("the task is cancelled"), { cancelled: [...ids], already_finished: [] }),
    list: () => Effect.as(Effect.sleep("50 millis"), { tasks: [], total: 0 })
  }))
  return Layer.succeedContext(context)
}))

serve({ offer: poolOffer({ toolsets: ["default"], readOnly: false, reviewBy: "coordinator" }), version: "0.0.0-test" })
  .pipe(
    Effect.provide([pool, NodeCrypto.layerSecureRandom]),
    Effect.provideService(Logger.LogToStderr, true),
    NodeRuntime.runMain
  )
