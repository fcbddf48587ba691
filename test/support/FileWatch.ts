/**
 * Hears of what other processes write, wherever it is below a directory. Node's own recursive watch tells of a new file
 * before it listens to it, and never tells of what is written in between; a directory misses nothing of what is in it.
 */
import { Effect } from "effect"
import { type FSWatcher, readdirSync, watch } from "node:fs"
import { basename, join } from "node:path"

const foldersOf = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
      .map(({ name }) => join(directory, name))
  } catch {
    // It has gone in the meantime.
    return []
  }
}

/** Calls `see` now, and after each change; one change may be told of more than once. Answers with its end. */
const follow = (directory: string, see: () => void): () => void => {
  const watchers = new Map<string, FSWatcher>()

  const leave = (folder: string) => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }

  /** First the ear, then the look: a folder that comes after the look is heard. */
  const enter = (folder: string) => {
    if (watchers.has(folder)) return
    try {
      const watcher = watch(folder, (kind, name) => changed(folder, kind === "rename" && name === basename(folder)))
      watchers.set(folder, watcher.on("error", () => leave(folder)))
    } catch {
      // It has gone in the meantime.
      return
    }
    foldersOf(folder).forEach(enter)
  }

  const changed = (folder: string, isItself: boolean) => {
    // Another one may be in its place by now, of which this ear hears nothing.
    if (isItself) leave(folder)
    enter(folder)
    foldersOf(folder).forEach(enter)
    see()
  }

  enter(directory)
  see()
  return () => [...watchers.keys()].forEach(leave)
}

/** Waits until what lies below a directory is as it is looked for. */
const until = (directory: string, look: () => boolean): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const end: () => void = follow(directory, () => {
      // What is returned is done where nobody waits any more, and not once it is so.
      if (look()) resume(Effect.sync(() => end()))
    })
    return Effect.sync(end)
  })

export const FileWatch = { until }
