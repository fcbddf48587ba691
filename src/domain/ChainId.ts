/**
 * The name of a chain: `c_…`.
 */
import { Schema } from "effect"
import { idOf, randomId } from "./RandomId.ts"

export const ChainId = idOf("c", "chain").pipe(Schema.brand("ChainId"))
export type ChainId = typeof ChainId.Type

/** An id made of random bytes. */
export const chainIdFrom = (bytes: Uint8Array): ChainId => ChainId.make(randomId("c", bytes))
