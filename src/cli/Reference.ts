/**
 * The tables of the README, made from the data that the program itself runs on. `npm run docs` puts them in.
 */
import { flagOf, formatSetting, keyOf, settingNames, settingsTable, usersOwn, variableOf } from "../domain/Settings.ts"
import { exitCodes } from "./ExitCode.ts"

const escape = (cell: string): string => cell.replaceAll("|", "\\|")

export const markdownTable = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [header, header.map(() => "---"), ...rows].map((row) => `| ${row.map(escape).join(" | ")} |`).join("\n")

export const code = (text: string): string => `\`${text}\``

const settingsTableText = (): string =>
  markdownTable(
    ["key in a file", "flag", "variable", "value", "default", "meaning"],
    settingNames.map((name) => {
      const { allowed, description, initial } = settingsTable[name]
      const flag = code(`--${flagOf(name)}`)
      const initially = formatSetting(name, initial)
      return [
        code(keyOf(name)),
        flag,
        code(variableOf(name)),
        allowed,
        initially === "" ? "none" : code(initially),
        description
      ]
    })
  )

export const settingsReference = (): string => {
  const kept = [...usersOwn].map((name) => code(keyOf(name))).join(", ")
  return `${settingsTableText()}

A project's own file cannot say ${kept}: a repository that was cloned must not choose what runs, with which rights, for
how much, with how much of your machine, and what is thrown away.`
}

export const exitCodeReference = (): string =>
  markdownTable(["code", "meaning"], exitCodes.map(({ code, meaning }) => [String(code), meaning]))

/** What makes each table, by the name of its marks. */
export type References = Readonly<Record<string, () => string>>

export const ownReferences: References = {
  "settings": settingsReference,
  "exit-codes": exitCodeReference
}

/** The text, with each table between its marks as it should be. A text without the marks has lost them: null. */
export const withReferences = (readme: string, references: References): string | null =>
  Object.entries(references).reduce<string | null>((text, [name, render]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const start = text?.indexOf(open) ?? -1
    const end = text?.indexOf(close, start) ?? -1
    return text === null || start === -1 || end === -1
      ? null
      : `${text.slice(0, start)}${open}\n${render()}\n${text.slice(end)}`
  }, readme)
