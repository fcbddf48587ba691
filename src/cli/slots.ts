/**
 * `claude-pool slots`: the slots of the pool that runs, each with what it does and how it is.
 */
import { Effect, Option, Record } from "effect"
import { Command, Flag } from "effect/cli"
import { SlotView } from "../domain/PoolView.ts"
import { Pool } from "../services/Pool.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { wholeSlotRows } from "./SlotLines.ts"
import { table } from "./Table.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"

export const slots = Command.make(
  "slots",
  {
    role: Flag.String("role").pipe(Flag.withDescription("Only slots of this role (default: any)"), Flag.optional),
    name: Flag.String("name").pipe(Flag.withDescription("Only slots of this name (default: any)"), Flag.optional),
    states: Flag.Literals("state", SlotView.fields.state.literals).pipe(
      Flag.withDescription("Only slots in this state; may be repeated (default: any)"),
      Flag.atLeast(0)
    )
  },
  Effect.fn(function*({ name, role, states }) {
    const pool = yield* Pool
    const filter = { ...Record.getSomes({ name, role }), ...(states.length === 0 ? {} : { states }) }
    const reply = yield* pool.slots(filter)
    yield* show({ json: reply, text: table(wholeSlotRows(reply.slots), yield* stdoutWidth).join("\n") })
    const isFiltered = [name, role].some(Option.isSome) || states.length > 0
    yield* note(isFiltered ? `${reply.slots.length} of these; the pool has ${reply.target}` : `${reply.target} in all`)
  })
).pipe(
  Command.withDescription("List the slots of the pool that runs: who they are, what they do, and how they are"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool slots", description: "With memory, restarts, and why one rests" },
    { command: "claude-pool slots --role reviewer --state idle" }
  ])
)
