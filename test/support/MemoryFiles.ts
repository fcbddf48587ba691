/**
 * A file system in memory, as far as chains use one. Nothing in it waits for a disk, so that time stands still with the
 * clock. Every path is a directory unless something else was put there, or it is below `/no`.
 */
import { Effect, FileSystem } from "effect"
import { dirname } from "node:path"

export interface MemoryFiles {
  readonly files: Map<string, string>
  readonly layer: ReturnType<typeof FileSystem.layerNoop>
}

/** `look` is told which paths were looked at. */
export const memoryFiles = (look: (path: string) => void = () => {}): MemoryFiles => {
  const files = new Map<string, string>()
  const directories = new Set<string>()

  const layer = FileSystem.layerNoop({
    stat: (path) =>
      Effect.sync(() => {
        look(path)
        return { type: path.startsWith("/no/") ? "File" : "Directory" } as FileSystem.File.Info
      }),
    realPath: Effect.succeed,
    exists: (path) => Effect.succeed(directories.has(path) || files.has(path)),
    makeDirectory: (path) =>
      Effect.sync(() => {
        for (let each = path; each !== "/"; each = dirname(each)) directories.add(each)
      }),
    writeFileString: (path, text) => Effect.sync(() => void files.set(path, text)),
    readDirectory: (path) =>
      Effect.sync(() =>
        [...files.keys(), ...directories].filter((each) => dirname(each) === path).map((each) =>
          each.slice(path.length + 1)
        )
      ),
    remove: (path) =>
      Effect.sync(() => {
        const isBelow = (each: string) => each === path || each.startsWith(`${path}/`)
        for (const each of files.keys()) if (isBelow(each)) files.delete(each)
        for (const each of directories) if (isBelow(each)) directories.delete(each)
      })
  })
  return { files, layer }
}
