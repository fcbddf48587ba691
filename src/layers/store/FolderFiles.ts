/**
 * What lies in a store's directory beside the database, by name and size: the journal, the slots' directories, and the
 * transcripts of sessions.
 */
import { Effect, FileSystem, Option, Path } from "effect"
import type { StoreFolder, TranscriptFile } from "../../services/store/StoreFolder.ts"
import type { StoreFiles } from "./StoreFiles.ts"

const extension = ".jsonl"

/** How many files are looked at at once. */
const concurrency = 16

const sum = (infos: ReadonlyArray<{ readonly bytes: number }>): number =>
  infos.reduce((all, { bytes }) => all + bytes, 0)

export const folderFiles = Effect.fn("FolderFiles.make")(function*(files: StoreFiles) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  // What is gone by now, or cannot be looked at, has no size and no name.
  const entries = (directory: string, recursive = false) =>
    Effect.orElseSucceed(fs.readDirectory(directory, { recursive }), () => [])
  const look = (file: string) =>
    Effect.orElseSucceed(
      Effect.map(fs.stat(file), (info) => ({
        isDirectory: info.type === "Directory",
        bytes: Number(info.size),
        modifiedAt: Option.match(info.mtime, { onNone: () => Infinity, onSome: (time) => time.getTime() })
      })),
      () => ({ isDirectory: false, bytes: 0, modifiedAt: Infinity })
    )

  const within = Effect.fnUntraced(function*(directory: string) {
    const names = yield* entries(directory, true)
    return yield* Effect.forEach(names, (name) => look(path.join(directory, name)), { concurrency })
  })

  const transcript = Effect.fnUntraced(function*(project: string, name: string) {
    const file = path.join(project, name)
    const info = yield* look(file)
    const inner = info.isDirectory ? yield* within(file) : []
    return {
      session: name.endsWith(extension) ? name.slice(0, -extension.length) : name,
      path: file,
      bytes: info.bytes + sum(inner),
      modifiedAt: Math.max(info.modifiedAt, ...inner.map(({ modifiedAt }) => modifiedAt))
    } satisfies TranscriptFile as TranscriptFile
  })

  const sessions = path.join(files.directory, "sessions")
  const transcripts = Effect.gen(function*() {
    const projects = yield* entries(sessions)
    const found = yield* Effect.forEach(projects, (name) => {
      const project = path.join(sessions, name)
      return Effect.flatMap(
        entries(project),
        (names) => Effect.forEach(names, (name) => transcript(project, name), { concurrency })
      )
    })
    return found.flat()
  })

  return {
    otherBytes: Effect.gen(function*() {
      const journal = yield* look(`${files.database}-wal`)
      return { journal: journal.bytes, others: sum(yield* within(path.join(files.directory, "slots"))) }
    }),
    transcripts,
    remove: (paths) =>
      Effect.map(
        Effect.forEach(paths, (one) => Effect.isSuccess(fs.remove(one, { recursive: true })), { concurrency }),
        (removed) => removed.filter(Boolean).length
      )
  } satisfies StoreFolder as StoreFolder
})
