/**
 * Names of things: a letter for the kind, and 16 letters of Crockford's base 32, which is 80 random bits. An id is a name
 * and no authority, yet it cannot be guessed.
 */
import { Schema } from "effect"

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

/** How many random bytes an id is made of: five bits of each are used. */
export const idBytes = 16

/** Texts such as `t_0123456789abcdef`, for the kind `t`. */
export const idOf = (kind: string, what: string) =>
  Schema.String.check(
    Schema.isPattern(new RegExp(`^${kind}_[0-9a-hjkmnp-tv-z]{16}$`), {
      expected: `a ${what} id such as ${kind}_0123456789abcdef`
    })
  )

/** The id of a kind that `idBytes` random bytes make. */
export const randomId = (kind: string, bytes: Uint8Array): string =>
  `${kind}_${Array.from(bytes, (byte) => alphabet[byte % 32]).join("")}`
