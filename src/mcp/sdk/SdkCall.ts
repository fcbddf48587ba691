/**
 * A call as a tool knows it, of a request of the SDK's: its progress, its end, and the way back to its client.
 */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js"
import {
  ElicitResultSchema,
  EmptyResultSchema,
  ResultSchema,
  type ServerNotification,
  type ServerRequest
} from "@modelcontextprotocol/sdk/types.js"
import { Deferred, type Duration, Effect, Option, type Schema } from "effect"
import type { Call, Channel, Client } from "../Call.ts"
import { waitLimitOf } from "../Deadline.ts"
import { type Form, FormAnswer } from "../Form.ts"
import type { Session } from "../Session.ts"
import type { Extra } from "./Serving.ts"

/** The call's own limit ends what is asked of the client: this is only more than it. */
const longestRequest = 2 ** 31 - 1

/** Progress of one request: the numbers rise, and nothing is sent once it has been taken back. */
const makeProgress = (extra: Extra): Call["progress"] => {
  const progressToken = extra._meta?.progressToken
  if (progressToken === undefined) return undefined
  let progress = 0
  const notify = (message: string) =>
    extra.sendNotification({
      method: "notifications/progress",
      params: { progressToken, progress: ++progress, message }
    })
  // Not to be interrupted: else a line could still be on its way when the reply is sent.
  return (message) => Effect.uninterruptible(Effect.ignore(Effect.tryPromise(() => notify(message))))
}

const channelOf = (extra: Extra): Channel => ({
  notify: (method, params) =>
    Effect.ignore(Effect.tryPromise(() => extra.sendNotification({ method, params } as ServerNotification))),
  request: (method, params) =>
    Effect.promise((signal) =>
      extra.sendRequest({ method, params } as ServerRequest, ResultSchema, { signal, timeout: longestRequest })
    ) as Effect.Effect<Schema.JsonObject>
})

const elicitation = ({ fields, message, required }: Form) => ({
  method: "elicitation/create" as const,
  params: {
    message,
    requestedSchema: { type: "object" as const, properties: { ...fields }, required: [...required] }
  }
})

/** Clients that are built on the SDK take nothing back whose id is 0: the first request must not be one that may be. */
const useUpFirstId = (extra: Extra) =>
  Effect.tryPromise((signal) => extra.sendRequest({ method: "ping" }, EmptyResultSchema, { signal }))

/** A form that does not come up, or is not answered in time, counts as one that was dismissed. */
const makeAsk = (
  extra: Extra,
  waitLimit: Duration.Duration,
  before: Effect.Effect<unknown, unknown>
): NonNullable<Call["ask"]> =>
  Effect.fnUntraced(function*(key, form) {
    const asked = Effect.tryPromise((signal) =>
      extra.sendRequest(elicitation(form) as ServerRequest, ElicitResultSchema, { signal, timeout: longestRequest })
    )
    const answer = yield* Effect.andThen(before, asked).pipe(
      Effect.timeoutOption(waitLimit),
      Effect.catch((error) => Effect.as(Effect.logWarning(`the form ${key} was not answered`, error), Option.none()))
    )
    if (Option.isNone(answer)) return FormAnswer.Dismissed()
    const { action, content = {} } = answer.value
    if (action === "accept") return FormAnswer.Accepted({ content })
    return action === "decline" ? FormAnswer.Declined() : FormAnswer.Dismissed()
  })

/** Whether the client can put a form before its person. */
export const canAsk = (server: Server): boolean => server.getClientCapabilities()?.elicitation?.form !== undefined

export interface CallsOptions {
  readonly server: Server
  readonly session: Session
  /** Done once the connection is closed. */
  readonly gone: Deferred.Deferred<void>
  readonly waitLimit: Duration.Duration | undefined
}

export const makeCalls = ({ gone, server, session, waitLimit }: CallsOptions) => {
  let hasAsked = false
  const firstId = (extra: Extra) =>
    Effect.suspend((): Effect.Effect<unknown, unknown> => {
      if (hasAsked) return Effect.void
      hasAsked = true
      return useUpFirstId(extra)
    })
  return (extra: Extra): Call => {
    const client: Client | undefined = server.getClientVersion()
    const limit = waitLimit ?? waitLimitOf(client)
    // The SDK aborts its calls both when they are taken back and when the connection closes: told apart at that moment.
    let isTakenBack = false
    extra.signal.addEventListener("abort", () => (isTakenBack = !Deferred.isDoneUnsafe(gone)), { once: true })
    return {
      client: client ?? { name: "unknown", version: "" },
      waitLimit: limit,
      progress: makeProgress(extra),
      isTakenBack: Effect.sync(() => isTakenBack),
      ask: canAsk(server) ? makeAsk(extra, limit, firstId(extra)) : undefined,
      channel: channelOf(extra),
      ...session
    }
  }
}
