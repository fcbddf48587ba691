/**
 * Who the slots are: a role, by which tasks choose among them, and what people call them.
 */
import { Array, Schema } from "effect"

const Role = Schema.String.check(
  Schema.isPattern(/^[^\s*,](?:[^*,\n]{0,98}[^\s*,])?$/, {
    expected: "a role of at most 100 characters without commas and asterisks"
  })
)

/** The most slots that a pool can have. */
export const mostSlots = 64

export const SlotProfile = Schema.Struct({
  role: Role,
  name: Schema.optionalKey(Schema.NonEmptyString.check(Schema.isMaxLength(100))),
  description: Schema.optionalKey(Schema.NonEmptyString.check(Schema.isMaxLength(1000))),
  /** How many slots are such; one, where nothing is said. */
  count: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostSlots })))
})
export type SlotProfile = typeof SlotProfile.Type

/** What one slot is; null: nobody in particular. */
export type SlotIdentity = Pick<SlotProfile, "role" | "name" | "description"> | null

/** The slots that the profiles name, in the order of their numbers. */
const named = (profiles: ReadonlyArray<SlotProfile>): ReadonlyArray<SlotIdentity> =>
  profiles.flatMap(({ count = 1, ...identity }) => Array.replicate(identity, count))

/** How many slots the profiles name. */
export const slotsNamed = (profiles: ReadonlyArray<SlotProfile>): number => named(profiles).length

/** Who each of so many slots is: those beyond the profiles are nobody in particular. */
export const identitiesOf = (profiles: ReadonlyArray<SlotProfile>, slots: number): ReadonlyArray<SlotIdentity> => {
  const all = named(profiles)
  return Array.makeBy(slots, (index) => all[index] ?? null)
}

/** Every role that there is, once. */
export const rolesOf = (profiles: ReadonlyArray<SlotProfile>): ReadonlyArray<string> =>
  Array.dedupe(profiles.map(({ role }) => role))
