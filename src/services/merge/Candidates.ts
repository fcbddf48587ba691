/**
 * Which branches are meant: of finished work, each where the pool has seen it stand.
 */
import { Effect, Option } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import type { ChainId } from "../../domain/ChainId.ts"
import { branchOf, branchRef, shortCommit } from "../../domain/Commit.ts"
import type { BranchEvidence } from "../../domain/Evidence.ts"
import { Failure } from "../../domain/Failure.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import type { Task } from "../../domain/Task.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { isChainId, isGroupId, type WorkId } from "../../domain/WorkId.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { type Git, mainCheckout } from "../Git.ts"
import { resolveCommit } from "../git/Refs.ts"
import type { Store } from "../Store.ts"
import { notMergeable, type Obstacle } from "./Refusal.ts"

export interface Candidate {
  /** The task or the chain. */
  readonly id: string
  /** What its user calls it, in one line; may be empty. */
  readonly name: string
  readonly evidence: BranchEvidence
  readonly repository: RepositoryPlace
  /** The finished tasks whose work is on the branch, the last one last. */
  readonly tasks: ReadonlyArray<Task>
}

/** An item of a group that is not done. */
export interface Unfinished {
  readonly id: string
  readonly detail: string
}

interface Named {
  readonly candidates: ReadonlyArray<Candidate>
  readonly unfinished: ReadonlyArray<Unfinished>
}

const wait = "what is done can be merged: `claude-pool wait` waits until it is"
const isolated = "only work in a workspace of its own has a branch: ask for it with --isolation task"

const alone = (candidate: Candidate): Named => ({ candidates: [candidate], unfinished: [] })

/** Why work that is not done cannot be merged. */
const unfinished = (id: WorkId, state: (Task | Chain)["state"]["_tag"]): Obstacle => {
  const again = isChainId(id) ? `claude-pool chain resume ${id}` : `claude-pool retry ${id}`
  return state === "Failed" || state === "Cancelled"
    ? { detail: `it ${state === "Failed" ? "has failed" : "was cancelled"}`, hint: `\`${again}\` runs it again` }
    : { detail: `it is ${state.toLowerCase()}`, hint: wait }
}

const most = { name: 100, page: 500 }

export const makeCandidates = (git: Git["Service"], store: Store["Service"]) => {
  const taskOf = Effect.fnUntraced(function*(id: Task["id"]) {
    const found = yield* store.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
    return found.value
  })

  const repositoryOf = Effect.fnUntraced(function*(task: Task, { workspace }: BranchEvidence) {
    const kept = yield* store.workspaces.find(workspace)
    return Option.isSome(kept) ? kept.value.repository : yield* git.find(task.options.cwd)
  })

  const candidate = Effect.fnUntraced(function*(id: string, name: string, tasks: ReadonlyArray<Task>) {
    const last = tasks.at(-1)!
    const evidence = last.evidence!.branch!
    return { id, name: cleanLine(name, most.name), evidence, repository: yield* repositoryOf(last, evidence), tasks }
  })

  const ofTask = Effect.fnUntraced(function*(task: Task): Effect.fn.Return<Candidate, Failure> {
    const { evidence, id, options, state } = task
    if (state._tag !== "Done" && state._tag !== "InReview") {
      return yield* notMergeable(id, unfinished(id, state._tag))
    }
    if (evidence?.branch === undefined) return yield* notMergeable(id, { detail: "it has no branch", hint: isolated })
    return yield* candidate(id, options.name ?? "", [task])
  })

  const ofGroup = Effect.fnUntraced(function*(id: GroupId): Effect.fn.Return<Named, Failure> {
    const group = yield* store.groups.find(id)
    if (Option.isNone(group)) return yield* new Failure({ reason: new NotFound({ id }) })
    const tasks: Array<Task> = []
    for (let from = 0; from < group.value.size; from += most.page) {
      const members = yield* store.groups.members(id, { from, limit: most.page })
      tasks.push(...members.map(({ task }) => task))
    }
    const done = tasks.filter(({ state }) => state._tag === "Done")
    const others = tasks.filter(({ state }) => state._tag !== "Done")
    if (done.length === 0) return yield* notMergeable(id, { detail: "none of its items is done", hint: wait })
    return {
      candidates: yield* Effect.forEach(done, ofTask),
      unfinished: others.map(({ id, state }) => ({ id, detail: `it is ${state._tag.toLowerCase()}` }))
    }
  })

  const ofChain = Effect.fnUntraced(function*(id: ChainId): Effect.fn.Return<Candidate, Failure> {
    const chain = yield* store.chains.find(id)
    if (Option.isNone(chain)) return yield* new Failure({ reason: new NotFound({ id }) })
    const { name, state } = chain.value
    if (state._tag !== "Done") {
      return yield* notMergeable(id, unfinished(id, state._tag))
    }
    const tasks = (yield* store.chains.tasks(id)).filter(({ evidence, state }) =>
      state._tag === "Done" && evidence?.branch?.branch === branchOf(id)
    )
    if (tasks.length === 0) return yield* notMergeable(id, { detail: "it has no branch", hint: isolated })
    return yield* candidate(id, name ?? "", tasks)
  })

  /** Where it was seen is where it has to stand: what has come since was seen by nobody. */
  const standing = Effect.fnUntraced(function*({ evidence: { branch, head }, id, repository }: Candidate) {
    const now = yield* resolveCommit(git, mainCheckout(repository), branchRef(branch))
    if (now === head) return
    const where = now === null ? "is gone" : `stands at ${shortCommit(now)}`
    return yield* notMergeable(id, {
      detail: `its branch ${branch} ${where}, and stood at ${shortCommit(head)} when it was done`,
      hint: now === null
        ? `\`git branch ${branch} ${head}\` brings it back, as long as git has it`
        : "who moved it can merge it with git; or bring it back to where it stood"
    })
  })

  /** In the order of the ids; each branch once. */
  const of = Effect.fnUntraced(
    function*(ids: ReadonlyArray<WorkId>): Effect.fn.Return<Named, Failure> {
      const found = yield* Effect.forEach(ids, (id): Effect.Effect<Named, Failure> => {
        if (isGroupId(id)) return ofGroup(id)
        if (isChainId(id)) return Effect.map(ofChain(id), alone)
        return Effect.flatMap(taskOf(id), (task) => Effect.map(ofTask(task), alone))
      })
      const all = found.flatMap(({ candidates }) => candidates)
      const once = all.filter(({ evidence: { branch } }, at) =>
        all.findIndex(({ evidence }) => evidence.branch === branch) === at
      )
      const other = once.find(({ repository }) => repository.common !== once[0]!.repository.common)
      if (other !== undefined) {
        return yield* notMergeable(other.id, {
          detail: `it is of another repository than ${once[0]!.id}`,
          hint: "merge the work of each repository by itself"
        })
      }
      yield* Effect.forEach(once, standing, { discard: true })
      return { candidates: once, unfinished: found.flatMap(({ unfinished }) => unfinished) }
    }
  )

  return { of }
}
