/**
 * The number of a slot, from 1. People read it as `slot-1`.
 */
import { Schema } from "effect"

export const SlotId = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).pipe(Schema.brand("SlotId"))
export type SlotId = typeof SlotId.Type

export const formatSlotId = (id: SlotId): string => `slot-${id}`
