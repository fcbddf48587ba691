/**
 * What must hold of a task's work, as flags.
 */
import { Option, Record, String } from "effect"
import { type Command, Flag } from "effect/cli"
import type { Expect } from "../domain/Expect.ts"

const many = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.withDescription(`${description}; may be repeated (default: none)`),
    Flag.atLeast(0)
  )

export const expectFlags = {
  expectChanged: many("expect-changed", "path|pattern", "Expect that something of this changes, as in 'src/**'"),
  expectUnchanged: many("expect-unchanged", "path|pattern", "Expect that nothing of this changes"),
  expectOnly: many("expect-only", "path|pattern", "Expect that nothing but this changes"),
  expectFile: many("expect-file", "path|pattern", "Expect that this is there in the end"),
  expectCommand: many("expect-command", "command", "Expect that this exits with 0 where it worked, as in 'npm test'"),
  expectToolCalls: Flag.Int("expect-tool-calls").pipe(
    Flag.withDescription("Expect that the worker makes at least so many tool calls (default: any number)"),
    Flag.optional
  ),
  expectNothingOutside: Flag.Boolean("expect-nothing-outside").pipe(
    Flag.withDescription("Expect that nothing is written outside of its workspace (default: no)"),
    Flag.withDefault(false)
  )
}

type ExpectFlags = Command.Command.Config.Infer<typeof expectFlags>

/** As it was said: undefined where nothing is expected. */
export const readExpect = (flags: ExpectFlags): Expect | undefined => {
  const expect: Expect = {
    ...Record.filter({
      changed: flags.expectChanged,
      unchanged: flags.expectUnchanged,
      only: flags.expectOnly,
      files: flags.expectFile,
      commands: flags.expectCommand
    }, (said) => said.length > 0),
    ...(Option.isNone(flags.expectToolCalls) ? {} : { toolCalls: flags.expectToolCalls.value }),
    ...(flags.expectNothingOutside ? { nothingOutside: true as const } : {})
  }
  return Record.isEmptyRecord<string, unknown>({ ...expect }) ? undefined : expect
}

const flagNames: Readonly<Record<string, string>> = { files: "file", commands: "command" }

/** By which flag a field of it is said. */
export const expectFlag = (field: string): string =>
  `--expect-${flagNames[field] ?? String.snakeToKebab(String.camelToSnake(field))}`
