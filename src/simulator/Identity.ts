/**
 * Names and times that are the same in every run: hashes of what they stand for, and a clock that only counts.
 */
import { createHash } from "node:crypto"

export const digest = (...parts: ReadonlyArray<string | number>): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex")

/** In the shape of a random (version 4) UUID, because the CLI's own are. */
export const uuid = (...parts: ReadonlyArray<string | number>): string => {
  const hex = digest(...parts)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

const epoch = Date.UTC(2026, 0, 1)

/** The time of the n-th event: a second after the one before. */
export const timestamp = (index: number): string => new Date(epoch + index * 1000).toISOString()
