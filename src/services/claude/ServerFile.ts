/**
 * The MCP servers of a worker, as a file that only its user can read: their settings may hold secrets.
 */
import { Effect, FileSystem, Path } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { Launch } from "../../domain/Launch.ts"
import { StartFailed } from "../../domain/WorkerFailure.ts"
import type { SlotHome } from "../ClaudeCli.ts"

/** Its path, or null where the worker has no servers. It goes away with the scope. */
export const serverFile = Effect.fnUntraced(function*(launch: Launch, home: SlotHome) {
  if (Object.keys(launch.mcpServers ?? {}).length === 0) return null
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const write = Effect.gen(function*() {
    const directory = yield* fs.makeTempDirectoryScoped({ directory: home.temporary, prefix: "mcp-" })
    const file = path.join(directory, "servers.json")
    yield* fs.writeFileString(file, JSON.stringify({ mcpServers: launch.mcpServers }), { mode: 0o600 })
    return file
  })
  return yield* Effect.mapError(
    write,
    (error) => new Failure({ reason: new StartFailed({ detail: error.message, transient: false }) })
  )
})
