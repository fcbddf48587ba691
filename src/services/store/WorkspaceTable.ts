/**
 * The workspaces of the store: one row for each.
 */
import { Array, Effect, Option, Result, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { holderKey, Workspace, type WorkspaceId } from "../../domain/Workspace.ts"
import { bodyOf, encodeWith } from "./Body.ts"
import type { WithFailures } from "./StorageError.ts"
import type { Writing } from "./TaskWrites.ts"
import type { WorkspaceStore } from "./WorkspaceStore.ts"

const WorkspaceBody = bodyOf(Workspace)
const WorkspaceRow = Schema.Struct({ body: WorkspaceBody })
const encodeWorkspace = encodeWith(WorkspaceBody)

export const makeWorkspaceTable = Effect.fnUntraced(function*(
  { commits, failing }: Pick<Writing, "commits"> & { readonly failing: WithFailures }
) {
  const sql = yield* SqlClient.SqlClient

  const rowOf = SqlSchema.findOneOption({
    Request: Schema.String,
    Result: WorkspaceRow,
    execute: (id) => sql`SELECT body FROM workspaces WHERE id = ${id}`
  })

  const rowsOf = SqlSchema.findAll({
    Request: Schema.String,
    Result: WorkspaceRow,
    execute: (holder) => sql`SELECT body FROM workspaces WHERE holder = ${holder} ORDER BY id`
  })

  const allRows = SqlSchema.findAll({
    Request: Schema.Void,
    Result: WorkspaceRow,
    execute: () => sql`SELECT body FROM workspaces ORDER BY id`
  })(undefined)

  const keep = Effect.fn("Store.workspaces.keep")(function*(workspace: Workspace) {
    const { holder, id, state } = workspace
    const row = { id, holder: holderKey(holder), state: state._tag, body: yield* encodeWorkspace(workspace) }
    const apply = sql`INSERT INTO workspaces ${sql.insert(row)}
      ON CONFLICT DO UPDATE SET holder = excluded.holder, state = excluded.state, body = excluded.body`
    yield* commits.submit({ durable: true, apply: Effect.as(apply, Result.void) })
  }, failing)

  const forget = Effect.fn("Store.workspaces.forget")((id: WorkspaceId) => {
    const apply = sql`DELETE FROM workspaces WHERE id = ${id}`
    return commits.submit({ durable: true, apply: Effect.as(apply, Result.void) })
  }, failing)

  const bodies = Array.map(({ body }: typeof WorkspaceRow.Type) => body)

  return {
    keep,
    forget,
    find: Effect.fn("Store.workspaces.find")(
      (id: WorkspaceId) => Effect.map(rowOf(id), Option.map(({ body }) => body)),
      failing
    ),
    of: Effect.fn("Store.workspaces.of")((holder: string) => Effect.map(rowsOf(holder), bodies), failing),
    all: failing(Effect.map(allRows, bodies))
  } satisfies WorkspaceStore as WorkspaceStore
})
