/**
 * The transcripts of sessions, which the CLI writes as it works: what is left of a worker that was killed.
 */
import { Context, DateTime, Effect, FileSystem, Layer, Option, Path, Stream } from "effect"
import { makeLineCutter, tooLong } from "../../domain/LineBound.ts"
import { sumUsage } from "../../domain/ModelUsage.ts"
import type { SessionId } from "../../domain/SessionId.ts"
import type { Transcript, TranscriptSize } from "../../domain/Transcript.ts"
import { makeReading, type ReadingOptions } from "./TranscriptReading.ts"

/** The longest line that is read, in bytes: a longer one is no answer of a model, and is let go of. */
const longestLine = 8 * 2 ** 20

/** A session's name becomes that of a file. */
const isName = /^[\w-]{1,100}$/

export class Transcripts extends Context.Service<Transcripts, {
  /** Cheap: nothing of it is read. Null: there is none. */
  readonly size: (session: SessionId) => Effect.Effect<TranscriptSize | null>
  /** Null: there is none, or it cannot be read. `from`: only what was written since counts. */
  readonly read: (session: SessionId, from?: DateTime.Utc) => Effect.Effect<Transcript | null>
}>()("claude-pool/services/claude/Transcripts") {
  static readonly layer = (options: { readonly sessions: string }) =>
    Layer.suspend(() => Layer.effect(this, makeTranscripts(options.sessions)))
}

/** `sessions` is the directory in which the CLI makes one for each working directory. */
export const makeTranscripts = Effect.fnUntraced(function*(sessions: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const entriesOf = (directory: string) => Effect.orElseSucceed(fs.readDirectory(directory), () => [])

  const locate = Effect.fnUntraced(function*(session: SessionId) {
    if (!isName.test(session)) return null
    const files = (yield* entriesOf(sessions)).map((directory) => path.join(sessions, directory, `${session}.jsonl`))
    const found = yield* Effect.findFirst(files, (file) => Effect.orElseSucceed(fs.exists(file), () => false))
    return Option.getOrNull(found)
  })

  const measure = (file: string) =>
    Effect.map(fs.stat(file), ({ mtime, size }): TranscriptSize => ({
      bytes: Number(size),
      modifiedAt: Option.match(mtime, {
        onNone: () => DateTime.makeUnsafe(0),
        onSome: (date) => DateTime.fromDateUnsafe(date)
      })
    }))

  const readFile = Effect.fnUntraced(function*(file: string, options: ReadingOptions) {
    const reading = makeReading(options)
    const cutter = makeLineCutter(longestLine)
    const take = () => {
      for (let line = cutter.next(); line !== undefined; line = cutter.next()) {
        if (line !== tooLong) reading.take(line)
      }
    }
    yield* Stream.runForEach(fs.stream(file), (chunk) =>
      Effect.sync(() => {
        cutter.push(chunk)
        take()
      }))
    cutter.end()
    take()
    return reading.found()
  })

  /** The CLI keeps those of a session in a directory beside it. */
  const readSubagents = Effect.fnUntraced(function*(file: string, from: DateTime.Utc | undefined) {
    const directory = path.join(file.replace(/\.jsonl$/, ""), "subagents")
    const files = (yield* entriesOf(directory)).filter((name) => name.endsWith(".jsonl"))
    return yield* Effect.forEach(files, (name) => readFile(path.join(directory, name), { from, isSubagent: true }))
  })

  const size = Effect.fn("Transcripts.size")(function*(session: SessionId) {
    const file = yield* locate(session)
    return file === null ? null : yield* Effect.orElseSucceed(measure(file), () => null)
  })

  const read = Effect.fn("Transcripts.read")(
    function*(session: SessionId, from?: DateTime.Utc): Effect.fn.Return<Transcript | null> {
      const file = yield* locate(session)
      if (file === null) return null
      return yield* Effect.gen(function*() {
        const found = yield* readFile(file, { from, isSubagent: false })
        const subagents = yield* readSubagents(file, from)
        return {
          session,
          ...(yield* measure(file)),
          ...found,
          usage: sumUsage([found, ...subagents].flatMap(({ usage }) => usage)),
          isWhole: [found, ...subagents].every(({ isWhole }) => isWhole),
          toolCalls: [found, ...subagents].reduce((sum, { toolCalls }) => sum + toolCalls, 0)
        }
      }).pipe(
        Effect.catch((error) => Effect.as(Effect.logWarning(`a transcript cannot be read: ${error.message}`), null))
      )
    }
  )

  return { size, read } satisfies Transcripts["Service"]
})
