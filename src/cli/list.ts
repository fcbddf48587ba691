/**
 * `claude-pool list`: the tasks of the store, newest first.
 */
import { Effect, Record } from "effect"
import { Command, Flag } from "effect/cli"
import { fail } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { StateName } from "../domain/TaskView.ts"
import { Pool } from "../services/Pool.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { table } from "./Table.ts"
import { taskHeader, taskRow } from "./TaskLines.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"

const pageLength = 50

export const list = Command.make(
  "list",
  {
    states: Flag.Literals("state", StateName.literals).pipe(
      Flag.withDescription("Only tasks in this state; may be repeated (default: any)"),
      Flag.atLeast(0)
    ),
    tag: Flag.String("tag").pipe(Flag.withDescription("Only tasks with this tag (default: any)"), Flag.optional),
    name: Flag.String("name").pipe(Flag.withDescription("Only tasks of this name (default: any)"), Flag.optional),
    limit: Flag.Int("limit").pipe(
      Flag.withDescription(`How many to print (default: ${pageLength})`),
      Flag.withDefault(pageLength)
    ),
    cursor: Flag.String("cursor").pipe(
      Flag.withDescription("Where the last page ended, as it said (default: the newest)"),
      Flag.optional
    )
  },
  Effect.fn(function*({ cursor, limit, name, states, tag }) {
    const pool = yield* Pool
    if (limit < 1) {
      return yield* fail(
        new InvalidRequest({ issues: [`--limit: ${limit} is not above zero`], hint: "leave it out for 50" })
      )
    }
    const page = yield* pool.list({
      limit,
      ...(states.length === 0 ? {} : { states }),
      ...Record.getSomes({ tag, name, cursor })
    })
    const lines = table([taskHeader, ...page.tasks.map(taskRow)], yield* stdoutWidth)
    yield* show({ json: page, text: lines.join("\n") })
    yield* note(
      page.next_cursor === undefined
        ? `${page.total} in all`
        : `${page.tasks.length} of ${page.total}; --cursor ${page.next_cursor} goes on`
    )
  })
).pipe(
  Command.withDescription("List tasks, newest first"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool list --state queued --state running", description: "What there is still to do" },
    { command: "claude-pool list --tag tests --limit 10" }
  ])
)
