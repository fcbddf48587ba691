/**
 * Putting workspaces away, and never anybody's work with them. What git ignores goes with the directory.
 *
 * The order of things keeps a kill at any moment harmless: what would be lost goes into references first; then the record
 * says that of the directory there may be anything or nothing; then it goes; then the record says so.
 */
import { Effect, FileSystem, Path } from "effect"
import { branchRef, type CommitId } from "../../domain/Commit.ts"
import { Failure } from "../../domain/Failure.ts"
import { Workspace, WorkspaceState, type WorktreesPruned } from "../../domain/Workspace.ts"
import { GitFailed } from "../../domain/WorkspaceFailure.ts"
import { type Checkout, Git, mainCheckout } from "../Git.ts"
import { refill, takeAway } from "../git/Clearance.ts"
import { mendEntries } from "../git/Mending.ts"
import { detach } from "../git/Placing.ts"
import { kindOf, plainText } from "../git/PlainFile.ts"
import { deleteRef, resolveCommit } from "../git/Refs.ts"
import { isHeldElsewhere } from "../git/Strays.ts"
import { Processes } from "../Processes.ts"
import { Store } from "../Store.ts"
import { occupantsOf } from "./Occupants.ts"
import { makePruning } from "./Pruning.ts"
import { makeReconciling } from "./Reconciling.ts"
import { makeRescue } from "./Rescue.ts"
import { hasRepositories, isClean, makeSurvey, type Survey } from "./Survey.ts"
import { Unsavable } from "./Unsavable.ts"

/** What became of a workspace. */
export type Cleared =
  | { readonly _tag: "Away"; readonly workspace: Workspace; readonly rescued: ReadonlyArray<string> }
  | { readonly _tag: "Kept"; readonly workspace: Workspace; readonly why: string }

export interface Clearing {
  /**
   * Puts a workspace's directory away: at once where it is clean, its HEAD is part of a kept reference, and no process is
   * inside; else after all of it went to a rescue reference. What cannot be rescued, or is used, is kept. On record when
   * this returns. Branches stay, but one that has nothing.
   */
  readonly putAway: (workspace: Workspace) => Effect.Effect<Cleared, Failure>
  /** Puts what lies in it into a reference, and changes nothing in it. */
  readonly rescue: (workspace: Workspace) => Effect.Effect<Workspace, Failure>
  /** What a pool that was killed has left half-made, and worktrees of pools whose stores are gone: cleared, or left alone. */
  readonly reconcile: Effect.Effect<void, Failure>
  /** All that nobody holds; `isHeld` says which are somebody's. */
  readonly prune: (options: {
    readonly dryRun: boolean
    readonly isHeld: (workspace: Workspace) => boolean
  }) => Effect.Effect<WorktreesPruned, Failure>
}

export interface ClearingOptions {
  /** Where the worktrees of this pool are. */
  readonly directory: string
}

/** How often one begins anew where somebody writes in between. */
const mostTries = 3

const making = WorkspaceState.cases.Making.make({})
const away = WorkspaceState.cases.Away.make({})

export const checkoutOf = ({ gitDir, path, repository }: Workspace): Checkout => ({
  repository,
  gitDir,
  workTree: path
})

export const makeClearing = Effect.fnUntraced(function*({ directory }: ClearingOptions) {
  const git = yield* Git
  const store = yield* Store
  const processes = yield* Processes
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const surveying = yield* makeSurvey()
  const rescueOf = yield* makeRescue()

  const isThere = (place: string) => Effect.orElseSucceed(fs.exists(place), () => false)

  const keep = Effect.fnUntraced(function*(workspace: Workspace, change: Partial<Workspace>) {
    const changed = new Workspace({ ...workspace, ...change })
    yield* store.workspaces.keep(changed)
    return changed
  })

  const keptFor = (workspace: Workspace, why: string) =>
    Effect.map(
      keep(workspace, { state: WorkspaceState.cases.Kept.make({ why }) }),
      (kept): Cleared => ({ _tag: "Kept", workspace: kept, why })
    )

  /** One at a time, in a repository that git can read. */
  const locked = (workspace: Workspace) => <A, E>(effect: Effect.Effect<A, E>) =>
    git.locked(workspace.repository)(
      Effect.andThen(Effect.provideContext(mendEntries(workspace.repository), files), effect)
    ).pipe(Effect.uninterruptible)

  /** Nobody is to be inside. */
  const unused = Effect.fnUntraced(function*(workspace: Workspace) {
    const why = yield* occupantsOf(processes, workspace.path)
    if (why !== null) return yield* new Unsavable({ why })
  })

  /** Git finds its own directory by this file, and looks whether it is the right one. */
  const linked = Effect.fnUntraced(function*({ gitDir, path: top }: Workspace) {
    const link = path.join(top, ".git")
    const wanted = `gitdir: ${gitDir}\n`
    const kind = yield* kindOf(fs)(link)
    if (kind === "Directory") {
      return yield* new Unsavable({ why: `another repository was made in the place of ${top}` })
    }
    if (kind === "File" && (yield* plainText(fs)(link))?.trim() === wanted.trim()) return
    // Whatever else lies there goes itself: a link in its place would be written through.
    const write = Effect.andThen(fs.remove(link, { force: true }), fs.writeFileString(link, wanted, { flag: "wx" }))
    yield* Effect.mapError(write, ({ message }) => new Unsavable({ why: message }))
  })

  /** One whose directory somebody deleted: as it was staged, so that it is looked at and goes as any other. */
  const revived = Effect.fnUntraced(function*(workspace: Workspace) {
    yield* Effect.mapError(
      fs.makeDirectory(workspace.path, { recursive: true }),
      ({ message }) => new Unsavable({ why: message })
    )
    yield* linked(workspace)
    // Without an index that can be read, there is nothing staged.
    yield* Effect.ignore(refill(git, checkoutOf(workspace)))
  })

  /** The survey of a workspace, for as long as it is used. */
  const surveyed = <A, E>(workspace: Workspace, use: (survey: Survey) => Effect.Effect<A, E>) =>
    Effect.gen(function*() {
      const hasFiles = yield* isThere(workspace.path)
      const checkout = checkoutOf(workspace)
      // Of one whose directory is gone there may still be commits, and what is staged.
      return yield* Effect.acquireUseRelease(
        surveying.of(hasFiles ? checkout : { ...checkout, workTree: null }),
        use,
        surveying.leave
      )
    })

  const rescued = (workspace: Workspace, survey: Survey) =>
    isClean(survey) ? Effect.succeed({ refs: [], commit: null }) : rescueOf(survey, workspace)

  /** The branch goes where it has nothing of its own: it is where it began, and something else holds that. */
  const withoutEmptyBranch = Effect.fnUntraced(function*(workspace: Workspace) {
    if (workspace.branch === null) return
    const main = mainCheckout(workspace.repository)
    const ref = branchRef(workspace.branch)
    const tip = yield* resolveCommit(git, main, ref)
    if (tip !== workspace.base || !(yield* isHeldElsewhere(git, main, { ref, tip, among: "refs" }))) return
    // It was this workspace's alone, and nobody is inside.
    yield* Effect.ignore(fs.remove(path.join(workspace.repository.common, `${ref}.lock`), { force: true }))
    yield* deleteRef(git, main, { ref, from: tip })
  })

  /** What lies there becomes what is committed, at no branch; then git itself finds whatever was written since. */
  const settle = Effect.fnUntraced(function*(survey: Survey, commit: CommitId | null) {
    const { changed, checkout, hidden, index, isRemade } = survey
    if (changed.length + hidden.length === 0 && !isRemade) return
    yield* Effect.mapError(
      fs.rename(index, path.join(checkout.gitDir, "index")),
      ({ message }) => new Unsavable({ why: message })
    )
    // Nobody is inside, so a lock is one that somebody left who was killed.
    yield* Effect.ignore(fs.remove(path.join(checkout.gitDir, "HEAD.lock"), { force: true }))
    if (commit !== null) yield* detach(git, checkout, commit)
  })

  /** Worktrees of the same repository that somebody has made inside of this one: they go with it. */
  const innerWorktrees = (survey: Survey): ReadonlyArray<Checkout> => [
    ...survey.inner.flatMap(innerWorktrees),
    ...survey.inner.map(({ checkout }) => checkout).filter(({ gitDir, repository }) =>
      repository.common === survey.checkout.repository.common && gitDir !== repository.common
    )
  ]

  const remove = Effect.fnUntraced(function*(workspace: Workspace, survey: Survey) {
    const isForced = hasRepositories(survey)
    if (isForced) {
      // Git refuses to take away what has repositories in it, so what it would look for is looked for here: once more,
      // after everything went to references, there is nothing new.
      const again = yield* surveyed(workspace, (second) => rescued(workspace, second))
      if (again.refs.length > 0 || again.commit !== null) return false
    }
    yield* unused(workspace)
    for (const inner of innerWorktrees(survey)) {
      yield* Effect.provideContext(takeAway(git, inner, true), files)
    }
    const checkout = checkoutOf(workspace)
    return yield* takeAway(git, checkout, isForced).pipe(
      Effect.provideContext(files),
      Effect.as(true),
      Effect.orElseSucceed(() => false)
    )
  })

  /** One try; false: somebody wrote in between, and all is as it was. */
  const tryOnce = Effect.fnUntraced(function*(workspace: Workspace): Effect.fn.Return<
    { readonly done: boolean; readonly workspace: Workspace },
    Failure | Unsavable
  > {
    if (!(yield* isThere(workspace.gitDir))) {
      if (!(yield* isThere(workspace.path))) return { done: true, workspace }
      return yield* new Unsavable({ why: `git knows nothing of ${workspace.path} any more` })
    }
    const named = (yield* plainText(fs)(path.join(workspace.gitDir, "gitdir"))) ?? ""
    if (named.trim() !== path.join(workspace.path, ".git")) {
      return yield* new Unsavable({ why: `git says that it is elsewhere: ${named.trim()}` })
    }
    yield* unused(workspace)
    yield* (yield* isThere(workspace.path)) ? linked(workspace) : revived(workspace)
    return yield* surveyed(workspace, (survey) =>
      Effect.gen(function*() {
        const { commit, refs } = yield* rescued(workspace, survey)
        const safe = yield* keep(workspace, { state: making, rescues: [...workspace.rescues, ...refs] })
        const head = path.join(workspace.gitDir, "HEAD")
        const before = (yield* plainText(fs)(head)) ?? ""
        yield* settle(survey, commit)
        const done = yield* Effect.onError(
          remove(safe, survey),
          () => Effect.ignore(fs.writeFileString(head, before))
        )
        if (!done) yield* Effect.ignore(fs.writeFileString(head, before))
        return { done, workspace: safe }
      }))
  })

  /** A failure of git's, or of ours to save something, is a reason to keep it. */
  const orKept = (workspace: Workspace) => (clear: Effect.Effect<Cleared, Failure | Unsavable>) =>
    Effect.catch(clear, (error) => {
      if (
        error._tag === "Unsavable" || error.reason._tag === "GitFailed" || error.reason._tag === "IsolationImpossible"
      ) {
        return Effect.flatMap(
          Effect.orElseSucceed(store.workspaces.find(workspace.id), () => ({ _tag: "None" as const })),
          (found) => keptFor(found._tag === "Some" ? found.value : workspace, error.message)
        )
      }
      return Effect.fail(error)
    })

  const putAway = Effect.fn("Clearing.putAway")((workspace: Workspace): Effect.Effect<Cleared, Failure> => {
    const clear = Effect.gen(function*() {
      let now = workspace
      for (let tries = 0; tries < mostTries; tries++) {
        const { done, workspace: after } = yield* tryOnce(now)
        now = after
        if (!done) continue
        // One that cannot be deleted now is there for the next clean-up.
        yield* Effect.ignore(withoutEmptyBranch(now))
        const gone = yield* keep(now, { state: away })
        return {
          _tag: "Away",
          workspace: gone,
          rescued: gone.rescues.slice(workspace.rescues.length)
        } satisfies Cleared
      }
      return yield* keptFor(now, `somebody is writing in ${workspace.path}`)
    })
    return orKept(workspace)(locked(workspace)(clear))
  })

  const rescue = Effect.fn("Clearing.rescue")((workspace: Workspace): Effect.Effect<Workspace, Failure> => {
    const save = Effect.gen(function*() {
      const { refs } = yield* surveyed(workspace, (survey) => rescued(workspace, survey))
      return refs.length === 0 ? workspace : yield* keep(workspace, { rescues: [...workspace.rescues, ...refs] })
    })
    const failing = Effect.mapError((error: Failure | Unsavable) =>
      error._tag === "Failure" ? error : new Failure({
        reason: new GitFailed({ repository: workspace.path, verb: "rescue", code: null, detail: error.why })
      })
    )
    return locked(workspace)(failing(save))
  })

  /** Whether nothing in it would be lost; null: it could not be said. Nothing is changed. */
  const look = Effect.fnUntraced(function*(workspace: Workspace) {
    yield* unused(workspace)
    return yield* surveyed(workspace, (survey) => Effect.succeed(isClean(survey)))
  })

  const { reconcile } = yield* makeReconciling({ directory, putAway })
  const prune = yield* makePruning({ putAway, look })
  return { putAway, rescue, reconcile, prune } satisfies Clearing as Clearing
})
