/**
 * What a tool may know of its call, where each request stands for itself: nothing is asked of the client by the way.
 */
import { Effect } from "effect"
import type { Call } from "../Call.ts"
import { waitLimitOf } from "../Deadline.ts"
import { type FormAnswer, InputNeeded } from "../Form.ts"
import type { Asked } from "./Exchange.ts"

/** Progress of one request: the numbers rise. */
const progressOf = ({ exchange, meta: { progressToken } }: Asked): Call["progress"] => {
  if (progressToken === undefined) return undefined
  let progress = 0
  const notify = (message: string) =>
    exchange.notify({
      jsonrpc: "2.0",
      method: "notifications/progress",
      params: { progressToken, progress: ++progress, message }
    })
  // Not to be interrupted: else a line could still be on its way when the reply is sent.
  return (message) => Effect.uninterruptible(notify(message))
}

/** With the answers that the client has brought. */
export const makeCall = (asked: Asked, answers: Readonly<Record<string, FormAnswer>> = {}): Call => {
  const { exchange, meta, session, waitLimit } = asked
  return {
    client: meta.client,
    waitLimit: waitLimit ?? waitLimitOf(meta.client),
    progress: progressOf(asked),
    isTakenBack: exchange.isTakenBack,
    ask: meta.hasForms
      ? (key, form) => {
        const answer = answers[key]
        return answer === undefined ? Effect.fail(new InputNeeded({ forms: { [key]: form } })) : Effect.succeed(answer)
      }
      : undefined,
    channel: undefined,
    ...session
  }
}
