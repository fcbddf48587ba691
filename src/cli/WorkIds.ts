/**
 * The ids of work, of worktrees and of landings on a command line.
 */
import { Effect, Schema } from "effect"
import { Argument } from "effect/cli"
import { ChainId } from "../domain/ChainId.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import { isMergeId } from "../domain/Merge.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { TaskId } from "../domain/TaskId.ts"
import { WorkId } from "../domain/WorkId.ts"
import { WorkspaceId } from "../domain/Workspace.ts"

export const taskIdArgument = Argument.String("id").pipe(
  Argument.withDescription("Id of a task, such as t_0123456789abcdef")
)

export const workIdArgument = Argument.String("id").pipe(
  Argument.withDescription("Id of a task (t_…), a group (g_…) or a chain (c_…)")
)

export const chainIdArgument = Argument.String("id").pipe(
  Argument.withDescription("Id of a chain, such as c_0123456789abcdef")
)

export const workspaceIdArgument = Argument.String("id").pipe(
  Argument.withDescription("Id of a worktree, such as w_0123456789abcdef")
)

export const mergeIdArgument = Argument.String("id").pipe(
  Argument.withDescription("Id of a landing, such as m_0123456789abcdef")
)

/** Reads a text as an id; `what` and `hint` say in a mistake which kind was wanted. */
const reader =
  <A extends string>(is: (text: string) => text is A, what: string, hint: string) =>
  (text: string): Effect.Effect<A, Failure> =>
    is(text)
      ? Effect.succeed(text)
      : fail(new InvalidRequest({ issues: [`${JSON.stringify(text)} is not the id of ${what}`], hint }))

const looksLike = (letter: string, list: string) =>
  `an id looks like ${letter}_0123456789abcdef; \`claude-pool ${list}\` shows those there are`

export const readTaskId = reader(Schema.is(TaskId), "a task", looksLike("t", "list"))
export const readChainId = reader(Schema.is(ChainId), "a chain", looksLike("c", "list --chains"))
export const readWorkId = reader(Schema.is(WorkId), "a task, a group or a chain", looksLike("t", "list"))
export const readWorkspaceId = reader(Schema.is(WorkspaceId), "a worktree", looksLike("w", "worktrees"))
export const readMergeId = reader(isMergeId, "a landing", looksLike("m", "merge list"))
