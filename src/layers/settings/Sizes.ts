/**
 * How many slots there are, and may be: what nobody has said makes room for what somebody has said, and what is said
 * twice has to agree.
 */
import { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { isWithin } from "../../domain/Permissions.ts"
import { flagOf, keyOf, type SettingName, type Settings } from "../../domain/Settings.ts"
import { slotsNamed } from "../../domain/SlotProfile.ts"
import { refuse, type Said } from "./Said.ts"

const sizes = ["slots", "minSlots", "maxSlots"] as const satisfies ReadonlyArray<SettingName>

const saidOf = (said: ReadonlyArray<Said>, names: ReadonlyArray<SettingName>): Said | undefined =>
  said.findLast(({ name, origin }) => names.includes(name) && origin.kind !== "default")

/** The settings with sizes that fit each other, as far as nobody has said them. */
const fitted = (settings: Settings, said: ReadonlyArray<Said>): Settings => {
  const isSaid = (name: SettingName) => saidOf(said, [name]) !== undefined
  const { maxSlots, minSlots } = settings
  const named = slotsNamed(settings.slotProfiles)
  const most = isSaid("maxSlots") ? maxSlots : Infinity
  const slots = isSaid("slots") ? settings.slots : Math.min(Math.max(settings.slots, minSlots), most)
  return {
    ...settings,
    slots,
    minSlots: isSaid("minSlots") ? minSlots : Math.min(minSlots, slots),
    maxSlots: isSaid("maxSlots") ? maxSlots : Math.max(maxSlots, slots, named)
  }
}

const refuseContradiction = (
  { maxSlots, minSlots, slots }: Settings,
  said: ReadonlyArray<Said>
): Effect.Effect<void, Failure> => {
  const place = saidOf(said, sizes)
  if (place === undefined || (slots >= minSlots && slots <= maxSlots)) return Effect.void
  const bounds = `${keyOf("minSlots")} ${minSlots} and ${keyOf("maxSlots")} ${maxSlots}`
  return refuse(
    place,
    keyOf(place.name),
    `${keyOf("slots")} ${slots} is not between ${bounds}`,
    `say numbers that agree: --${flagOf("minSlots")} is at most --${flagOf("slots")}, and that at most --${
      flagOf("maxSlots")
    }`
  )
}

/** Who is named among the slots has one to be. */
const refuseCrowd = ({ slotProfiles, slots }: Settings, said: ReadonlyArray<Said>): Effect.Effect<void, Failure> => {
  const named = slotsNamed(slotProfiles)
  const place = saidOf(said, ["slotProfiles"])
  return named <= slots || place === undefined
    ? Effect.void
    : refuse(
      place,
      keyOf("slotProfiles"),
      `they are for ${named} slots, and there are ${slots}`,
      `name fewer, or say ${keyOf("slots")} ${named} (--${flagOf("slots")} ${named})`
    )
}

/** No slot gives its tasks what no task may have. */
const refuseExcess = (
  { maxPermissions, slotProfiles }: Settings,
  said: ReadonlyArray<Said>
): Effect.Effect<void, Failure> => {
  const place = saidOf(said, ["slotProfiles"])
  const excess = slotProfiles.flatMap(({ permissions }) => permissions === undefined ? [] : [permissions])
    .find((permissions) => !isWithin(permissions, maxPermissions))
  return excess === undefined || place === undefined
    ? Effect.void
    : refuse(
      place,
      keyOf("slotProfiles"),
      `the permissions ${excess} of a slot are above ${keyOf("maxPermissions")} ${maxPermissions}`,
      `give the slot ${maxPermissions} or less`
    )
}

export const sizedSettings = (settings: Settings, said: ReadonlyArray<Said>): Effect.Effect<Settings, Failure> => {
  const sized = fitted(settings, said)
  return refuseContradiction(sized, said).pipe(
    Effect.andThen(refuseCrowd(sized, said)),
    Effect.andThen(refuseExcess(sized, said)),
    Effect.as(sized)
  )
}
