/**
 * A process of its own that waits for a lock, says so when it has it, and holds it until it is killed.
 */
import { Effect } from "effect"
import { writeSync } from "node:fs"
import { lockFile } from "../../src/layers/RepositoryLock.ts"

const say = (word: string) => Effect.sync(() => writeSync(1, `${word}\n`))

await Effect.runPromise(
  Effect.scoped(
    say("waits").pipe(
      Effect.andThen(lockFile(process.argv[2]!)),
      Effect.andThen(say("holds")),
      // Standard input is open as long as whoever has started it is there.
      Effect.andThen(Effect.callback<void>((resume) => {
        process.stdin.on("end", () => resume(Effect.void)).resume()
      }))
    )
  )
)
