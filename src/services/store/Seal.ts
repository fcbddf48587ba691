/**
 * The seal of a text: what it was is seen again, or that it is not what it was. SQLite itself does not notice a flipped
 * byte in a row.
 */

/** 32 bits, FNV-1a: whatever changes a single character changes it, for certain; more than one, but for once in 2^32. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

const digits = 8

/** In JSON a line break stands nowhere but between its parts, and what is written here has none there. */
const separator = "\n"

const digitsOf = (text: string): string => hashOf(text).toString(16).padStart(digits, "0")

/** A text of one line, with its seal in a line of its own. */
export const seal = (text: string): string => `${text}${separator}${digitsOf(text)}`

/** The text without its seal; null where it is not what was sealed. What older programs wrote has none, and passes. */
export const unseal = (sealed: string): string | null => {
  const at = sealed.length - digits - 1
  if (sealed.charAt(at) !== separator) return sealed
  const text = sealed.slice(0, at)
  return digitsOf(text) === sealed.slice(at + 1) ? text : null
}
