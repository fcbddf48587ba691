/**
 * What work has changed, through the store alone: the branches of its tasks, and their patches as one text.
 */
import { Effect, Option } from "effect"
import type { BranchEvidence } from "../../domain/Evidence.ts"
import { fail, type Failure } from "../../domain/Failure.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { BranchChanges, ChangesReply } from "../../domain/PoolView.ts"
import { InvalidRequest, NotFound } from "../../domain/RequestFailure.ts"
import type { Task } from "../../domain/Task.ts"
import { isolationOf } from "../../domain/TaskRequest.ts"
import { isChainId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { type OutputPage, type PageRequest, Store } from "../Store.ts"

/** A task with what its branch has. */
interface Changed {
  readonly task: Task
  readonly branch: BranchEvidence
}

/** So many tasks of a group are read at once. */
const atOnce = 500

const changedBy = (task: Task): ReadonlyArray<Changed> =>
  task.evidence?.branch === undefined ? [] : [{ task, branch: task.evidence.branch }]

/** Tasks that follow each other on a branch, from the same base: the last one has it all. */
const lastOfEach = (all: ReadonlyArray<Changed>): ReadonlyArray<Changed> => {
  const keyOf = ({ branch }: Changed) => `${branch.branch} ${branch.base}`
  const last = new Map(all.map((one) => [keyOf(one), one]))
  return all.filter((one) => last.get(keyOf(one)) === one)
}

/** Git reads over it: a patch begins where a line says `diff`. */
const headerOf = ({ branch: { added, branch, fileCount, removed }, task }: Changed): string =>
  `# ${task.id} on ${branch}: ${fileCount} ${fileCount === 1 ? "file" : "files"}, +${added} -${removed}\n`

const whyNone = (task: Task): string => {
  if (task.evidence === undefined) return "no attempt of it has ended"
  const isolation = isolationOf(task.options)
  return isolation === "shared"
    ? "it worked in the directory itself, and nobody can tell what is whose"
    : `its isolation is ${isolation}, and it has come to no branch`
}

const noBranch = (id: WorkId, why: string): Failure =>
  fail(
    new InvalidRequest({
      issues: [`${id} has no branch: ${why}`],
      hint: "tasks with --isolation task, slot or chain work on branches of their own"
    })
  )

const orNotFound = <A>(id: WorkId, found: Option.Option<A>): Effect.Effect<A, Failure> =>
  Option.match(found, { onNone: () => fail(new NotFound({ id })), onSome: Effect.succeed })

const view = ({ branch, task }: Changed): BranchChanges => ({
  task: task.id,
  branch: branch.branch,
  base: branch.base,
  head: branch.head,
  commits: branch.commits,
  files: branch.files,
  file_count: branch.fileCount,
  added: branch.added,
  removed: branch.removed,
  ...(branch.target === null ? {} : { target: branch.target })
})

export const makePatchReading = Effect.gen(function*() {
  const store = yield* Store

  const ofGroup = Effect.fnUntraced(function*(id: GroupId) {
    const { reducer, size } = yield* Effect.flatMap(store.groups.find(id), (found) => orNotFound(id, found))
    const changed: Array<Changed> = []
    for (let from = 0; from < size; from += atOnce) {
      const members = yield* store.groups.members(id, { from, limit: atOnce })
      changed.push(...members.flatMap(({ task }) => changedBy(task)))
    }
    const last = reducer === null ? null : Option.getOrNull(yield* store.find(reducer))
    return last === null ? changed : [...changed, ...changedBy(last)]
  })

  const branchesOf = Effect.fnUntraced(function*(id: WorkId): Effect.fn.Return<ReadonlyArray<Changed>, Failure> {
    if (isTaskId(id)) {
      const task = yield* Effect.flatMap(store.find(id), (found) => orNotFound(id, found))
      const changed = changedBy(task)
      return changed.length > 0 ? changed : yield* noBranch(id, whyNone(task))
    }
    if (!isChainId(id)) {
      const changed = lastOfEach(yield* ofGroup(id))
      return changed.length > 0 ? changed : yield* noBranch(id, "none of its tasks has worked on one")
    }
    yield* Effect.flatMap(store.chains.find(id), (found) => orNotFound(id, found))
    const steps = (yield* store.chains.tasks(id)).flatMap(changedBy)
    const groups = yield* Effect.forEach(yield* store.groups.within(id), (group) => ofGroup(group.id))
    const changed = lastOfEach([...steps, ...groups.flat()])
    return changed.length > 0 ? changed : yield* noBranch(id, "none of its tasks has worked on one")
  })

  const patchOf = ({ task }: Changed, page: PageRequest): Effect.Effect<OutputPage, Failure> =>
    Effect.map(store.patch(task.id, page), Option.getOrElse(() => ({ text: "", offset: page.offset, total: 0 })))

  /** A single task's is nothing but its patch. */
  const patch = Effect.fnUntraced(function*(id: WorkId, page: PageRequest): Effect.fn.Return<OutputPage, Failure> {
    const branches = yield* branchesOf(id)
    const [only] = branches
    if (isTaskId(id) && only !== undefined) return yield* patchOf(only, page)
    const end = page.offset + page.limit
    let text = ""
    let start = 0
    for (const one of branches) {
      const header = headerOf(one)
      const { total } = yield* patchOf(one, { offset: 0, limit: 1 })
      const from = Math.max(0, page.offset - start - header.length)
      const most = end - Math.max(page.offset, start + header.length)
      text += header.slice(Math.max(0, page.offset - start), Math.max(0, end - start))
      if (most > 0 && from < total) text += (yield* patchOf(one, { offset: from, limit: most })).text
      start += header.length + total
    }
    return { text, offset: page.offset, total: start }
  })

  const changes = Effect.fn("Pool.changes")(function*(id: WorkId): Effect.fn.Return<ChangesReply, Failure> {
    return { id, branches: (yield* branchesOf(id)).map(view) }
  })

  return { patch, changes }
})
