/**
 * What a reply costs the model that reads it, estimated on the safe side and without a tokenizer: of JSON and English three
 * and a half characters make a token, and of other scripts each one does.
 */
import type { Schema } from "effect"

const perToken = 3.5

const widthOf = (char: string): number => {
  if (char > "\u007f") return char.length
  // They are written with a mark before them.
  return (char === "\"" || char === "\\" || char < " " ? 2 : 1) / perToken
}

const widthOfText = (text: string): number => {
  let others = 0
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) others++
  return others + (text.length - others) / perToken
}

export const tokensOf = (value: Schema.Json): number => Math.ceil(widthOfText(JSON.stringify(value)))

/** As much of a text as costs at most so many tokens, with a mark where something is missing. */
export const capTokens = (text: string, max: number): string => {
  let width = 0
  let end = 0
  // Room for the mark, which is a token of its own, and for the quotes.
  const room = max - 2
  for (const char of text) {
    width += widthOf(char)
    if (width > room) return `${text.slice(0, end)}…`
    end += char.length
  }
  return text
}

/** The first ones that fit together into so many tokens. */
export const fitting = <A extends Schema.Json>(values: ReadonlyArray<A>, room: number): ReadonlyArray<A> => {
  let left = room
  const beyond = values.findIndex((value) => {
    left -= tokensOf(value) + 1
    return left < 0
  })
  return beyond === -1 ? values : values.slice(0, beyond)
}
