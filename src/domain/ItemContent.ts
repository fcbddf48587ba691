/**
 * What an item of a group is known by: all that decides its answer, and nothing that does not. Work that is finished is
 * found again by it, in whatever order and under whatever name it is asked for.
 */
import { Struct } from "effect"
import type { FanOutItem } from "./FanOut.ts"

/** Names are for people, and money and time are limits: the same work may be asked for again with other ones. */
const beside = ["name", "tags", "budget", "timeout"] as const

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** JSON in which the names of an object stand in one order. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isRecord(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => one < other ? -1 : 1))
      : part)

/** A text that two items have in common where they ask for the same. */
export const itemContent = (item: FanOutItem): string => canonicalJson(Struct.omit(item, beside))
