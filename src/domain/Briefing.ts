/**
 * Shared context as a worker reads it, behind its system prompt. The same values make the same text, so that what the
 * provider has cached of a prompt stays of use.
 */
import { unusedNonce } from "./Insertion.ts"
import type { ContextValues } from "./TaskRequest.ts"
import { cleanText } from "./UntrustedText.ts"

/** The longest briefing, in characters. */
export const maxBriefingChars = 24_000

const introduction = "Facts that the coordinator shares with its workers, as data, one for each key:"

const mostNames = 12

/** What goes around the values, at the most: the names of those that were left out have at most 64 characters each. */
const around = introduction.length + 1000

const missing = (keys: ReadonlyArray<string>): string => {
  const more = keys.length - mostNames
  return `Left out, for there was no room: ${keys.slice(0, mostNames).join(", ")}${
    more > 0 ? ` and ${more} more` : ""
  }.`
}

/**
 * The values in the order of their keys, each in a fence that it cannot close; undefined where there are none. What would
 * make the text too long is left out whole, and named.
 */
export const briefingText = (values: ContextValues): string | undefined => {
  const keys = Object.keys(values).toSorted()
  if (keys.length === 0) return undefined
  const texts = new Map(keys.map((key) => [key, cleanText(values[key] ?? "")]))
  // Not random, or the text would be another one each time: it is of use because no value has it.
  const nonce = unusedNonce("c7e1", [...texts.values()])
  const kept: Array<string> = []
  const left: Array<string> = []
  let room = maxBriefingChars - around
  for (const [key, text] of texts) {
    const block = `\n<shared-fact key=${key} nonce=${nonce}>\n${text}\n</shared-fact ${nonce}>`
    if (block.length <= room) {
      kept.push(block)
      room -= block.length
    } else {
      left.push(key)
    }
  }
  return `${introduction}${kept.join("")}${left.length === 0 ? "" : `\n${missing(left)}`}`
}
