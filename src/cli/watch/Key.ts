/**
 * A key as it was pressed: by its name, or as the character that it writes.
 */
import { Option, type Terminal } from "effect"
import { cleanText } from "../../domain/UntrustedText.ts"

export interface Key {
  /** `up`, `return`, `ctrl-c`, …; of a character that name is the character. */
  readonly name: string
  /** What it writes, where it writes something. */
  readonly text: string
}

const written = (input: string): string => {
  const text = cleanText(input)
  return text === "\n" || text === "\t" ? "" : text
}

export const keyOf = ({ input, key }: Terminal.UserInput): Key => {
  if (key.ctrl) return { name: `ctrl-${key.name}`, text: "" }
  const text = key.meta ? "" : written(Option.getOrElse(input, () => ""))
  return { name: text === "" || key.name === "space" ? key.name : text, text }
}
