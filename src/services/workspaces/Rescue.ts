/**
 * Puts what would be lost with a workspace's directory into references of its repository, as commits: what is not
 * committed with what git does not know, what is staged and different from both, commits that nothing else holds, and the
 * same of every repository that lies in it, whose objects are brought over. Nothing in the workspace is changed.
 */
import { DateTime, Effect, FileSystem, Path } from "effect"
import { type CommitId, rescueRef } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Workspace } from "../../domain/Workspace.ts"
import { type Checkout, Git, mainCheckout } from "../Git.ts"
import { rescuesOf } from "../git/AllRefs.ts"
import { commitTree } from "../git/Commits.ts"
import { addAll, headOf, isGitlink, treeOf, treeOfSides, unhide, withIndex } from "../git/OwnIndex.ts"
import { packInto } from "../git/Packing.ts"
import { createRefs, otherObjects } from "../git/Strays.ts"
import type { Survey } from "./Survey.ts"
import { Unsavable } from "./Unsavable.ts"

export interface Rescued {
  /** Those that were made now. */
  readonly refs: ReadonlyArray<string>
  /** All that lies in the checkout, as a commit; null: HEAD has all of it. The copy of the index agrees with it. */
  readonly commit: CommitId | null
}

/** What of one repository has to be held. */
interface Finding {
  readonly checkout: Checkout
  readonly objects: ReadonlyArray<string>
}

export const makeRescue = Effect.fnUntraced(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const git = yield* Git
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()

  /** What is staged, also in the middle of a merge; null: there is nothing. */
  const stagedTree = Effect.fnUntraced(function*({ changed, checkout, entries, index }: Survey) {
    if (!changed.some(({ code }) => code !== "??" && !code.startsWith("."))) return null
    const whole = yield* treeOf(withIndex(git, index), checkout)
    if (whole !== null) return whole
    const sides = `${index}-sides`
    for (const left of [sides, `${sides}.lock`]) yield* Effect.ignore(fs.remove(left, { force: true }))
    return yield* Effect.ensuring(
      treeOfSides(withIndex(git, sides), checkout, entries),
      Effect.ignore(fs.remove(sides, { force: true }))
    )
  })

  const commitsOf = Effect.fnUntraced(function*(survey: Survey, workspace: Workspace) {
    const { changed, checkout, hidden, index, inner } = survey
    if (changed.length + hidden.length === 0) return { commit: null, staged: null, head: null }
    const own = withIndex(git, index)
    const head = yield* headOf(git, checkout)
    const staged = yield* stagedTree(survey)
    if (hidden.length > 0) yield* unhide(own, checkout, hidden)
    // Repositories are brought over by themselves; files of ours may lie in one, and are taken along.
    const links = new Set(survey.entries.filter(isGitlink).map((entry) => entry.path))
    const ours = survey.entries.map((entry) => entry.path)
    const apart = inner.map((one) => path.relative(survey.path, one.path)).filter((place) =>
      links.has(place) || !ours.some((name) => name.startsWith(`${place}/`))
    )
    yield* addAll(own, checkout, apart)
    const tree = yield* treeOf(own, checkout)
    const make = (tree: string, what: string) =>
      commitTree(git, checkout, {
        tree,
        parents: head === null ? [] : [head.commit],
        message: `${what} of workspace ${workspace.id}${survey.path === "" ? "" : `, in ${survey.path}`}\n`,
        at: Math.floor(DateTime.toEpochMillis(workspace.usedAt) / 1000)
      })
    if (tree === null) return yield* new Unsavable({ why: `the files in ${checkout.workTree} cannot be made a commit` })
    return {
      head: head?.commit ?? null,
      commit: tree === head?.tree ? null : yield* make(tree, "What was not committed"),
      staged: staged === null || staged === tree || staged === head?.tree
        ? null
        : yield* make(staged, "What was staged")
    }
  })

  const findings = (survey: Survey, workspace: Workspace): Effect.Effect<
    { readonly commit: CommitId | null; readonly all: ReadonlyArray<Finding> },
    Failure | Unsavable
  > =>
    Effect.gen(function*() {
      const inner = yield* Effect.forEach(survey.inner, (one) => findings(one, workspace))
      const { commit, head, staged } = yield* commitsOf(survey, workspace)
      const made = [commit, staged].filter((one) => one !== null)
      const strays = made.length > 0 ? survey.strays.filter((one) => one !== head) : survey.strays
      const others = survey.held === "remote" && survey.strays.length + made.length > 0
        ? yield* otherObjects(git, survey.checkout)
        : []
      const own = { checkout: survey.checkout, objects: [...made, ...strays, ...others] }
      return { commit, all: [own, ...inner.flatMap(({ all }) => all)].filter(({ objects }) => objects.length > 0) }
    })

  /** Brings objects over, unless they are there and held. */
  const bring = Effect.fnUntraced(
    function*({ checkout, objects }: Finding, into: Checkout, known: ReadonlySet<string>) {
      if (checkout.repository.common === into.repository.common || objects.every((one) => known.has(one))) return
      const { common } = checkout.repository
      if (yield* Effect.orElseSucceed(fs.exists(path.join(common, "shallow")), () => false)) {
        return yield* new Unsavable({
          why: `the repository ${common} has work of its own, and only a part of its history`
        })
      }
      yield* Effect.provideContext(packInto(git, checkout, into, objects), files)
    }
  )

  /** Under the repository's lock. The same things are put into references once, however often they are looked at. */
  return Effect.fnUntraced(function*(survey: Survey, workspace: Workspace): Effect.fn.Return<
    Rescued,
    Failure | Unsavable
  > {
    const { all, commit } = yield* findings(survey, workspace)
    if (all.length === 0) return { refs: [], commit }
    const main = mainCheckout(workspace.repository)
    const there = yield* rescuesOf(git, main, workspace.id)
    const known = new Set(there.refs.map(({ object }) => object))
    const objects = [...new Set(all.flatMap((one) => one.objects))].filter((one) => !known.has(one))
    if (objects.some((one) => one.length !== workspace.base.length)) {
      return yield* new Unsavable({ why: "a repository in it names its objects in another way" })
    }
    for (const finding of all) yield* bring(finding, main, known)
    const refs = objects.map((object, at) => [rescueRef(workspace.id, there.next + at), object] as const)
    // Only whoever has the repository's lock writes these: a lock on one is of somebody who was killed.
    for (const [ref] of refs) {
      yield* Effect.ignore(fs.remove(path.join(main.repository.common, `${ref}.lock`), { force: true }))
    }
    if (refs.length > 0) yield* createRefs(git, main, refs)
    return { refs: refs.map(([ref]) => ref), commit }
  })
})
