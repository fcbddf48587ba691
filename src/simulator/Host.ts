/**
 * Questions to the host over the control protocol, and its answers.
 */
import { writeLine } from "./Output.ts"
import type { Session } from "./Session.ts"

type Answer = Readonly<Record<string, unknown>>

const pending = new Map<string, (answer: Answer) => void>()

let isClosed = false

/** `request_id` names it; no two requests share a name. */
export const requestHost = (session: Session, request: object, request_id = session.nextUuid()): Promise<Answer> => {
  if (isClosed) return Promise.resolve({})
  writeLine({ type: "control_request", request_id, request })
  return new Promise((resolve) => pending.set(request_id, resolve))
}

/** Hands on an answer; one that failed counts as a denial. */
export const receiveAnswer = (response: Answer): void => {
  const id = String(response["request_id"])
  const answer = response["subtype"] === "success" ? response["response"] : { message: response["error"] }
  pending.get(id)?.(answer as Answer ?? {})
  pending.delete(id)
}

/** Nobody is left to answer. */
export const close = (): void => {
  isClosed = true
  for (const answer of pending.values()) answer({ message: "Stream closed" })
  pending.clear()
}
