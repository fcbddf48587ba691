/**
 * `claude-pool message send <to> <text>`.
 */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { parseDuration } from "../../domain/DurationText.ts"
import { fail, type Failure } from "../../domain/Failure.ts"
import { parseRecipient, type Recipient } from "../../domain/Recipient.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Pool } from "../../services/Pool.ts"
import { counted } from "../Count.ts"
import { note, show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { messageHeader, messageRow } from "../MessageLines.ts"
import { readSaidText } from "../SaidText.ts"
import { table } from "../Table.ts"
import { storeSettings } from "../TaskSettings.ts"
import { stdoutWidth } from "../Terminal.ts"

const refuse = (issue: string, hint: string): Failure => fail(new InvalidRequest({ issues: [issue], hint }))

const readRecipient = (said: string): Effect.Effect<Recipient, Failure> =>
  Option.match(parseRecipient(said), {
    onNone: () =>
      refuse(
        `${JSON.stringify(said)} is nobody that a message can go to`,
        "say slot-2, role:reviewer, t_0123456789abcdef or all"
      ),
    onSome: Effect.succeed
  })

const readExpiry = (said: string) => {
  const duration = parseDuration(said)
  return duration === null
    ? refuse(`--expires-after: ${JSON.stringify(said)} is not a duration`, "write it as 90s, 5m or 1h30m")
    : Effect.succeed({ expiresAfter: duration })
}

export const messageSend = Command.make(
  "send",
  {
    to: Argument.String("to").pipe(
      Argument.withDescription("Who it is for: slot-2, role:reviewer, a task's id, or all")
    ),
    text: Argument.String("text").pipe(
      Argument.withDescription("The message: a text, @file to take it from a file, or - to take it from stdin")
    ),
    expiresAfter: Flag.String("expires-after").pipe(
      Flag.withMetavar("duration"),
      Flag.withDescription("How long it waits for its reader (default: what the pool allows)"),
      Flag.optional
    )
  },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const to = yield* readRecipient(input.to)
    const expiry = Option.isNone(input.expiresAfter) ? {} : yield* readExpiry(input.expiresAfter.value)
    const sent = yield* pool.sendMessage(to, yield* readSaidText("the message", input.text), expiry)
    yield* show({ json: sent, text: table([messageHeader, ...sent.map(messageRow)], yield* stdoutWidth).join("\n") })
    yield* note(
      `${counted(sent.length, "message")}, kept until they are read; \`claude-pool message list\` shows which are`
    )
  })
).pipe(
  Command.withDescription("Send a text to workers; it is kept until they take it"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool message send t_0123456789abcdef \"the interface has changed: see src/api.ts\"" },
    { command: "claude-pool message send all @notice.txt", description: "To every slot, from a file" }
  ])
)
