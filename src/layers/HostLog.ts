/**
 * What a host says, in a file of its store: bounded, when it is opened and while the host runs.
 */
import { Effect, Layer, Schedule } from "effect"
import { constants, fchmodSync, fstatSync, ftruncateSync, lstatSync, openSync } from "node:fs"
import { privateFile } from "./store/StoreFiles.ts"

/** Above this size the file is begun anew. */
export const longestLog = 2 ** 20

const lookEvery = "1 minute"

/** Not through a link: the directory may have come with the project. */
export const openLog = (log: string): number => {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants
  const file = openSync(log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, privateFile)
  const about = fstatSync(file)
  if (about.isFile()) {
    fchmodSync(file, privateFile)
    if (about.size > longestLog) ftruncateSync(file)
  }
  return file
}

/** A user who runs the host in a terminal, or into a file of his own, has what it says to himself. */
const bound = (log: string, descriptor: number) =>
  Effect.try(() => {
    const [own, there] = [fstatSync(descriptor), lstatSync(log)]
    const isIt = own.isFile() && own.ino === there.ino && own.dev === there.dev
    // Whoever writes to it appends: the next line is the first one.
    if (isIt && own.size > longestLog) ftruncateSync(descriptor)
  }).pipe(Effect.ignore)

/** For as long as the layer lives; `descriptor` is what this process writes to. */
export const layer = (log: string, descriptor = 2) =>
  Layer.effectDiscard(Effect.forkScoped(Effect.repeat(bound(log, descriptor), Schedule.spaced(lookEvery))))
