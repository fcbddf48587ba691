/**
 * The number of a slot, from 1. People read it as `slot-1`.
 */
import { type Option, Schema } from "effect"

export const SlotId = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).pipe(Schema.brand("SlotId"))
export type SlotId = typeof SlotId.Type

/** As people write it: `slot-2`. */
export const formatSlotId = (id: SlotId): string => `slot-${id}`

const decode = Schema.decodeOption(SlotId)

/** What `formatSlotId` has written. */
export const parseSlotId = (text: string): Option.Option<SlotId> => decode(Number(/^slot-([1-9]\d*)$/.exec(text)?.[1]))
