/**
 * The calls of a pool about groups and chains: wholes that are made of tasks.
 */
import { Effect } from "effect"
import type { ResumeOptions, RetryOptions } from "../../domain/CallOptions.ts"
import type { ChainRequest } from "../../domain/ChainDefinition.ts"
import type { ChainId } from "../../domain/ChainId.ts"
import type { ChainView } from "../../domain/ChainView.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { FanOutItem, FanOutOptions } from "../../domain/FanOut.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { GroupView, RetryReply } from "../../domain/GroupView.ts"
import { isChainId, isGroupId, type WorkId } from "../../domain/WorkId.ts"
import { Chains } from "../Chains.ts"
import { FanOut } from "../FanOut.ts"
import type { makeTaskCalls } from "./TaskCalls.ts"
import type { Views } from "./Views.ts"

const callerLeft = "the caller went away"

export const makeWholeCalls = Effect.fnUntraced(function*(
  views: Views,
  taskCalls: Effect.Success<ReturnType<typeof makeTaskCalls>>
) {
  const fanOut = yield* FanOut
  const chains = yield* Chains

  const startGroup = Effect.fn("Pool.fanOut")((items: ReadonlyArray<FanOutItem>, options?: FanOutOptions) =>
    Effect.flatMap(fanOut.start(items, options), ({ id }) => views.group(id))
  )

  // Between the acceptance and the wait nothing is to be interrupted: what is accepted is waited for, or cancelled.
  const runFanOut = Effect.fn("Pool.runFanOut")((items: ReadonlyArray<FanOutItem>, options?: FanOutOptions) =>
    Effect.uninterruptibleMask((restore): Effect.Effect<GroupView, Failure> =>
      Effect.flatMap(fanOut.start(items, options), ({ id }) =>
        restore(fanOut.ended(id)).pipe(
          Effect.onInterrupt(() => Effect.ignore(fanOut.cancel(id, callerLeft))),
          Effect.andThen(views.group(id))
        ))
    )
  )

  const submitChain = Effect.fn("Pool.submitChain")((request: ChainRequest) =>
    Effect.flatMap(chains.submit(request), ({ id }) => views.chain(id))
  )

  const runChain = Effect.fn("Pool.runChain")((request: ChainRequest) =>
    Effect.uninterruptibleMask((restore): Effect.Effect<ChainView, Failure> =>
      Effect.flatMap(chains.submit(request), ({ id }) =>
        restore(chains.ended(id)).pipe(
          Effect.onInterrupt(() => Effect.ignore(chains.cancel(id, callerLeft))),
          Effect.andThen(views.chain(id))
        ))
    )
  )

  const resumeChain = Effect.fn("Pool.resumeChain")((id: ChainId, options?: ResumeOptions) =>
    Effect.andThen(chains.resume(id, options), views.chain(id))
  )

  const retry = Effect.fn("Pool.retry")(function*(
    id: WorkId,
    options: RetryOptions = {}
  ): Effect.fn.Return<RetryReply, Failure> {
    if (isGroupId(id)) return yield* fanOut.retry(id, options)
    if (isChainId(id)) {
      // Foreseen: once it goes on, what was skipped and stays so looks like what is run again.
      const { steps } = yield* chains.forecast({ id })
      yield* chains.resume(id, options)
      const kept = steps.filter(({ reused }) => reused).length
      return { id, rerun: steps.length - kept, kept }
    }
    return { id: (yield* taskCalls.retry(id, options)).id, rerun: 1, kept: 0 }
  })

  return {
    fanOut: startGroup,
    runFanOut,
    submitChain,
    runChain,
    resumeChain,
    retry,
    refan: Effect.fn("Pool.refan")((id: GroupId, items: ReadonlyArray<FanOutItem>, options?: RetryOptions) =>
      fanOut.refan(id, items, options)
    ),
    forecast: chains.forecast
  }
})
