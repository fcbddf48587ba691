/**
 * A command of a plan as the shell gets it. A variable of the plan is one of the shell's environment, and its value never a
 * part of the command's text: whatever is in it, it is no command.
 */
import type { Schema } from "effect"
import type { Template } from "./Template.ts"

/** `test-dir` is `CLAUDE_POOL_VAR_TEST_DIR`. */
export const shellName = (variable: string): string => `CLAUDE_POOL_VAR_${variable.toUpperCase().replaceAll("-", "_")}`

/** Texts as they are, all else as JSON. */
export const shellVariablesOf = (vars: { readonly [name: string]: Schema.Json }): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries(vars).map((
      [name, value]
    ) => [shellName(name), typeof value === "string" ? value : JSON.stringify(value)])
  )

/** What is open at a place in a command, innermost last: quotes, and commands in parentheses, which have quotes of their own. */
type Open = ReadonlyArray<"'" | "\"" | "(">

const openAfter = (open: Open, character: string, before: string): Open => {
  const inner = open.at(-1)
  if (inner === "'") return character === "'" ? open.slice(0, -1) : open
  if (character === "\"") return inner === "\"" ? open.slice(0, -1) : [...open, character]
  if (inner === "\"") return character === "(" && before === "$" ? [...open, character] : open
  if (character === "'" || character === "(") return [...open, character]
  return character === ")" && inner === "(" ? open.slice(0, -1) : open
}

/** What a text leaves open, after what was open before it. */
const readOn = (text: string, before: Open): Open => {
  let open = before
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && open.at(-1) !== "'") at++
    else open = openAfter(open, text[at]!, text[at - 1] ?? "")
  }
  return open
}

/**
 * Each reference to a variable becomes the shell's own. It is split into words unless there are quotes around it, as what
 * is written there would be; single quotes are left for it, for the shell knows no variables in them.
 */
export const shellCommand = (command: Template): string => {
  let open: Open = []
  return command.parts.map((part) => {
    if (typeof part === "string") {
      open = readOn(part, open)
      return part
    }
    if (part.root !== "vars") return `{${part.source}}`
    const variable = `\${${shellName(part.name)}}`
    return open.at(-1) === "'" ? `'"${variable}"'` : variable
  }).join("")
}
