/**
 * The pool at one moment, as `claude-pool watch` shows it, and as `watch --once --json` prints it. Snake case, as `TaskView`.
 * Every list in it is bounded: where there may be more, a total says how many there are.
 */
import { Schema } from "effect"
import { ChainView } from "../../domain/ChainView.ts"
import { GroupView } from "../../domain/GroupView.ts"
import { PoolStatus } from "../../domain/PoolView.ts"
import { TaskView } from "../../domain/TaskView.ts"

/** The first of many, and how many there are. */
const Some = Schema.Struct({ tasks: Schema.Array(TaskView), total: Schema.Int })

/** What a worker wanted to do, and was not allowed to. */
export const Denied = Schema.Struct({
  task: Schema.String,
  name: Schema.optionalKey(Schema.String),
  tool: Schema.String,
  /** How often it wanted that. */
  times: Schema.Int,
  /** What it wanted to do with it the last time: data. */
  input: Schema.String
})
export type Denied = typeof Denied.Type

export const GroupNode = Schema.Struct({
  group: GroupView,
  items: Schema.Array(TaskView).annotate({ description: "Those that run, wait for a review, or have failed" })
})
export type GroupNode = typeof GroupNode.Type

export const ChainNode = Schema.Struct({
  chain: ChainView,
  groups: Schema.Array(GroupNode).annotate({ description: "Those that its steps are working on" })
})
export type ChainNode = typeof ChainNode.Type

export const Dashboard = Schema.Struct({
  at: Schema.String.annotate({ description: "When it was looked at" }),
  version: Schema.String.annotate({ description: "Of the program that looked" }),
  status: PoolStatus.annotate({ description: "Slots, running tasks, counts, budget and holds, as `status --json`" }),
  reviews: Some.annotate({ description: "Results that wait to be approved or rejected, the oldest first" }),
  denied: Schema.Array(Denied).annotate({ description: "Of tasks that run, wait for a review, or ended lately" }),
  queue: Some.annotate({ description: "Tasks that wait, each with its reason, the oldest first" }),
  groups: Schema.Array(GroupNode).annotate({ description: "Those of no chain; those at work first" }),
  chains: Schema.Array(ChainNode).annotate({ description: "Those at work first" }),
  finished: Schema.Array(TaskView).annotate({ description: "Tasks that have ended, the last one first" })
})
export type Dashboard = typeof Dashboard.Type

/** By task and tool, those of tasks that come first here first. */
export const deniedOf = (tasks: ReadonlyArray<TaskView>, most: number): ReadonlyArray<Denied> => {
  const found = new Map<string, Denied>()
  for (const { denials = [], id, name } of tasks) {
    for (const { input, tool } of denials) {
      const key = JSON.stringify([id, tool])
      const times = (found.get(key)?.times ?? 0) + 1
      found.set(key, { task: id, ...(name === undefined ? {} : { name }), tool, times, input })
    }
  }
  return [...found.values()].slice(0, most)
}
