/**
 * What `--help` shows, and how a mistake in the arguments is answered: briefly, on stderr.
 */
import { Console, Context, Effect, Option } from "effect"
import { CliError, CliOutput, type HelpDoc } from "effect/cli"
import { flagOf, type SettingName } from "../domain/Settings.ts"
import { nearest } from "../domain/Suggestion.ts"
import { Format } from "./Format.ts"
import { complain } from "./Reported.ts"
import { Styles } from "./Styles.ts"
import { table } from "./Table.ts"

/** The settings that matter to a command, among the many that it takes; with a meaning of its own, where it has one. */
export const SettingsShown = Context.Reference<{ readonly [Name in SettingName]?: string | true }>(
  "claude-pool/cli/SettingsShown",
  { defaultValue: () => ({}) }
)

/** With the meaning that it has here. */
const meaning = (flag: HelpDoc.FlagDoc, here: string | true): HelpDoc.FlagDoc =>
  here === true ? flag : { ...flag, description: Option.some(here) }

/** A boolean that may also be written `--flag=false` is a boolean like any other. */
const plainBoolean = (flag: HelpDoc.FlagDoc): HelpDoc.FlagDoc =>
  flag.type === "[=boolean]" ? { ...flag, type: "boolean" } : flag

/** Lists what matters as the command's own flags, and leaves the rest to the help of `claude-pool`. */
const withSettings = (doc: HelpDoc.HelpDoc): HelpDoc.HelpDoc => {
  const inherited = doc.inheritedFlags ?? []
  const wanted = Object.entries({ ...Context.get(doc.annotations, SettingsShown), json: true as const })
  const shown = wanted.flatMap(([name, here]) =>
    inherited.filter((flag) => flag.name === flagOf(name as SettingName)).map((flag) => meaning(flag, here))
  )
  return { ...doc, flags: [...doc.flags, ...shown].map(plainBoolean) }
}

/** `claude-pool` itself lists every setting, after its commands; the help of a command says where. */
const helpText = (doc: HelpDoc.HelpDoc, formatter: CliOutput.Formatter): string => {
  const { flags, ...rest } = withSettings(doc)
  const isWhole = (doc.inheritedFlags ?? []).length === 0
  if (!isWhole) {
    return `${
      formatter.formatHelpDoc({ ...rest, flags })
    }\n\nEvery command takes every setting: see \`claude-pool --help\``
  }
  const rows = flags.map(({ description, name, type }) => [
    `  --${name}${type === "boolean" ? "" : ` ${type}`}`,
    Option.getOrElse(description, () => "")
  ])
  return [formatter.formatHelpDoc({ ...rest, flags: [] }), "", "SETTINGS, for every command", ...table(rows, Infinity)]
    .join("\n")
}

const hintFor = (error: CliError.CliError | undefined, help: HelpDoc.HelpDoc, command: string): string => {
  const see = `see \`${command} --help\``
  switch (error?._tag) {
    case "UnexpectedArgument":
      return `put a text of several words in quotes; ${see}`
    case "UnrecognizedOption": {
      const known = [...help.flags, ...help.inheritedFlags ?? []].map(({ name }) => `--${name}`)
      const meant = nearest(error.option, known)
      if (meant !== null) return `did you mean ${meant}?; ${see}`
      return help.args === undefined ? see : `a text that begins with - goes after --; ${see}`
    }
    default:
      return see
  }
}

/** Its own suggestions do not know the settings: ours do, and are in the hint. */
const withoutSuggestions = (error: CliError.CliError): CliError.CliError =>
  error._tag === "UnrecognizedOption" ? new CliError.UnrecognizedOption({ ...error, suggestions: [] }) : error

const complainOf = (event: CliOutput.Presenter.InvalidInvocation, formatter: CliOutput.Formatter) =>
  Effect.gen(function*() {
    const message = event.errors.map((error) => formatter.formatCliError(withoutSuggestions(error))).join("\n")
    const hint = hintFor(event.errors[0], event.helpDoc, event.commandPath.join(" "))
    const format = yield* Format
    return yield* format === "json"
      ? Console.log(JSON.stringify({ error: { code: "InvalidRequest", message, hint, retryable: false } }))
      : complain({ message, hint })
  })

export const presenter: CliOutput.Presenter = {
  present: Effect.fnUntraced(function*(event) {
    const { colours } = yield* Styles
    const formatter = CliOutput.defaultFormatter({ colors: colours, inheritedFlags: "none", globalFlags: "none" })
    switch (event._tag) {
      case "Help":
        return yield* Console.log(helpText(event.helpDoc, formatter))
      case "Version":
        return yield* Console.log(formatter.formatVersion(event.name, event.version))
      case "InvalidInvocation":
        return yield* complainOf(event, formatter)
    }
  })
}
