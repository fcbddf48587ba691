/**
 * The merge desk: branches of finished work land one after the other, in a scratch worktree, each with its checks; what
 * conflicts is reported, and never settled by a rule. Nobody's checkout is touched but by a fast-forward that was asked for.
 */
import { Array, Context, DateTime, type Duration, Effect, Layer, Option, type Path, Semaphore } from "effect"
import { SecureRandom } from "effect/crypto"
import { branchOf, branchRef } from "../domain/Commit.ts"
import { Failure } from "../domain/Failure.ts"
import {
  isMergeId,
  type LeftBranch,
  Merge,
  type MergeForecast,
  type MergeId,
  mergeIdFrom,
  type MergeReport,
  type MergeRequest
} from "../domain/Merge.ts"
import { PoolEvent } from "../domain/PoolEvent.ts"
import { idBytes } from "../domain/RandomId.ts"
import { InvalidRequest, NotFound } from "../domain/RequestFailure.ts"
import type { TaskId } from "../domain/TaskId.ts"
import type { TaskRequest } from "../domain/TaskRequest.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Checks } from "./Checks.ts"
import { Events } from "./Events.ts"
import { Git, mainCheckout } from "./Git.ts"
import { moveRef } from "./git/Refs.ts"
import { type Candidate, makeCandidates, type Unfinished } from "./merge/Candidates.ts"
import { makeCheckRuns } from "./merge/CheckRuns.ts"
import { conflictTask } from "./merge/ConflictTask.ts"
import { forecast } from "./merge/Forecasting.ts"
import { makeLanding } from "./merge/Landing.ts"
import { type LandingEnd, type LeftOut, runLanding } from "./merge/LandingRun.ts"
import { ended, settled } from "./merge/Pending.ts"
import { obstacleOf, type Target } from "./merge/Permission.ts"
import { ofCandidate, ofMerge, publicationOf } from "./merge/Publication.ts"
import { notMergeable } from "./merge/Refusal.ts"
import { reportOf } from "./merge/Reports.ts"
import { makeTargets } from "./merge/Targets.ts"
import { takeBack } from "./merge/Undoing.ts"
import { Store } from "./Store.ts"
import { tellOnRecord } from "./store/Telling.ts"
import { Workspaces } from "./Workspaces.ts"

export interface MergeDeskOptions {
  /** How long one check may take. */
  readonly checkTimeout: Duration.Duration
  /** Hands out a task for a conflict; without it, conflicts are only reported. */
  readonly submit?: (request: TaskRequest) => Effect.Effect<TaskId, Failure>
}

const leftUnfinished = ({ detail, id }: Unfinished): LeftBranch => ({
  id,
  branch: branchOf(id),
  why: "unfinished",
  detail
})

export class MergeDesk extends Context.Service<MergeDesk, {
  /** What would conflict, with the target and with each other. Nothing is written but objects that nothing refers to. */
  readonly forecast: (request: MergeRequest) => Effect.Effect<MergeForecast, Failure>
  readonly merge: (request: MergeRequest) => Effect.Effect<MergeReport, Failure>
  /** Takes a landing back: the target goes back to where it was, if nothing has come since. */
  readonly undo: (id: MergeId) => Effect.Effect<MergeReport, Failure>
  /** What has landed so far, the newest first. */
  readonly list: Effect.Effect<ReadonlyArray<MergeReport>, Failure>
  /** The exact commands that push a branch and ask for its review, as words. Nothing is run. */
  readonly publication: (id: WorkId | MergeId) => Effect.Effect<ReadonlyArray<ReadonlyArray<string>>, Failure>
}>()("claude-pool/services/MergeDesk") {
  static readonly layer = (options: MergeDeskOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const git = yield* Git
        const store = yield* Store
        const checks = yield* Checks
        const events = yield* Events
        const workspaces = yield* Workspaces
        const random = yield* SecureRandom.SecureRandom
        const paths = yield* Effect.context<Path.Path>()
        const targets = yield* makeTargets
        const candidates = makeCandidates(git, store)
        // One landing at a time: the next one begins where the one before has ended.
        const turn = yield* Semaphore.make(1)

        const publicationIn = (repository: Candidate["repository"], published: Parameters<typeof publicationOf>[2]) =>
          Effect.provideContext(publicationOf(git, repository, published), paths)

        const told = (merge: Merge) =>
          Effect.map(publicationIn(merge.repository, ofMerge(merge)), (words) => reportOf(merge, words))

        const settledNow = settled(git, store)
        const merges = Effect.flatMap(store.merges.all, (all) => Effect.forEach(all, settledNow))

        const found = Effect.fnUntraced(function*(id: MergeId) {
          const kept = yield* store.merges.find(id)
          return Option.isSome(kept)
            ? yield* settledNow(kept.value)
            : yield* new Failure({ reason: new NotFound({ id }) })
        })

        /** Which branches are meant, and where they are to land. */
        const asked = Effect.fnUntraced(function*({ ids, into }: MergeRequest) {
          const named = yield* candidates.of(ids)
          const [first] = named.candidates
          if (first === undefined) {
            return yield* new Failure({
              reason: new InvalidRequest({
                issues: ["there is nothing to merge"],
                hint: "name a task, a group or a chain"
              })
            })
          }
          const target = yield* targets.of(git, first.repository, { id: first.id, into })
          return { ...named, repository: first.repository, target, merges: yield* merges }
        })

        const land = Effect.fnUntraced(function*(id: MergeId, request: MergeRequest, all: Asked) {
          const { candidates, repository, target } = all
          const commands = request.checks ?? []
          const landing = makeLanding(git, { id, strategy: request.strategy ?? "merge" })
          if (commands.length === 0) return yield* runLanding({ candidates, target, land: landing, run: null })
          const stay = yield* workspaces.scratch(repository, target.tip, id)
          const run = yield* makeCheckRuns({ git, checks, stay, commands, timeout: options.checkTimeout })
          return yield* runLanding({ candidates, target, land: landing, run })
        }, Effect.scoped)

        /** Gives what has landed a name, puts it on record, and moves the target if that was asked for. */
        const record = Effect.fnUntraced(function*(id: MergeId, request: MergeRequest, all: Asked, end: LandingEnd) {
          const { repository, target, unfinished } = all
          const isMoved = request.update === true
          const ref = { ref: branchRef(branchOf(id)), to: end.after, from: null }
          const made = new Merge({
            id,
            repository,
            target: target.branch,
            strategy: request.strategy ?? "merge",
            before: target.tip,
            after: end.after,
            landed: end.landed.map(({ candidate, commit }) => ({
              id: candidate.id,
              branch: candidate.evidence.branch,
              commit
            })),
            left: [...end.left.map(({ left }) => left), ...unfinished.map(leftUnfinished)],
            updated: false,
            notUpdated: null,
            undoneAt: null,
            at: yield* DateTime.now,
            ...(end.landed.length === 0 ? {} : { pending: isMoved ? "target" : "branch" })
          })
          yield* store.merges.keep(made)
          if (made.landed.length === 0) return made
          yield* moveRef(git, mainCheckout(repository), ref)
          const step = { branch: target.branch, from: target.tip, to: end.after }
          // What has landed is on its branch, whatever becomes of the target.
          const why = isMoved
            ? yield* Effect.catch(targets.move(git, repository, step), ({ message }) => Effect.succeed(message))
            : null
          const moved = ended(made, { updated: isMoved && why === null, notUpdated: why })
          yield* store.merges.keep(moved)
          return moved
        })

        /** A branch that conflicts, with the task that was made of it. */
        const handOut = Effect.fnUntraced(
          function*(merge: Merge, request: MergeRequest, { candidate, left }: LeftOut) {
            const { conflicts = [] } = left
            if (options.submit === undefined || conflicts.length === 0) return left
            const checks = request.checks ?? []
            const task = yield* options.submit(
              conflictTask({ merge: merge.id, candidate, conflicts, after: merge.after, checks })
            )
            return { ...left, task }
          }
        )

        const merge = Effect.fn("MergeDesk.merge")(function*(request: MergeRequest) {
          const all = yield* asked(request)
          for (const candidate of all.candidates) {
            const obstacle = yield* obstacleOf(git, candidate, all.target, all.merges)
            if (obstacle !== null) return yield* notMergeable(candidate.id, obstacle)
          }
          const id = mergeIdFrom(yield* random.randomBytes(idBytes))
          const end = yield* land(id, request, all)
          const kept = yield* git.locked(all.repository)(Effect.uninterruptible(record(id, request, all, end)))
          const left = request.onConflict === "task"
            ? [
              ...(yield* Effect.forEach(end.left, (one) => handOut(kept, request, one))),
              ...all.unfinished.map(leftUnfinished)
            ]
            : kept.left
          const final = left === kept.left ? kept : new Merge({ ...kept, left })
          if (final !== kept) yield* store.merges.keep(final)
          const idsOf = Array.map(({ id }: { readonly id: string }) => id)
          const event = PoolEvent.cases.Merged.make({ id, landed: idsOf(kept.landed), left: idsOf(left) })
          yield* tellOnRecord(store, events, event)
          return yield* told(final)
        }, turn.withPermit)

        const undo = Effect.fn("MergeDesk.undo")(function*(id: MergeId) {
          const merge = yield* found(id)
          if (merge.undoneAt !== null) return yield* told(merge)
          const back = Effect.tap(takeBack(git, targets.move, merge), store.merges.keep)
          return yield* told(yield* git.locked(merge.repository)(Effect.uninterruptible(back)))
        }, turn.withPermit)

        const publication = Effect.fn("MergeDesk.publication")(function*(id: WorkId | MergeId) {
          if (isMergeId(id)) {
            const merge = yield* found(id)
            if (merge.undoneAt !== null || merge.landed.length === 0) {
              const detail = merge.undoneAt === null ? "nothing has landed with it" : "it was taken back"
              return yield* notMergeable(id, {
                detail,
                hint: "`claude-pool merge` with the ids of its work lands that again"
              })
            }
            return yield* publicationIn(merge.repository, ofMerge(merge))
          }
          const { candidates, target } = yield* asked({ ids: [id] })
          const all = candidates.map((candidate) =>
            publicationIn(candidate.repository, ofCandidate(candidate, target.branch))
          )
          return (yield* Effect.all(all)).flat()
        })

        return {
          forecast: Effect.fn("MergeDesk.forecast")(function*(request: MergeRequest) {
            return yield* forecast(git, yield* asked(request))
          }),
          merge,
          undo,
          list: Effect.flatMap(merges, (all) => Effect.forEach(all.toReversed(), told)),
          publication
        }
      })
    )
}

interface Asked {
  readonly candidates: ReadonlyArray<Candidate>
  readonly unfinished: ReadonlyArray<Unfinished>
  readonly repository: Candidate["repository"]
  readonly target: Target
}
