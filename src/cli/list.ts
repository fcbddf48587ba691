/**
 * `claude-pool list`: tasks, groups or chains, newest first or as it is asked for, by pages.
 */
import { Effect, Option, Record } from "effect"
import { Command, Flag } from "effect/cli"
import { ListOrder } from "../domain/CallOptions.ts"
import { fail } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { StateName } from "../domain/TaskView.ts"
import { isTaskId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { chainHeader, chainRow } from "./ChainLines.ts"
import { note, show } from "./Format.ts"
import { groupHeader, groupRow } from "./GroupLines.ts"
import { SettingsShown } from "./HelpText.ts"
import { limitFlag, readLimit } from "./Limit.ts"
import { table } from "./Table.ts"
import { taskHeader, taskRow } from "./TaskLines.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"
import { readWorkId } from "./WorkIds.ts"

const refuse = (issue: string, hint: string) => fail(new InvalidRequest({ issues: [issue], hint }))

/** The id of a group or chain is a tag of its tasks. */
const readTag = Effect.fnUntraced(
  function*(said: { readonly tag: Option.Option<string>; readonly group: Option.Option<string> }) {
    if (Option.isNone(said.group)) return Record.getSomes({ tag: said.tag })
    if (Option.isSome(said.tag)) {
      return yield* refuse("--group and --tag contradict each other", "leave one of the two out")
    }
    const id = yield* readWorkId(said.group.value)
    return isTaskId(id)
      ? yield* refuse(`--group: ${id} is a task`, "name a group (g_…) or a chain (c_…)")
      : { tag: id }
  }
)

export const list = Command.make(
  "list",
  {
    states: Flag.Literals("state", StateName.literals).pipe(
      Flag.withDescription("Only tasks in this state; may be repeated (default: any)"),
      Flag.atLeast(0)
    ),
    tag: Flag.String("tag").pipe(Flag.withDescription("Only tasks with this tag (default: any)"), Flag.optional),
    group: Flag.String("group").pipe(
      Flag.withMetavar("id"),
      Flag.withDescription("Only tasks of this group or chain (default: any)"),
      Flag.optional
    ),
    name: Flag.String("name").pipe(Flag.withDescription("Only tasks of this name (default: any)"), Flag.optional),
    groups: Flag.Boolean("groups").pipe(
      Flag.withDescription("List groups (default: tasks)"),
      Flag.withDefault(false)
    ),
    chains: Flag.Boolean("chains").pipe(
      Flag.withDescription("List chains (default: tasks)"),
      Flag.withDefault(false)
    ),
    order: Flag.Literals("order", ListOrder.literals).pipe(
      Flag.withDescription("By their age; or by their end, the last one first, and no other tasks (default: newest)"),
      Flag.optional
    ),
    limit: limitFlag,
    cursor: Flag.String("cursor").pipe(
      Flag.withDescription("Where the last page of this order ended, as it said (default: the first page)"),
      Flag.optional
    )
  },
  Effect.fn(function*({ chains, cursor, group, groups, name, order, states, tag, ...input }) {
    const pool = yield* Pool
    const page = { limit: yield* readLimit(input.limit), ...Record.getSomes({ cursor }) }
    const width = yield* stdoutWidth
    const isFiltered = states.length > 0 || [tag, group, name, order].some(Option.isSome)
    if ((groups && chains) || ((groups || chains) && isFiltered)) {
      return yield* refuse(
        "--groups and --chains go with no other choice of what to list",
        "leave --state, --tag, --group, --name and --order to tasks"
      )
    }
    if (groups || chains) {
      const reply = groups ? yield* pool.groups(page) : yield* pool.chains(page)
      const rows = "groups" in reply
        ? [groupHeader, ...reply.groups.map(groupRow)]
        : [chainHeader, ...reply.chains.map(chainRow)]
      yield* show({ json: reply, text: table(rows, width).join("\n") })
      if (reply.next_cursor !== undefined) yield* note(`--cursor ${reply.next_cursor} goes on`)
      return
    }
    const reply = yield* pool.list({
      ...page,
      ...(states.length === 0 ? {} : { states }),
      ...Record.getSomes({ name, order }),
      ...(yield* readTag({ tag, group }))
    })
    yield* show({ json: reply, text: table([taskHeader, ...reply.tasks.map(taskRow)], width).join("\n") })
    yield* note(
      reply.next_cursor === undefined
        ? `${reply.total} in all`
        : `${reply.tasks.length} of ${reply.total}; --cursor ${reply.next_cursor} goes on`
    )
  })
).pipe(
  Command.withDescription("List tasks, groups or chains, newest first"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool list --state queued --state running", description: "What there is still to do" },
    { command: "claude-pool list --state review", description: "What waits for your approval" },
    { command: "claude-pool list --order ended --state failed", description: "What failed, the last one first" },
    { command: "claude-pool list --groups --limit 10" }
  ])
)
