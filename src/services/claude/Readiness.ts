/**
 * From a started process to one that is ready for its prompt; nothing is asked of the provider on the way.
 */
import { Clock, Duration, Effect, Schema } from "effect"
import { NotLoggedIn } from "../../domain/EnvironmentFailure.ts"
import { Failure } from "../../domain/Failure.ts"
import { HealthBounds } from "../../domain/HealthBounds.ts"
import type { Launch } from "../../domain/Launch.ts"
import { StartFailed } from "../../domain/WorkerFailure.ts"
import type { CliProcess } from "./CliProcess.ts"
import { poolServerName } from "./PoolTools.ts"

/** What of the answer to `initialize` is looked at. */
const Ready = Schema.Struct({
  account: Schema.optionalKey(Schema.Struct({
    tokenSource: Schema.optionalKey(Schema.NullOr(Schema.String)),
    apiKeySource: Schema.optionalKey(Schema.NullOr(Schema.String)),
    apiProvider: Schema.optionalKey(Schema.NullOr(Schema.String))
  }))
})

/**
 * Sends `initialize` and reads who the process is logged in as. `refusal` fails if the process ends its work before it
 * answers anything.
 */
export const becomeReady = Effect.fnUntraced(
  function*(process: CliProcess, launch: Launch, refusal: Effect.Effect<never, Failure>) {
    const readyWithin = (yield* HealthBounds).starting.hung
    const hello = process.request({
      subtype: "initialize",
      ...(launch.systemPrompt === undefined ? {} : { appendSystemPrompt: launch.systemPrompt }),
      ...(launch.mailbox === true ? { sdkMcpServers: [poolServerName] } : {})
    })
    const response = yield* Effect.raceFirst(hello, refusal).pipe(
      Effect.catchReason(
        "Failure",
        "WorkerLost",
        ({ detail }) => startFailed(detail, detail.startsWith("ended by a signal"))
      ),
      Effect.timeoutOrElse({
        duration: readyWithin,
        orElse: () => startFailed(`it was not ready after ${Duration.format(readyWithin)}`, true)
      })
    )
    if (response.subtype === "error") return yield* startFailed(response.error ?? "it refused to initialize", false)
    const { account } = yield* Effect.orElseSucceed(
      Schema.decodeUnknownEffect(Ready)(response.response ?? {}),
      (): typeof Ready.Type => ({})
    )
    const isFirstParty = account?.apiProvider == null || account.apiProvider === "firstParty"
    if (isFirstParty && account?.tokenSource === "none" && account.apiKeySource == null) {
      return yield* new Failure({ reason: new NotLoggedIn({ status: null, detail: "it has no key and no token" }) })
    }
  }
)

/** Lets a process go whose login is about to end, if it is still unused by then: a new one gets a new login. */
export const retire = Effect.fnUntraced(
  function*(process: CliProcess, isUnused: Effect.Effect<boolean>, expiresAt: number) {
    const left = expiresAt - (yield* Clock.currentTimeMillis) - retireBefore
    // One that cannot be refreshed is tried as it is: the provider says whether it still works.
    if (left <= 0) return
    yield* Effect.sleep(Math.min(left, longestTimer))
    if (yield* isUnused) yield* process.close
  }
)

const retireBefore = 5 * 60_000

/** What a timer can hold. */
const longestTimer = 2 ** 31 - 1

export const startFailed = (detail: string, transient: boolean) =>
  new Failure({ reason: new StartFailed({ detail: detail.slice(0, 500), transient }) })
