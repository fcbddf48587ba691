/**
 * A page of an output as clients read it: a line about it, and the text in a fence that only we can close.
 */
import { Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { OutputOptions } from "../domain/CallOptions.ts"
import { fenceText } from "../domain/UntrustedText.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"

/** Text that a worker wrote, in a fence. */
export const fence = Effect.fnUntraced(function*(id: string, text: string) {
  const random = yield* SecureRandom.SecureRandom
  // Drawn after the text is fixed: nothing in it can know the closing mark.
  const nonce = Hex.encode(yield* random.randomBytes(8))
  return fenceText({ id, nonce, text })
})

export const readOutputPage = Effect.fnUntraced(function*(id: WorkId, options: OutputOptions) {
  const pool = yield* Pool
  const { next_offset, text, total } = yield* pool.output(id, options)
  const page = {
    id,
    part: options.part === "diff" ? "diff" : "output",
    offset: options.offset,
    ...(next_offset === undefined ? {} : { next_offset }),
    total
  }
  return { page, fenced: yield* fence(id, text) }
})
