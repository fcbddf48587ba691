/**
 * The processes of this machine, as far as the pool has to know them: those that carry one of its markers, and those that
 * are in a directory that is to be put away.
 *
 * A process id alone says nothing: by the time that one is signalled, it may be another process's. So a process is named by
 * its id and the time at which it started, and is only ever signalled while it is still that one and still carries the
 * marker.
 */
import { Context, type Effect } from "effect"

/** One process, and no later one of the same id. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, as the kernel says it: compared, and never calculated with. */
  readonly startedAt: string
}

/** Of all processes of a marker together. */
export interface ProcessUsage {
  readonly processes: number
  /** Resident memory. */
  readonly rssBytes: number
  /** CPU time used so far by those that live now, in milliseconds. */
  readonly cpuMs: number
}

export class Processes extends Context.Service<Processes, {
  /** Those whose marker begins so; zombies are none. */
  readonly marked: (marker: string) => Effect.Effect<ReadonlyArray<ProcessIdentity>>
  /** False where it has ended, is another one by now, or does not carry the marker. */
  readonly signal: (it: ProcessIdentity, marker: string, signal: "SIGTERM" | "SIGKILL") => Effect.Effect<boolean>
  /** For each of the markers, in one look at the machine. */
  readonly usage: (markers: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<ProcessUsage>>
  /**
   * Those that work in a directory, or have a program or a file of it open: what can be read of them. A process of
   * somebody else's is not known to be inside.
   */
  readonly inside: (directory: string) => Effect.Effect<ReadonlyArray<number>>
  /** When that process started; null: there is none of that id. */
  readonly startOf: (pid: number) => Effect.Effect<string | null>
  readonly memory: Effect.Effect<{ readonly totalBytes: number; readonly availableBytes: number }>
}>()("claude-pool/services/Processes") {}
