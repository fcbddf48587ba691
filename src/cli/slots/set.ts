/**
 * `claude-pool slots set <slot>`: changes who a slot of the running pool is.
 */
import { Effect, type Option, Path, Record as Records, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { fail, type Failure } from "../../domain/Failure.ts"
import { issueLines } from "../../domain/Issues.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { SlotId } from "../../domain/SlotId.ts"
import { SlotChange } from "../../domain/SlotProfile.ts"
import { Configuration } from "../../services/Configuration.ts"
import { Machine } from "../../services/Machine.ts"
import { Pool } from "../../services/Pool.ts"
import { show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { wholeSlotRows } from "../SlotLines.ts"
import { table } from "../Table.ts"
import { storeSettings } from "../TaskSettings.ts"
import { stdoutWidth } from "../Terminal.ts"

const none = "none"

const readSlot = (text: string): Effect.Effect<SlotId, Failure> => {
  const [, number] = /^(?:slot-)?([1-9]\d{0,5})$/.exec(text) ?? []
  return number === undefined
    ? fail(
      new InvalidRequest({
        issues: [`${JSON.stringify(text)} is not the name of a slot`],
        hint: "a slot is called slot-2; `claude-pool slots` shows those there are"
      })
    )
    : Effect.succeed(SlotId.make(Number(number)))
}

const field = (name: string, does: string) =>
  Flag.String(name).pipe(Flag.withDescription(`${does}; ${none} removes it (default: as it is)`), Flag.optional)

const fields = Records.keys(SlotChange.fields)

interface Said {
  readonly role: Option.Option<string>
  readonly name: Option.Option<string>
  readonly description: Option.Option<string>
  readonly cwd: Option.Option<string>
  readonly reset: ReadonlyArray<keyof SlotChange>
}

const decode = Schema.decodeUnknownEffect(SlotChange, { errors: "all" })

const readChange = Effect.fnUntraced(function*({ reset, ...said }: Said) {
  const path = yield* Path.Path
  const { cwd: here } = yield* Machine
  const { origins, settings } = yield* Configuration
  const given = Records.getSomes<string, string>({ ...said })
  const cwd = given["cwd"]
  // These two flags are the settings': said here, they can only mean the slot.
  const own = (["model", "permissions"] as const).filter((name) => origins[name].kind === "flag")
  const change: Record<string, unknown> = {
    ...Records.map(given, (text) => text === none ? null : text),
    ...(cwd === undefined || cwd === none ? {} : { cwd: path.resolve(here, cwd) }),
    ...Object.fromEntries(own.map((name) => [name, settings[name]])),
    ...Object.fromEntries(reset.map((name) => [name, null]))
  }
  if (Records.isEmptyRecord(change)) {
    return yield* fail(
      new InvalidRequest({
        issues: ["nothing is said that is to be changed"],
        hint: "name at least one of --role, --name, --description, --model, --permissions, --cwd and --reset"
      })
    )
  }
  return yield* Effect.mapError(
    decode(change),
    (error) =>
      fail(new InvalidRequest({ issues: [...issueLines(error)], hint: "roles and names are short texts in one line" }))
  )
})

export const slotsSet = Command.make(
  "set",
  {
    slot: Argument.String("slot").pipe(Argument.withDescription("Which slot: slot-2, or 2")),
    role: field("role", "By which tasks choose it"),
    name: field("name", "What people call it"),
    description: field("description", "What it is for"),
    cwd: field("cwd", "The directory of its tasks that name none"),
    reset: Flag.Literals("reset", fields).pipe(
      Flag.withDescription("What it has no longer; may be repeated (default: nothing)"),
      Flag.atLeast(0)
    )
  },
  Effect.fn(function*({ slot, ...said }) {
    const pool = yield* Pool
    const view = yield* pool.configureSlot(yield* readSlot(slot), yield* readChange(said))
    yield* show({ json: view, text: table(wholeSlotRows([view]), yield* stdoutWidth).join("\n") })
  })
).pipe(
  Command.withDescription("Change who a slot is, and what tasks get there, from its next task on until the pool ends"),
  Command.annotate(SettingsShown, {
    model: "The model of its tasks that name none; none removes it (default: as it is)",
    permissions: "What its tasks may do that do not say it (default: as it is)",
    ...storeSettings
  }),
  Command.withExamples([
    { command: "claude-pool slots set slot-2 --role reviewer --model opus" },
    { command: "claude-pool slots set 2 --role none --reset permissions", description: "It takes any task again" }
  ])
)
