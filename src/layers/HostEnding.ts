/**
 * Ends the host of a store from another process: by a signal, which every version understands, and only where the process
 * is seen to have that very store.
 */
import { Duration, Effect, FileSystem, Schedule } from "effect"
import { formatDuration, parseDuration } from "../domain/DurationText.ts"
import { PoolLost } from "../domain/EnvironmentFailure.ts"
import { fail } from "../domain/Failure.ts"
import type { HostNote } from "../domain/HostNote.ts"
import { Processes } from "../services/Processes.ts"
import * as MachineProcesses from "./MachineProcesses.ts"
import { sendSignal } from "./processes/ProcessTable.ts"
import type { StoreFiles } from "./store/StoreFiles.ts"
import { ownerOf } from "./store/StoreOwner.ts"

/** What it may need beyond the grace that it gives to its tasks. */
const ending = Duration.seconds(30)

const every = Duration.millis(25)

/** It owns the store by its lock, says so, and has its files open. */
const isOwner = Effect.fnUntraced(function*(files: StoreFiles, pid: number) {
  const fs = yield* FileSystem.FileSystem
  const processes = yield* Processes
  const owner = yield* ownerOf(files)
  if (owner._tag === "None" || owner.value.pid !== pid) return false
  const directory = yield* Effect.orElseSucceed(fs.realPath(files.directory), () => files.directory)
  return (yield* processes.inside(directory)).includes(pid)
})

/** What it may give to its tasks: as it was started with, or as is said here. */
export const graceOf = ({ settings }: HostNote, own: Duration.Duration): Duration.Duration =>
  Duration.max(own, parseDuration(settings?.["drainGrace"] ?? "") ?? own)

/** Asks it to end, and waits until it is gone: `grace` is what it gives to the tasks that run. */
export const endHost = Effect.fn("HostEnding.endHost")(
  function*(files: StoreFiles, pid: number, grace: Duration.Duration) {
    const processes = yield* Processes
    const started = yield* processes.startOf(pid)
    if (started === null || !(yield* isOwner(files, pid))) return
    yield* Effect.sync(() => sendSignal(pid, "SIGTERM"))
    const isThere = Effect.map(processes.startOf(pid), (start) => start === started)
    const within = Duration.sum(grace, ending)
    yield* Effect.repeat(isThere, { while: (there) => there, schedule: Schedule.spaced(every) }).pipe(
      Effect.timeoutOrElse({
        duration: within,
        orElse: () => fail(new PoolLost({ pid, detail: `it has not ended within ${formatDuration(within)}` }))
      })
    )
  },
  Effect.provide(MachineProcesses.layer)
)
