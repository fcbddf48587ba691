/**
 * Who the slots are: a role, by which tasks choose among them, what people call them, and what tasks are given there
 * that do not say it themselves.
 */
import { Array, Schema, Struct } from "effect"
import { Permissions } from "./Permissions.ts"
import { SlotId } from "./SlotId.ts"

const Role = Schema.String.check(
  Schema.isPattern(/^[^\s*,](?:[^*,\n]{0,98}[^\s*,])?$/, {
    expected: "a role of at most 100 characters without commas and asterisks"
  })
)

/** The most slots that a pool can have. */
export const mostSlots = 64

const fields = {
  role: Role,
  name: Schema.NonEmptyString.check(Schema.isMaxLength(100)),
  description: Schema.NonEmptyString.check(Schema.isMaxLength(1000)),
  /** The model of tasks that name none. */
  model: Schema.NonEmptyString,
  /** What workers may do here where the task does not say. */
  permissions: Permissions,
  /** Absolute path of the directory in which tasks work that name none. */
  cwd: Schema.NonEmptyString
}

/** What one slot is; empty: nobody in particular. */
export const SlotSettings = Schema.Struct(fields).mapFields(Struct.map(Schema.optionalKey))
export type SlotSettings = typeof SlotSettings.Type

/** What is changed of a slot; null: it has that no longer. */
export const SlotChange = Schema.Struct(fields).mapFields(Struct.map(Schema.NullOr)).mapFields(
  Struct.map(Schema.optionalKey)
)
export type SlotChange = typeof SlotChange.Type

export const SlotProfile = Schema.Struct({
  ...SlotSettings.fields,
  /** How many slots are such; one, where nothing is said. */
  count: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostSlots })))
})
export type SlotProfile = typeof SlotProfile.Type

/** A place in the pool: its number, and who the slot is that has it. */
export interface Seat {
  readonly id: SlotId
  readonly settings: SlotSettings
}

export const roleOf = ({ settings }: Pick<Seat, "settings">): string | null => settings.role ?? null

/** The slots that the profiles name, in the order of their numbers. */
const named = (profiles: ReadonlyArray<SlotProfile>): ReadonlyArray<SlotSettings> =>
  profiles.flatMap(({ count = 1, ...settings }) => Array.replicate(settings, count))

/** How many slots the profiles name. */
export const slotsNamed = (profiles: ReadonlyArray<SlotProfile>): number => named(profiles).length

/** So many seats: those beyond the profiles are nobody in particular. */
export const seatsOf = (profiles: ReadonlyArray<SlotProfile>, slots: number): ReadonlyArray<Seat> => {
  const all = named(profiles)
  return slots === 0 ? [] : Array.makeBy(slots, (index) => ({ id: SlotId.make(index + 1), settings: all[index] ?? {} }))
}

/** Who a slot is as it changes: what is null is taken away. */
export const changeSettings = (settings: SlotSettings, change: SlotChange): SlotSettings =>
  Object.fromEntries(Object.entries({ ...settings, ...change }).filter(([, value]) => value !== null))

/** One slot of each role, and one without: whichever role is asked for, there is one. */
export const oneOfEach = (profiles: ReadonlyArray<SlotProfile>): ReadonlyArray<SlotSettings> => {
  const firsts = Array.dedupeWith(named(profiles), (one, other) => one.role === other.role)
  return firsts.some(({ role }) => role === undefined) ? firsts : [...firsts, {}]
}

/** The profiles, each with its directory as it was meant where it was said. */
export const withDirectories = (
  profiles: ReadonlyArray<SlotProfile>,
  resolve: (directory: string) => string
): ReadonlyArray<SlotProfile> =>
  profiles.map((profile) => profile.cwd === undefined ? profile : { ...profile, cwd: resolve(profile.cwd) })

/** Every role that there is, once. */
export const rolesOf = (slots: ReadonlyArray<Pick<SlotSettings, "role">>): ReadonlyArray<string> =>
  Array.dedupe(slots.flatMap(({ role }) => role === undefined ? [] : [role]))
