/**
 * Work as it is shown: each kind by its id, from the store and from what is known of it while it is alive.
 */
import type { Effect } from "effect"
import type { ChainId } from "../../domain/ChainId.ts"
import type { ChainView } from "../../domain/ChainView.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { GroupView } from "../../domain/GroupView.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { TaskView } from "../../domain/TaskView.ts"

export interface Views {
  readonly task: (task: Task) => Effect.Effect<TaskView>
  readonly find: (id: TaskId) => Effect.Effect<TaskView, Failure>
  readonly group: (id: GroupId) => Effect.Effect<GroupView, Failure>
  readonly chain: (id: ChainId) => Effect.Effect<ChainView, Failure>
}
