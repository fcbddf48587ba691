/**
 * What happens in the pool, as log messages of the protocol: for a client that has said from which level on it wants them.
 */
import { type LoggingLevel, LoggingLevelSchema, SetLevelRequestSchema } from "@modelcontextprotocol/sdk/types.js"
import { Effect, Stream } from "effect"
import { Pool } from "../../services/Pool.ts"
import { eventLine } from "../EventLine.ts"
import type { Serving } from "./Serving.ts"

const levels: ReadonlyArray<LoggingLevel> = LoggingLevelSchema.options

export const serveLogging = ({ follow, server }: Serving): void => {
  let from: LoggingLevel | undefined

  const isWanted = (level: LoggingLevel): boolean => from !== undefined && levels.indexOf(level) >= levels.indexOf(from)

  const send = (level: LoggingLevel, data: string) =>
    Effect.ignore(Effect.tryPromise(() => server.sendLoggingMessage({ level, logger: "claude-pool", data })))

  const sendAll = Effect.flatMap(Pool, (pool) =>
    Stream.runForEach(pool.events, (event) => {
      const line = eventLine(event)
      return line === null || !isWanted(line.level) ? Effect.void : send(line.level, line.text)
    }))

  server.setRequestHandler(SetLevelRequestSchema, ({ params: { level } }) => {
    if (from === undefined) follow(sendAll)
    from = level
    return {}
  })
}
