/**
 * The door of a group: what its items must be before any of them is accepted, and what a share of its money is. Nothing is
 * spent here, and whatever is wrong is said now.
 */
import { Effect, Result, Schema, Struct } from "effect"
import { Digest } from "effect/crypto"
import { Failure, type Reason } from "../../domain/Failure.ts"
import { type FanOutItem, FanOutOptions, mostItems, type OnItemFailure, type Reduction } from "../../domain/FanOut.ts"
import type { Group } from "../../domain/Group.ts"
import { issueLines } from "../../domain/Issues.ts"
import { itemContent } from "../../domain/ItemContent.ts"
import { BudgetRefused } from "../../domain/LimitFailure.ts"
import { MicroUsd, zeroUsd } from "../../domain/MicroUsd.ts"
import { Parent } from "../../domain/Parent.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Task } from "../../domain/Task.ts"
import type { TaskRequest } from "../../domain/TaskRequest.ts"
import { parseTemplate } from "../../domain/Template.ts"
import { checkTemplate } from "../../domain/TemplateScope.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { Budget } from "../Budget.ts"
import type { Member } from "../store/GroupStore.ts"
import { Tasks } from "../Tasks.ts"

/** What of a group its tasks are prepared for. */
export type Frame = Pick<Group, "id" | "size" | "budget" | "defaults" | "within">

/** An item that is to be run, and what it is known by. */
export interface Candidate {
  readonly index: number
  readonly item: FanOutItem
  readonly content: string
}

const mostIssues = 20
const longestName = 100

/** In a group that does not say what an item may cost, one gets at most a hundredth of the whole, or its equal part. */
const mostShares = 100

const hint = "correct what is named and submit again: nothing was started"

const invalid = (issues: ReadonlyArray<string>) => new Failure({ reason: new InvalidRequest({ issues, hint }) })

const decode = Schema.decodeUnknownEffect(Schema.toType(FanOutOptions), { errors: "all", onExcessProperty: "error" })

/** What is asked of a group, with a word for all that is not said. */
export const readOptions = (input: FanOutOptions) =>
  Effect.mapError(decode(input), (error) => invalid(issueLines(error)))

/** An issue as the one of an item: `items[3].cwd: …`. */
const issueOf = (place: string) => (issue: string): string =>
  /^[\w.]+: /.test(issue) ? `${place}.${issue}` : `${place}: ${issue}`

/** What an item may cost that does not say; null where the group does not say either. */
export const share = ({ budget, size }: Pick<Group, "budget" | "size">): MicroUsd | null =>
  budget === null ? null : MicroUsd.make(Math.ceil(budget / Math.min(size, mostShares)))

/** Lists show what an item was made from, where it has no name. */
const nameOf = (input: Schema.Json | undefined): { readonly name?: string } => {
  const name = input === undefined
    ? ""
    : cleanLine(typeof input === "string" ? input : JSON.stringify(input), longestName)
  return name === "" ? {} : { name }
}

const countIssues = (count: number, onFailure: OnItemFailure): ReadonlyArray<string> => {
  if (count === 0) return ["items: there are none"]
  if (count > mostItems) return [`items: there are ${count}, and a group has at most ${mostItems}`]
  return typeof onFailure === "object" && onFailure.quorum > count
    ? [`onFailure.quorum: ${onFailure.quorum} is more than the ${count} items`]
    : []
}

/** Whether so many items can be a group. */
export const mustBeGroup = (count: number, onFailure: OnItemFailure): Effect.Effect<void, Failure> => {
  const issues = countIssues(count, onFailure)
  return issues.length === 0 ? Effect.void : invalid(issues)
}

const templateIssues = ({ prompt }: Reduction): ReadonlyArray<string> => {
  const template = parseTemplate(prompt, ["outcomes"])
  const issues = Result.isFailure(template)
    ? template.failure
    : checkTemplate(template.success, { vars: [], steps: new Map(), roots: new Set(["outcomes"]) })
  return issues.map(({ hint, message }) => `reduce.prompt: ${message} (${hint})`)
}

/** A task that does not say what it may cost gets its share; one that asks for more than all is refused. */
const withinBudget = (task: Task, group: Frame, isSaid: boolean): Effect.Effect<Task, Failure> => {
  const [all, mine, asked] = [group.budget, share(group), task.options.budget]
  if (all === null || mine === null || asked <= (isSaid ? all : mine)) return Effect.succeed(task)
  return isSaid
    ? new Failure({
      reason: new BudgetRefused({ of: group.id, asked, cap: all, settled: zeroUsd, reserved: zeroUsd })
    })
    : Effect.succeed(new Task({ ...task, options: { ...task.options, budget: mine } }))
}

export const makeGroupAdmission = Effect.gen(function*() {
  const tasks = yield* Tasks
  const budget = yield* Budget
  const digest = yield* Digest.Digest
  const text = new TextEncoder()

  const contentOf = (item: FanOutItem) => digest.digestHex(Digest.sha256, text.encode(itemContent(item)))

  /** With the options of the group's items where they do not say otherwise, and what each is known by. */
  const candidates = (items: ReadonlyArray<FanOutItem>, { defaults }: Pick<Frame, "defaults">) =>
    Effect.forEach(items, (own, index) => {
      const item = { ...defaults, ...own }
      return Effect.map(contentOf(item), (content): Candidate => ({ index, item, content }))
    })

  const prepare = (request: TaskRequest, parent: Parent, group: Frame) =>
    Effect.flatMap(
      tasks.prepare(request, parent, group.within),
      (task) => withinBudget(task, group, request.budget !== undefined)
    )

  const member = ({ content, index, item }: Candidate, group: Frame) => {
    const { input, ...request } = item
    const parent = Parent.cases.Item.make({ id: group.id, index, content })
    return Effect.map(prepare({ ...nameOf(input), ...request }, parent, group), (task): Member => ({ index, task }))
  }

  /** Money that nobody will ever have is refused before anything is kept. */
  const mustBeAffordable = Effect.fnUntraced(function*(members: ReadonlyArray<Member>, group: Frame) {
    const most = members.reduce((most, { task }) => Math.max(most, task.options.budget), 0)
    const refused = yield* budget.hopeless(MicroUsd.make(most), group.within)
    if (refused !== null) return yield* new Failure({ reason: refused })
  })

  /** Makes the tasks of all items, or says what is wrong with them; what cannot be named as an issue fails at once. */
  const makeTasks = Effect.fnUntraced(function*(all: ReadonlyArray<Candidate>, group: Frame) {
    const members: Array<Member> = []
    const issues: Array<string> = []
    for (const candidate of all) {
      const made = yield* Effect.result(member(candidate, group))
      if (Result.isSuccess(made)) members.push(made.success)
      else if (made.failure.reason._tag !== "InvalidRequest") return yield* made.failure
      else issues.push(...made.failure.reason.issues.map(issueOf(`items[${candidate.index}]`)))
      if (issues.length >= mostIssues) break
    }
    if (issues.length > 0) return yield* invalid(issues.slice(0, mostIssues))
    yield* mustBeAffordable(members, group)
    return members
  })

  /** The reducer as the group keeps it, with all that it takes over. */
  const reduction = Effect.fnUntraced(function*(reduce: Reduction, group: Frame) {
    const taken: Reduction = {
      ...Struct.omit(group.defaults, ["name", "schema", "expect", "continueFrom", "review"]),
      ...reduce
    }
    const wrong = templateIssues(taken)
    if (wrong.length > 0) return yield* invalid(wrong)
    const prepared = yield* Effect.result(prepare(taken, Parent.cases.Reducer.make({ id: group.id }), group))
    if (Result.isSuccess(prepared)) return taken
    const { reason }: { readonly reason: Reason } = prepared.failure
    return yield* reason._tag === "InvalidRequest" ? invalid(reason.issues.map(issueOf("reduce"))) : prepared.failure
  })

  return { candidates, makeTasks, reduction }
})

export type GroupAdmission = Effect.Success<typeof makeGroupAdmission>
