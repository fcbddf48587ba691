/**
 * Work that a coordinator hands in and waits for, as a raw client of the server does it.
 */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { call, type Message, type StdioDriver } from "./StdioDriver.ts"

export const structured = ({ result }: Message): Record<string, unknown> =>
  (result?.["structuredContent"] ?? {}) as Record<string, unknown>

/** The id of the task. */
export const submit = Effect.fnUntraced(function*(server: StdioDriver, id: number, prompt: string) {
  yield* server.send(call(id, "pool_submit", { prompt }))
  const told = structured(yield* server.reply(id))
  const [work] = JSON.stringify(told).match(/t_[0-9a-z]{16}/) ?? []
  assert.isDefined(work, JSON.stringify(told))
  return work!
})

/** What the wait came to, as text. */
export const waited = Effect.fnUntraced(function*(server: StdioDriver, id: number, ids: ReadonlyArray<string>) {
  yield* server.send(call(id, "pool_wait", { ids, wait_s: 60 }))
  return JSON.stringify((yield* server.reply(id)).result)
})
