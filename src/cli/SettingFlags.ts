/**
 * One flag for each setting, made from the table. They are read as text here and understood where all sources are.
 */
import { type Option, Record } from "effect"
import { Flag } from "effect/cli"
import {
  flagOf,
  formatSetting,
  type SettingName,
  settingNames,
  settingsTable,
  type SettingTexts
} from "../domain/Settings.ts"

type TextFlag = Flag.Flag<Option.Option<string>>

/** The setting's meaning and its default, for help. */
const describeSetting = (name: SettingName): string => {
  const { description, initial } = settingsTable[name]
  return `${description} (default: ${formatSetting(name, initial) || "none"})`
}

const flagFor = (name: SettingName): TextFlag => {
  const { choices, metavar } = settingsTable[name]
  const description = describeSetting(name)
  if (metavar === "boolean") {
    // With a value of its own, it does not take the word after it, which may be the prompt, for its value.
    return Flag.Boolean(flagOf(name)).pipe(
      Flag.withOptionalValue("true"),
      Flag.withDescription(description),
      Flag.map(String),
      Flag.optional
    )
  }
  return choices.length > 0
    ? Flag.Literals(flagOf(name), choices).pipe(Flag.withDescription(description), Flag.optional)
    : Flag.String(flagOf(name)).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)
}

export const settingFlags = Object.fromEntries(settingNames.map((name) => [name, flagFor(name)])) as {
  readonly [Name in SettingName]: TextFlag
}

/** What the flags on this command line say. */
export const settingTexts = (
  given: { readonly [Name in SettingName]: Option.Option<string> }
): SettingTexts => Record.getSomes(given)
