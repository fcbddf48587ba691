/**
 * `claude-pool explain <id>`: why work stands where it stands, and what would change that.
 */
import { DateTime, Effect, Stream } from "effect"
import { Command } from "effect/cli"
import type { ChainView } from "../domain/ChainView.ts"
import { explainTask, type Explanation, type Surroundings } from "../domain/Explain.ts"
import { explainChain, explainGroup, explainStep, responsibleItem, responsibleStep } from "../domain/ExplainWhole.ts"
import type { Failure } from "../domain/Failure.ts"
import { GroupId } from "../domain/GroupId.ts"
import type { GroupView } from "../domain/GroupView.ts"
import { TaskId } from "../domain/TaskId.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { isGroupId, isTaskId, type WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { show } from "./Format.ts"
import { itemsOfGroup } from "./GroupOutcome.ts"
import { SettingsShown } from "./HelpText.ts"
import { oneLine } from "./Printable.ts"
import { Styles } from "./Styles.ts"
import { storeSettings } from "./TaskSettings.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"

type Explained = Effect.Effect<Explanation, Failure, Pool>

const ofTask = (task: TaskView, around: Surroundings): Explained =>
  Effect.flatMap(
    Pool,
    (pool) => Effect.map(pool.attempts(TaskId.make(task.id)), (attempts) => explainTask(task, attempts, around))
  )

const ofGroup = Effect.fnUntraced(
  function*(group: GroupView, around: Surroundings): Effect.fn.Return<Explanation, Failure, Pool> {
    const pool = yield* Pool
    // A group of which one answer is made waits for that; its items do not tell of themselves what they wait for.
    const items = group.state === "reducing" && group.reducer !== undefined
      ? [yield* pool.result(TaskId.make(group.reducer))]
      : yield* Stream.runCollect(itemsOfGroup(GroupId.make(group.id)))
    const found = responsibleItem(group, items)
    if (found === null) return explainGroup(group, null)
    const explanation = yield* ofTask(yield* pool.result(TaskId.make(found.id)), around)
    return explainGroup(group, { what: found.index === undefined ? "the reducer" : `item ${found.index}`, explanation })
  }
)

const ofChain = Effect.fnUntraced(
  function*(chain: ChainView, around: Surroundings): Effect.fn.Return<Explanation, Failure, Pool> {
    const pool = yield* Pool
    const step = responsibleStep(chain)
    if (step === null) return explainChain(chain, null)
    const explanation = step.group !== undefined
      ? yield* ofGroup(yield* pool.group(GroupId.make(step.group)), around)
      : step.task === undefined
      ? explainStep(chain, step)
      : yield* ofTask(yield* pool.result(TaskId.make(step.task)), around)
    return explainChain(chain, { what: `step ${step.name}`, explanation })
  }
)

const explanationOf = Effect.fnUntraced(
  function*(id: WorkId): Effect.fn.Return<Explanation, Failure, Pool> {
    const pool = yield* Pool
    const around: Surroundings = { now: yield* DateTime.now, status: yield* pool.status }
    if (isTaskId(id)) return yield* ofTask(yield* pool.result(id), around)
    if (isGroupId(id)) return yield* ofGroup(yield* pool.group(id), around)
    return yield* ofChain(yield* pool.chain(id), around)
  }
)

export const explain = Command.make(
  "explain",
  { id: workIdArgument },
  Effect.fn(function*(input) {
    const { because, change, history, id, state, ...more } = yield* explanationOf(yield* readWorkId(input.id))
    const { faint, strong } = (yield* Styles).stdout
    yield* show({
      json: { id, state, because, ...(change === undefined ? {} : { change }), ...more, history },
      text: [
        `${strong(`${id} ${state}:`)} ${oneLine(because)}`,
        ...(change === undefined ? [] : [`to change that: ${oneLine(change)}`]),
        ...history.map((line) => faint(`  ${oneLine(line)}`))
      ].join("\n")
    })
  })
).pipe(
  Command.withDescription("Say in a line why work waits, runs long, failed or was retried, and what would change that"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool explain t_0123456789abcdef", description: "With a line for each of its attempts" },
    { command: "claude-pool explain c_0123456789abcdef", description: "Which step is responsible, and why" },
    { command: "claude-pool explain g_0123456789abcdef --json" }
  ])
)
