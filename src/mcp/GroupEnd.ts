/**
 * What a group came to, as a coordinator reads it: the outcomes of its tasks as far as there is room for them.
 */
import { Schema } from "effect"
import type { GroupView } from "../domain/GroupView.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { briefGroup, GroupBrief } from "./GroupBrief.ts"
import { briefTask, TaskBrief } from "./TaskBrief.ts"
import { fitting } from "./Tokens.ts"

/** In tokens, of all outcomes together. */
const room = 9000

export const groupEndFields = {
  ...GroupBrief.fields,
  tasks: Schema.Array(Schema.String).annotate({ description: "One for each prompt, in order" }),
  results: Schema.optionalKey(Schema.Array(TaskBrief)).annotate({ description: "Of a group that has ended" }),
  more_results: Schema.optionalKey(Schema.Int.annotate({ description: "Of the tasks that come after these" }))
}

export const groupEnd = (group: GroupView, items: ReadonlyArray<TaskView>) => {
  const results = fitting(items.map((task) => briefTask(task)), room)
  return {
    ...briefGroup(group),
    tasks: items.map(({ id }) => id),
    results,
    ...(results.length === items.length ? {} : { more_results: items.length - results.length })
  }
}
