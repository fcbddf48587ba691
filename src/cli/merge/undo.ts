/**
 * `claude-pool merge undo <id>`: takes a landing back.
 */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { fail } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Pool } from "../../services/Pool.ts"
import { show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { mergeText, undoableText } from "../MergeText.ts"
import { storeSettings } from "../TaskSettings.ts"
import { mergeIdArgument, readMergeId } from "../WorkIds.ts"

export const mergeUndo = Command.make(
  "undo",
  { id: Argument.optional(mergeIdArgument) },
  Effect.fn(function*({ id }) {
    const pool = yield* Pool
    if (Option.isNone(id)) {
      return yield* fail(
        new InvalidRequest({
          issues: ["it is not said which landing is to be taken back"],
          hint: undoableText(yield* pool.merges)
        })
      )
    }
    const report = yield* pool.undoMerge(yield* readMergeId(id.value))
    yield* show({ json: report, text: mergeText(report) })
  })
).pipe(
  Command.withDescription("Take a landing back: its target goes to where it was, if nothing has come since"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool merge undo m_0123456789abcdef" }])
)
