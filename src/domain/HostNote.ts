/**
 * What a process that has a pool notes in its store: where it can be spoken to, and what it is. Only one of the same
 * version, with the same kind of workers, is spoken to.
 */
import { Schema } from "effect"

/** What a host is called among the owners of a store. */
export const hostName = "claude-pool serve"

export const HostNote = Schema.Struct({
  socket: Schema.String,
  pid: Schema.Int,
  version: Schema.String,
  simulate: Schema.Boolean,
  /** Whether it is there for the pool alone, and may be ended for a newer one. Absent: it is somebody's own process. */
  host: Schema.optionalKey(Schema.Boolean),
  since: Schema.optionalKey(Schema.String),
  /** The settings of the pool, by their names, as flags would say them. */
  settings: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
export type HostNote = typeof HostNote.Type

export const HostNoteText = Schema.fromJsonString(HostNote)

const numbersOf = (version: string): ReadonlyArray<number> =>
  (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? "").split(".").map(Number)

/** Whether the first version is above the second one, by their numbers. */
export const isNewer = (version: string, than: string): boolean => {
  const [ours, theirs] = [numbersOf(version), numbersOf(than)]
  const at = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index) => index)
    .find((index) => (ours[index] ?? 0) !== (theirs[index] ?? 0))
  return at !== undefined && (ours[at] ?? 0) > (theirs[at] ?? 0)
}
