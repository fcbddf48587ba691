/**
 * `pool://config`: the settings in force, and who said them, as JSON. What an address may carry to log in with is not in
 * it.
 */
import { encodeSetting, keyOf, type SettingName, settingNames, type Settings } from "../../domain/Settings.ts"
import { type Configuration, formatOrigin } from "../../services/Configuration.ts"

export type Settled = Pick<Configuration["Service"], "settings" | "origins">

/** Without the user, the password and the parameters of a URL. */
const withoutSecrets = (url: string): string => url.replace(/\/\/[^/?#]*@/u, "//").replace(/[?#].*$/u, "")

const shown = (settings: Settings, name: SettingName) => {
  const value = encodeSetting(name, settings[name])
  return name === "otlp" && typeof value === "string" ? withoutSecrets(value) : value
}

export const configText = ({ origins, settings }: Settled): string =>
  JSON.stringify(
    Object.fromEntries(
      settingNames.map((name) => [
        keyOf(name),
        { value: shown(settings, name), origin: formatOrigin(origins[name]) }
      ])
    )
  )
