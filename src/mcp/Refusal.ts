/**
 * A call that was not carried out, as one line for the model: `[CODE] what, and why. Next: what to do.`
 */
import { type Cause, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { Reason } from "../domain/Failure.ts"
import { cleanLine } from "../domain/UntrustedText.ts"
import { adviceFor, whatHappened } from "./Advice.ts"
import { Reply } from "./Tool.ts"

/** Room for every issue of a call with many arguments. */
const maxText = 12_000

const sentence = (text: string): string => {
  const line = cleanLine(text, maxText).replace(/[.;:\s]+$/u, "")
  return `${line.slice(0, 1).toUpperCase()}${line.slice(1)}.`
}

/** `NotFound` as `TASK_NOT_FOUND`. */
const toCode = (tag: string): string => tag.replace(/(?<=[a-z])(?=[A-Z])/gu, "_").toUpperCase()

const refused = (code: string, what: string, next: string): Reply =>
  Reply.Refused({ text: `[${code}] ${sentence(what)} Next: ${cleanLine(next, maxText)}.` })

export const refuse = (reason: Reason): Reply => refused(toCode(reason._tag), whatHappened(reason), adviceFor(reason))

/** A bug: the model gets a reference and no detail, the log gets everything. */
export const refuseDefect = Effect.fnUntraced(function*(tool: string, cause: Cause.Cause<unknown>) {
  const random = yield* SecureRandom.SecureRandom
  const ref = Hex.encode(yield* random.randomBytes(4))
  yield* Effect.logError(`defect in ${tool}`, cause).pipe(Effect.annotateLogs({ ref }))
  return refused(
    `INTERNAL ref=${ref}`,
    `a defect of claude-pool ended the call of ${tool}; its log has more`,
    "pool_status shows whether the pool still works; tell the user the ref"
  )
})
