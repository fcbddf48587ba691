/**
 * How long a call may wait before it answers with what there is. A wait that outlives its client is lost; one that ends
 * early costs one more call.
 */
import { Duration, Schema } from "effect"
import type { Call, Client } from "./Call.ts"

const longest = Duration.minutes(25)
/** Under the 60 seconds after which clients built on the SDK give a request up. */
const unknownClient = Duration.seconds(45)

/** Claude Code puts long calls into the background by itself, and gives them half an hour. */
export const waitLimitOf = (client: Client | undefined): Duration.Duration =>
  client?.name === "claude-code" ? longest : unknownClient

const mostSeconds = Duration.toSeconds(longest)

/** A bound that every client keeps is checked, and not told. */
export const WaitSeconds = Schema.Int.check(
  Schema.makeFilter((seconds) => (seconds >= 0 && seconds <= mostSeconds) || `must be between 0 and ${mostSeconds}`)
)

/** When the call answers at the latest: as asked, within what its client can bear. */
export const softDeadline = (asked: number | undefined, call: Call): Duration.Duration =>
  asked === undefined ? call.waitLimit : Duration.min(Duration.seconds(asked), call.waitLimit)
