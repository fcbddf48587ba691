/**
 * What a killed pool has left behind in its store: processes that carry the marks that its slots have noted, and the
 * directories of those slots. The marks are this store's own, so no other pool's processes are touched.
 */
import { Effect, FileSystem, Path } from "effect"
import { Processes } from "../Processes.ts"
import { isMarker, noteName } from "./Marker.ts"
import { sweepMarked } from "./Sweep.ts"

/**
 * To be done by the owner of the store before it opens anything in there, whatever held the last pool's processes: that
 * may have been less than holds this one's. Takes a millisecond where nothing is left, and never fails.
 */
export const sweepLeftovers = Effect.fn("sweepLeftovers")(function*(slots: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const processes = yield* Processes

  const markerOf = (name: string) =>
    fs.readFileString(path.join(slots, name, noteName)).pipe(
      Effect.map((marker) => isMarker(marker) ? [{ name, marker }] : []),
      Effect.orElseSucceed(() => [])
    )
  const names = yield* Effect.orElseSucceed(fs.readDirectory(slots), () => [])
  const notes = (yield* Effect.forEach(names, markerOf)).flat()
  if (notes.length === 0) return

  // One look for all of them: as a rule the kernel or the reaper has ended everything.
  const usages = yield* processes.usage(notes.map(({ marker }) => marker))
  yield* Effect.forEach(notes, ({ marker, name }, at) =>
    Effect.gen(function*() {
      const isClean = usages[at]?.processes === 0 || (yield* sweepMarked(processes, marker, 2))
      if (isClean) yield* Effect.ignore(fs.remove(path.join(slots, name), { recursive: true, force: true }))
      else yield* Effect.logWarning(`processes of a pool that was killed are still there: ${name}`)
    }), { discard: true, concurrency: "unbounded" })
})
