/**
 * `claude-pool scale <n>|+n|-n`: how many slots the running pool has.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import type { ScaleReply } from "../domain/PoolView.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { mostSlots } from "../domain/SlotProfile.ts"
import { Pool } from "../services/Pool.ts"
import { counted, someOf } from "./Count.ts"
import { show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { storeSettings } from "./TaskSettings.ts"

const call = (text: string): Effect.Effect<ScaleReply, Failure, Pool> =>
  Effect.flatMap(Pool, (pool) => {
    const [, sign, number] = /^([+-]?)(\d{1,4})$/.exec(text) ?? []
    const slots = Number(number)
    if (number === undefined || slots === 0) {
      return fail(
        new InvalidRequest({
          issues: [`${JSON.stringify(text)} is not a number of slots`],
          hint: `say how many there are to be (1 to ${mostSlots}), or how many more or less: +2, -1`
        })
      )
    }
    if (sign === "+") return pool.scaleUp(slots)
    return sign === "-" ? pool.scaleDown(slots) : pool.setTargetSlots(slots)
  })

export const scaleText = ({ before, draining, target }: ScaleReply): string =>
  `${counted(target, "slot")} now, ${before} before${
    draining.length === 0 ? "" : `; as soon as their tasks have ended: ${someOf(draining)} less`
  }`

export const scale = Command.make(
  "scale",
  {
    slots: Argument.String("slots").pipe(
      Argument.withDescription("How many: 8, or +2 more, or -2 less; within min_slots and max_slots of the pool")
    )
  },
  Effect.fn(function*({ slots }) {
    const reply = yield* call(slots)
    yield* show({ json: reply, text: scaleText(reply) })
  })
).pipe(
  Command.withDescription("Change how many slots the running pool has; idle ones go first, busy ones finish"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool scale 8" },
    { command: "claude-pool scale +2", description: "Two more than there are" },
    { command: "claude-pool scale -1" }
  ])
)
