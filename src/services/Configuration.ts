/**
 * The settings as they are in force here, and who said each of them.
 */
import { Context, Layer } from "effect"
import { defaultSettings, type SettingName, settingNames, type Settings } from "../domain/Settings.ts"

/** Where a setting was said. From the weakest to the strongest. */
export type Origin =
  | { readonly kind: "default" }
  /** By the program that composes the pool. */
  | { readonly kind: "program" }
  | { readonly kind: "user file" | "project file" | "variable" | "flag"; readonly name: string }

export const formatOrigin = (origin: Origin): string =>
  origin.kind === "default" || origin.kind === "program" ? origin.kind : `${origin.kind} ${origin.name}`

export class Configuration extends Context.Service<Configuration, {
  /** Paths in it are absolute. */
  readonly settings: Settings
  readonly origins: { readonly [Name in SettingName]: Origin }
  /** Directory of the project that this is about. */
  readonly project: string
  /** The settings files that there are, the weakest first. */
  readonly files: ReadonlyArray<string>
}>()("claude-pool/services/Configuration") {
  /** The defaults, but for `settings`: for programs that compose the pool, and for tests. */
  static readonly layer = (settings: Partial<Settings> = {}, project = "."): Layer.Layer<Configuration> =>
    Layer.succeed(this, {
      settings: { ...defaultSettings, ...settings },
      origins: Object.fromEntries(
        settingNames.map((name) => [name, { kind: name in settings ? "program" : "default" }])
      ) as Configuration["Service"]["origins"],
      project,
      files: []
    })
}
