/**
 * What a task has done, found out by looking: commits, patch, files, what was written elsewhere, and whether that is what
 * was expected. The worker is not asked.
 */
import { Context, Effect, Hash, Layer, Semaphore } from "effect"
import { branchRef, type CommitId } from "../domain/Commit.ts"
import { type Evidence, verificationOf } from "../domain/Evidence.ts"
import type { Failure } from "../domain/Failure.ts"
import type { ReviewTarget } from "../domain/Review.ts"
import type { Task } from "../domain/Task.ts"
import { isolationOf } from "../domain/TaskRequest.ts"
import type { Answer } from "./ClaudeCli.ts"
import { Git } from "./Git.ts"
import { isAncestor, resolveCommit } from "./git/Refs.ts"
import { branchIn, makeCommitting } from "./inspector/Committing.ts"
import { makeExpectations, type Work } from "./inspector/Expectations.ts"
import { makeLooking } from "./inspector/Looking.ts"
import { differences, makeOutside, type OutsideOptions } from "./inspector/Outside.ts"
import type { Stay } from "./Workspaces.ts"

/** What a task has to show for itself. */
export interface Found {
  readonly evidence: Evidence
  /** What its branch has that its base does not have, as the store keeps it; null: there is no branch, or nothing on it. */
  readonly patch: string | null
}

/** One attempt under inspection: begun before its worker was started. */
export interface Inspection {
  /**
   * Commits what the worker has left, and looks. With an answer, also whether what is expected holds: that may run
   * commands, and can be interrupted; what was to be committed is committed all the same.
   */
  readonly end: (attempt: {
    readonly answer: Answer | null
    readonly toolCalls: number
  }) => Effect.Effect<Found, Failure>
}

export interface InspectorOptions extends OutsideOptions {}

const unknown = "the pool was killed while it worked, and what was there before is not known"

export class Inspector extends Context.Service<Inspector, {
  /**
   * Looks at what is there before. `stay`: null where the task works in its directory as it is. `unknownBefore`: it has
   * worked before this look, so that nobody can tell that it has left everything else as it was.
   */
  readonly begin: (
    task: Task,
    stay: Stay | null,
    options?: { readonly unknownBefore?: boolean }
  ) => Effect.Effect<Inspection, Failure>
  /** The branch that a task's work is meant for, and where it stands now; null: there is none that can be told. */
  readonly targetOf: (task: Task) => Effect.Effect<ReviewTarget | null>
}>()("claude-pool/services/Inspector") {
  static readonly layer = (options: InspectorOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const git = yield* Git
        const outside = yield* makeOutside(options)
        const { commit } = yield* makeCommitting
        const { look, targetOf } = yield* makeLooking()
        const expectations = yield* makeExpectations
        const turns = Array.from({ length: 64 }, () => Semaphore.makeUnsafe(1))

        /** Commits are made one at a time where several work; two workspaces seldom wait for each other. */
        const inTurn = ({ workspace }: Stay) => turns[Math.abs(Hash.string(workspace.path)) % turns.length]!.withPermit

        /** Of a chain's task, what came before it is not its own; what an earlier attempt of it did is. */
        const baseOf = Effect.fnUntraced(function*(task: Task, { checkout, workspace }: Stay, began: CommitId) {
          if (workspace.holder._tag !== "Chain") return workspace.base
          const earlier = task.evidence?.branch
          if (earlier?.workspace !== workspace.id) return began
          return (yield* isAncestor(git, checkout, earlier.base, began)) ? earlier.base : began
        })

        const judge = Effect.fnUntraced(function*(
          task: Task,
          found: Omit<Evidence, "checks" | "verification">,
          work: Omit<Work, "answer"> & { readonly answer: Answer | null }
        ) {
          const { answer } = work
          const { expect } = task.options
          const checks = answer === null || expect === undefined
            ? []
            : yield* expectations.check(expect, { ...work, answer })
          const done = { toolCalls: found.toolCalls, files: found.branch?.fileCount ?? 0 }
          return { ...found, checks, verification: verificationOf(checks, done) } satisfies Evidence
        })

        /** Without a workspace nobody can tell what is whose. */
        const inDirectory = (task: Task): Inspection => ({
          end: Effect.fn("Inspection.end")(function*({ answer, toolCalls }) {
            const { cwd } = task.options
            const found = { isolation: isolationOf(task.options), outside: [], toolCalls }
            const work = { cwd, top: cwd, env: {}, commits: null, answer, toolCalls, outside: [] }
            return { evidence: yield* judge(task, found, work), patch: null }
          })
        })

        const begin: Inspector["Service"]["begin"] = Effect.fn("Inspector.begin")(function*(task, stay, options = {}) {
          if (stay === null) return inDirectory(task)
          const { checkout, cwd, env, workspace } = stay
          const branch = branchIn(stay, task.id)
          const began = (yield* resolveCommit(git, checkout, branchRef(branch))) ?? workspace.base
          const base = yield* baseOf(task, stay, began)
          const lookOutside = Effect.result(outside.look(workspace.repository, checkout.gitDir))
          const before = yield* lookOutside

          const settle = Effect.gen(function*() {
            const committed = yield* inTurn(stay)(commit(stay, task.id, began))
            const looked = yield* look(stay, { base, branch }, committed)
            const after = yield* lookOutside
            const unseen = [before, after].flatMap((one) => one._tag === "Failure" ? [one.failure.why] : [])
            const lines = before._tag === "Success" && after._tag === "Success"
              ? differences(before.success, after.success)
              : []
            return { ...looked, head: committed.head, lines, unseen }
          })

          const end: Inspection["end"] = ({ answer, toolCalls }) =>
            Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
              const { branch, head, lines, patch, unseen } = yield* settle
              const untold = options.unknownBefore === true ? unknown : unseen[0]
              // What an earlier attempt has done there is still the task's.
              const leaked = [...new Set([...(task.evidence?.outside ?? []), ...lines])]
              const found = { isolation: isolationOf(task.options), branch, outside: leaked, toolCalls }
              const work = {
                cwd,
                top: workspace.path,
                env,
                commits: { checkout, base, head },
                answer,
                toolCalls,
                outside: leaked.length > 0 ? leaked : untold ?? leaked
              }
              return { evidence: yield* restore(judge(task, found, work)), patch }
            }))

          return { end: Effect.fn("Inspection.end")(end) } satisfies Inspection
        })

        const target = Effect.fn("Inspector.targetOf")(
          (task: Task) => Effect.flatMap(git.find(task.options.cwd), targetOf),
          Effect.orElseSucceed(() => null)
        )

        return { begin, targetOf: target }
      })
    )
}
