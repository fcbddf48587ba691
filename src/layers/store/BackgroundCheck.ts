/**
 * Looks through a database in a thread of its own, while it is at work: a large one takes longer than anybody wants to wait
 * for before the first task is accepted.
 */
import { Effect, Queue } from "effect"
import type { Question } from "../../services/store/Verify.ts"

/** It stands here as text: the program is one file, and a thread would need another. */
const program = `
const { parentPort, workerData } = require("node:worker_threads")
const { DatabaseSync } = require("node:sqlite")
const look = () => {
  const database = new DatabaseSync(workerData.file, { readOnly: true })
  try {
    database.exec("PRAGMA busy_timeout = 5000; PRAGMA cell_size_check = ON")
    for (const { question, what } of workerData.questions) {
      const row = database.prepare("SELECT * FROM (" + question + ") LIMIT 1").get()
      if (row !== undefined) return what ?? String(row.found)
    }
    return null
  } catch (error) {
    return [11, 26].includes(error.errcode & 255) ? error.message : null
  } finally {
    database.close()
  }
}
let found = null
try { found = look() } catch { found = null }
parentPort.postMessage(found)
`

export interface BackgroundCheckOptions {
  readonly file: string
  readonly questions: ReadonlyArray<Question>
}

/** What is wrong with it, null where nothing is, or nothing could be seen. */
export const checkInBackground = Effect.fn("StoreDatabase.checkInBackground")(
  function*(options: BackgroundCheckOptions) {
    // Loaded when first used: few stores are looked through.
    const { Worker } = yield* Effect.promise(() => import("node:worker_threads"))
    const answers = yield* Queue.unbounded<string | null>()
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        const worker = new Worker(program, { eval: true, workerData: options, stderr: true })
        worker.on("message", (found: string | null) => Queue.offerUnsafe(answers, found))
        worker.on("error", () => Queue.offerUnsafe(answers, null))
        // Nobody stays for it.
        worker.unref()
        return worker
      }),
      (worker) => Effect.promise(() => worker.terminate())
    )
    return yield* Queue.take(answers)
  },
  Effect.scoped
)
