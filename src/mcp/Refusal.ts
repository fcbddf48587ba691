/**
 * A call that was not carried out, as one line for the model: `[CODE] what, and why. Next: what to do.` A client that is
 * told of an error sees nothing but this text: what every reply names is named in a line after it.
 */
import { type Cause, type Data, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { Reason } from "../domain/Failure.ts"
import { cleanLine } from "../domain/UntrustedText.ts"
import { isWorkId } from "../domain/WorkId.ts"
import { adviceFor, whatHappened } from "./Advice.ts"
import type { Call } from "./Call.ts"
import { Reply } from "./Tool.ts"

type Refused = Data.TaggedEnum.Value<Reply, "Refused">

/** Room for every issue of a call with many arguments. */
const maxText = 12_000

const sentence = (text: string): string => {
  const line = cleanLine(text, maxText).replace(/[.;:\s]+$/u, "")
  return `${line.slice(0, 1).toUpperCase()}${line.slice(1)}.`
}

/** `NotFound` as `TASK_NOT_FOUND`. */
const toCode = (tag: string): string => tag.replace(/(?<=[a-z])(?=[A-Z])/gu, "_").toUpperCase()

const refused = (code: string, what: string, next: string): Refused =>
  Reply.Refused({ text: `[${code}] ${sentence(what)} Next: ${cleanLine(next, maxText)}.` })

export const refuse = (reason: Reason): Refused => refused(toCode(reason._tag), whatHappened(reason), adviceFor(reason))

/** It shows no result, whatever it names. */
const besideUnseen = (refused: Refused, reason: Reason | null, { unseen }: Call): Effect.Effect<Refused> =>
  Effect.map(
    unseen.besideRefusal(reason),
    (ids) => ids.length === 0 ? refused : Reply.Refused({ text: `${refused.text}\nunseen: ${ids.join(", ")}` })
  )

/** The answer to a call that failed for this reason. */
export const refuseIn = (reason: Reason, call: Call): Effect.Effect<Refused> => {
  const refused = besideUnseen(refuse(reason), reason, call)
  // What is gone is not named in every reply from then on.
  return reason._tag === "NotFound" && isWorkId(reason.id)
    ? Effect.andThen(call.unseen.show([reason.id]), refused)
    : refused
}

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

/** The answer to a call that ended with a bug. */
export const refuseDefectIn = (tool: string, cause: Cause.Cause<unknown>, call: Call) =>
  Effect.flatMap(refuseDefect(tool, cause), (refused) => besideUnseen(refused, null, call))
