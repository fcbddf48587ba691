/**
 * `claude-pool chain resume <id>`: takes up a chain again that has ended.
 */
import { Effect, Option, Record } from "effect"
import { Command, Flag } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { readUsd } from "../Amount.ts"
import { attend, noteLeft } from "../Attended.ts"
import { showForecast } from "../ChainRun.ts"
import { show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { exitAs, showOutcome } from "../Outcome.ts"
import { dryRunFlag } from "../PlanFlags.ts"
import { detachFlag } from "../TaskFlags.ts"
import { poolSettings } from "../TaskSettings.ts"
import { chainIdArgument, readChainId } from "../WorkIds.ts"

export const chainResume = Command.make(
  "resume",
  {
    id: chainIdArgument,
    from: Flag.String("from").pipe(
      Flag.withMetavar("step"),
      Flag.withDescription("Run this step and all after it again, done or not (default: only what is not done)"),
      Flag.optional
    ),
    budgetUsd: Flag.String("budget-usd").pipe(
      Flag.withMetavar("usd"),
      Flag.withDescription("What the whole chain may cost from now on (default: what it was given)"),
      Flag.optional
    ),
    dryRun: dryRunFlag,
    detach: detachFlag
  },
  Effect.fn(function*({ budgetUsd, detach, dryRun, from, ...input }) {
    const pool = yield* Pool
    const id = yield* readChainId(input.id)
    const step = Record.getSomes({ from })
    if (dryRun) return yield* showForecast(yield* pool.forecast({ id, ...step }))
    const start = pool.resumeChain(id, {
      ...step,
      ...(Option.isNone(budgetUsd) ? {} : { budget: yield* readUsd("--budget-usd")(budgetUsd.value) })
    })
    if (detach) {
      yield* show({ json: yield* start, text: id })
      return yield* noteLeft("taken up again", id)
    }
    const { outcome } = yield* attend(start)
    yield* showOutcome(outcome, "answer")
    yield* exitAs(outcome)
  })
).pipe(
  Command.withDescription("Take up a chain again that has ended; what is done is not run again"),
  Command.annotate(SettingsShown, poolSettings),
  Command.withExamples([
    { command: "claude-pool chain resume c_0123456789abcdef", description: "From where it ended" },
    { command: "claude-pool chain resume c_0123456789abcdef --from build --budget-usd 10" }
  ])
)
