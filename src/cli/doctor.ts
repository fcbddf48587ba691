/**
 * `claude-pool doctor`: whether everything is there that a pool needs, and how to mend what is not.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Doctor } from "../services/Doctor.ts"
import { show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { Reported } from "./Reported.ts"
import { Styles } from "./Styles.ts"
import { poolSettings } from "./TaskSettings.ts"

export const doctor = Command.make(
  "doctor",
  {},
  Effect.fn(function*() {
    const { examine } = yield* Doctor
    const { bad, faint, good, warn } = (yield* Styles).stdout
    const marks = { ok: good("ok  "), warn: warn("warn"), fail: bad("fail") }
    const checks = yield* examine
    const failed = checks.some(({ status }) => status === "fail")
    const lines = checks.flatMap(({ detail, hint, name, status }) => [
      `${marks[status]}  ${name.padEnd(11)}  ${detail}`,
      ...(hint === "" ? [] : [faint(`      ${" ".repeat(11)}  ${hint}`)])
    ])
    yield* show({ json: { ok: !failed, checks }, text: lines.join("\n") })
    if (failed) return yield* new Reported({ exitCode: 6 })
  })
).pipe(
  Command.withDescription(
    "Check the CLI, login, store, disk, memory, containment, supervision, git and settings"
  ),
  Command.annotate(SettingsShown, poolSettings),
  Command.withExamples([{ command: "claude-pool doctor" }, { command: "claude-pool doctor --json" }])
)
