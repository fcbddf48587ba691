/**
 * The configuration, from all the places where settings can be said: flags over `CLAUDE_POOL_*` variables over the
 * project's file over the user's file over the defaults.
 */
import { Effect, Layer, Path } from "effect"
import type { Failure } from "../domain/Failure.ts"
import {
  defaultSettings,
  flagOf,
  keyOf,
  type SettingName,
  settingNames,
  type Settings,
  settingsTable,
  type SettingTexts,
  variableOf
} from "../domain/Settings.ts"
import { withDirectories } from "../domain/SlotProfile.ts"
import { didYouMean } from "../domain/Suggestion.ts"
import { markerVariable } from "../services/claude/Environment.ts"
import { Configuration, type Origin } from "../services/Configuration.ts"
import { Machine } from "../services/Machine.ts"
import { tokenVariable } from "./http/HttpToken.ts"
import { findProject } from "./settings/Project.ts"
import { readSetting, refuse, type Said } from "./settings/Said.ts"
import { readSettingsFile } from "./settings/SettingsFile.ts"
import { sizedSettings } from "./settings/Sizes.ts"
import { userDirectory } from "./settings/UserDirectory.ts"

const prefix = "CLAUDE_POOL_"
/** Not settings: what the pool itself hands to its simulator and to its workers, and what is secret. */
const reserved = ["CLAUDE_POOL_SIMULATOR", markerVariable, tokenVariable]

const readFlags = (flags: SettingTexts, cwd: string) =>
  Effect.forEach(
    settingNames.filter((name) => flags[name] !== undefined),
    (name) =>
      readSetting("text", name, flags[name], { origin: { kind: "flag", name: `--${flagOf(name)}` }, directory: cwd })
  )

const readVariables = (env: Machine["Service"]["env"], cwd: string) =>
  Effect.forEach(
    Object.entries(env).filter(([variable, value]) =>
      // An empty variable is how a shell says that there is none.
      variable.startsWith(prefix) && value !== undefined && value !== "" &&
      !reserved.some((start) => variable.startsWith(start))
    ),
    ([variable, value]) => {
      const place = { origin: { kind: "variable", name: variable }, directory: cwd } as const
      const name = settingNames.find((name) => variableOf(name) === variable)
      return name === undefined
        ? refuse(place, variable, "there is no such setting", didYouMean(variable, settingNames.map(variableOf)))
        : readSetting("text", name, value, place)
    }
  )

/** Asking for the simulator and for a CLI of one's own in the same breath: one of them is a mistake. */
const refuseContradiction = (said: ReadonlyArray<Said>): Effect.Effect<void, Failure> => {
  const simulate = said.find(({ name, value }) => name === "simulate" && value === true)
  const claude = said.find(({ name, value }) => name === "claude" && value !== null)
  return simulate === undefined || claude === undefined
    ? Effect.void
    : refuse(simulate, keyOf("simulate"), `contradicts ${keyOf("claude")}`, "leave one of the two out")
}

/** Absolute paths, as they were meant where they were said. */
const resolvePaths = (said: Said, home: string): Effect.Effect<Said, never, Path.Path> =>
  Effect.map(Path.Path, (path) => {
    const { name, value } = said
    const resolve = (written: string) =>
      written === "~" || written.startsWith("~/")
        ? path.join(home, written.slice(1))
        : path.resolve(said.directory, written)
    // It was read by the codec of that very setting.
    if (name === "slotProfiles") return { ...said, value: withDirectories(value as Settings["slotProfiles"], resolve) }
    const meaning = settingsTable[name].path
    if (meaning === null || typeof value !== "string") return said
    return meaning === "command" && !value.includes("/") && value !== "~" ? said : { ...said, value: resolve(value) }
  })

const make = (flags: SettingTexts) =>
  Effect.gen(function*() {
    const machine = yield* Machine
    const { cwd, env, home } = machine
    const path = yield* Path.Path
    const project = yield* findProject(cwd)

    const userFile = path.join(userDirectory(path, machine), "settings.json")
    const projectFile = path.join(project, ".claude-pool", "settings.json")

    const defaults: ReadonlyArray<Said> = settingNames.map((name) => ({
      name,
      value: defaultSettings[name],
      origin: { kind: "default" },
      directory: project
    }))
    const user = yield* readSettingsFile(userFile, {
      origin: { kind: "user file", name: userFile },
      directory: path.dirname(userFile)
    })
    const own = yield* readSettingsFile(projectFile, {
      origin: { kind: "project file", name: projectFile },
      directory: project
    })
    const sources = [user ?? [], own ?? [], yield* readVariables(env, cwd), yield* readFlags(flags, cwd)]
    yield* Effect.forEach(sources, refuseContradiction, { discard: true })

    const said = yield* Effect.forEach([...defaults, ...sources.flat()], (one) => resolvePaths(one, home))
    // Each value was read by its own setting's codec, and the defaults name every setting.
    const settings = Object.fromEntries(said.map(({ name, value }) => [name, value])) as unknown as Settings
    return {
      settings: yield* sizedSettings(settings, said),
      origins: Object.fromEntries(said.map(({ name, origin }) => [name, origin])) as Record<SettingName, Origin>,
      project,
      files: [...(user === null ? [] : [userFile]), ...(own === null ? [] : [projectFile])]
    }
  })

/** What the flags say comes from the command line; all else is looked for. */
export const layer = (flags: SettingTexts) => Layer.effect(Configuration, make(flags))
