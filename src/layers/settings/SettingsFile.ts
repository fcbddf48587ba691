/**
 * A settings file: a JSON object of keys and values. A file that cannot be read as that is refused as a whole.
 */
import { Effect, FileSystem, Predicate, Result } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { parseJson } from "../../domain/JsonText.ts"
import { keyOf, rightsIn, settingNames, type Settings, usersOwn, variableOf } from "../../domain/Settings.ts"
import { didYouMean } from "../../domain/Suggestion.ts"
import { type Place, readSetting, refuse, type Said } from "./Said.ts"

const keys = settingNames.map(keyOf)
const wholeFile = "the whole file"
const shape = `it must be a JSON object such as {"slots": 2}; the keys are ${keys.join(", ")}`

/** What comes with a project says which slots there are, and nothing about what may be done in them. */
const refuseRights = (said: Said): Effect.Effect<void, Failure> => {
  const found = said.name === "slotProfiles" && said.origin.kind === "project file"
    // It was read by the codec of that very setting.
    ? rightsIn(said.value as Settings["slotProfiles"])
    : []
  return found.length === 0 ? Effect.void : refuse(
    said,
    keyOf(said.name),
    `a project cannot say the ${found.join(" and ")} of a slot`,
    "put the whole setting into your own settings file, or configure the slots of a running pool"
  )
}

/** What the file says; null where there is none. */
export const readSettingsFile = (
  file: string,
  place: Place
): Effect.Effect<ReadonlyArray<Said> | null, Failure, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const text = yield* fs.readFileString(file).pipe(
      Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed(null)),
      Effect.mapError((error) =>
        refuse(place, wholeFile, `cannot be read: ${error.message}`, "make it readable, or remove it")
      )
    )
    if (text === null) return null

    const json = parseJson(text)
    if (Result.isFailure(json)) return yield* refuse(place, wholeFile, json.failure, shape)
    const entries = json.success
    if (!Predicate.isObject(entries)) return yield* refuse(place, wholeFile, "is not a JSON object", shape)

    return yield* Effect.forEach(Object.entries(entries), ([key, written]) => {
      const name = settingNames[keys.indexOf(key)]
      if (name === undefined) return refuse(place, key, "there is no such setting", didYouMean(key, keys))
      return place.origin.kind === "project file" && usersOwn.has(name)
        ? refuse(
          place,
          key,
          "a project cannot say this",
          `put it into your own settings file, or use ${variableOf(name)}`
        )
        : Effect.tap(readSetting("json", name, written, place), refuseRights)
    })
  })
