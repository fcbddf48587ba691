/**
 * Where a task works: in the directory that it names, with everybody else, or in a workspace.
 *
 * - `shared`: in the directory as it is.
 * - `slot`: in a worktree that its slot keeps from task to task, with what git ignores in it; each task on a branch of its own.
 * - `chain`: all of a chain in one worktree, on one branch; a task that is no part of a chain, as with `task`.
 * - `task`: in a worktree and on a branch of its own.
 */
import { Schema } from "effect"

export const Isolation = Schema.Literals(["shared", "slot", "chain", "task"])
export type Isolation = typeof Isolation.Type
