/**
 * Everything that the pool's git is asked to do, over one repository: for what has to hold of all of it. Whoever adds a
 * function adds a play of it here.
 */
import { Effect, FileSystem, Path } from "effect"
import { branchRef, type CommitId } from "../../src/domain/Commit.ts"
import type { Failure } from "../../src/domain/Failure.ts"
import type { RepositoryPlace } from "../../src/domain/Workspace.ts"
import { type Checkout, type Git, mainCheckout } from "../../src/services/Git.ts"
import * as AllRefs from "../../src/services/git/AllRefs.ts"
import * as Attributes from "../../src/services/git/Attributes.ts"
import * as Blobs from "../../src/services/git/Blobs.ts"
import * as Clearance from "../../src/services/git/Clearance.ts"
import * as Commits from "../../src/services/git/Commits.ts"
import * as Diff from "../../src/services/git/Diff.ts"
import * as Embedded from "../../src/services/git/Embedded.ts"
import * as Footing from "../../src/services/git/Footing.ts"
import * as Indivisible from "../../src/services/git/Indivisible.ts"
import * as LineChanges from "../../src/services/git/LineChanges.ts"
import * as Merging from "../../src/services/git/Merging.ts"
import * as OwnIndex from "../../src/services/git/OwnIndex.ts"
import * as Packing from "../../src/services/git/Packing.ts"
import * as Placing from "../../src/services/git/Placing.ts"
import * as RawDiff from "../../src/services/git/RawDiff.ts"
import * as Refs from "../../src/services/git/Refs.ts"
import * as Remotes from "../../src/services/git/Remotes.ts"
import * as Snapshot from "../../src/services/git/Snapshot.ts"
import * as Status from "../../src/services/git/Status.ts"
import * as Strays from "../../src/services/git/Strays.ts"
import * as Touched from "../../src/services/git/Touched.ts"
import * as Worktrees from "../../src/services/git/Worktrees.ts"
import { contents } from "./Canaries.ts"
import { plainGit, reasonOf, writeFiles } from "./Repositories.ts"

export interface Stage {
  readonly git: Git["Service"]
  /** The same, with an index of ours. */
  readonly own: Git["Service"]
  readonly repository: RepositoryPlace
  readonly main: Checkout
  /** A worktree of the pool's, in which every kind of file has been changed, deleted, and added. */
  readonly tree: Checkout
  /** What the worktree began at, a branch that changes the same files, and the first commit, without submodules. */
  readonly base: CommitId
  readonly side: CommitId
  readonly first: CommitId
  /** A directory for what a play needs beside. */
  readonly directory: string
}

type Play = (stage: Stage) => Effect.Effect<unknown, Failure, FileSystem.FileSystem | Path.Path>

const onBoth = (play: (stage: Stage, checkout: Checkout) => ReturnType<Play>): Play => (stage) =>
  Effect.andThen(play(stage, stage.main), play(stage, stage.tree))

const held = branchRef("cp/t_held")
const merge = ({ base, git, main, side }: Stage) => Merging.mergeTree(git, main, base, side)
const trees = ({ base, first, git, main, side }: Stage) => Commits.treesOf(git, main, [first, base, side])

/** Everything in the worktree as in its commit, but files that are as new as the index, so that git looks into them. */
const restore = Effect.fnUntraced(function*({ base, git, tree }: Stage) {
  yield* Placing.checkOut(git, tree, base)
  yield* Effect.orDie(writeFiles(tree.workTree!, contents("main")))
})

/** One of its own to be put away, at a commit without submodules. */
const withTree = (
  name: string,
  at: "base" | "first",
  use: (stage: Stage, checkout: Checkout) => ReturnType<Play>
): Play =>
(stage) =>
  stage.git.locked(stage.repository)(Effect.gen(function*() {
    const path = `${stage.directory}/${name}`
    const made = yield* Worktrees.addWorktree(stage.git, stage.repository, {
      path,
      commit: stage[at],
      reason: "claude-pool test"
    })
    if (at === "first") yield* Effect.orDie(writeFiles(path, contents("first")))
    yield* use(stage, made)
  }))

/** By file, in this order. The worktree is put away after all of them. */
export const plays: Readonly<Record<string, Readonly<Record<string, Play>>>> = {
  Refs: {
    resolveCommit: onBoth(({ git }, checkout) => Refs.resolveCommit(git, checkout, "HEAD")),
    currentBranch: onBoth(({ git }, checkout) => Refs.currentBranch(git, checkout)),
    isAncestor: ({ base, git, main, side }) => Refs.isAncestor(git, main, base, side),
    countCommits: ({ base, git, main, side }) => Refs.countCommits(git, main, base, side),
    moveRef: ({ base, git, tree }) => Refs.moveRef(git, tree, { ref: held, to: base, from: null }),
    deleteRef: ({ base, git, tree }) => Refs.deleteRef(git, tree, { ref: held, from: base })
  },
  AllRefs: {
    listRefs: onBoth(({ git }, checkout) => AllRefs.listRefs(git, checkout)),
    refsWith: ({ git, main, side }) => AllRefs.refsWith(git, main, side),
    rescuesOf: ({ git, main }) => AllRefs.rescuesOf(git, main, "w_0")
  },
  Attributes: { filteredPaths: ({ base, git, main }) => Attributes.filteredPaths(git, main, base) },
  Blobs: {
    objectSizes: ({ base, git, main }) => Blobs.objectSizes(git, main, [base]),
    objectText: ({ base, git, main }) => Blobs.objectText(git, main, `${base}:file.converted`),
    filesWithConflicts: ({ base, git, main }) =>
      Blobs.filesWithConflicts(git, main, base, Object.keys(contents("")).concat("sub"))
  },
  Commits: {
    treesOf: trees,
    emptyTree: ({ git, main }) => Commits.emptyTree(git, main),
    commitTree: ({ base, git, main }) =>
      Effect.flatMap(
        Commits.emptyTree(git, main),
        (tree) => Commits.commitTree(git, main, { tree, parents: [base], message: "empty\n\nsigned: x\n" })
      ),
    commitsBetween: ({ first, git, main, side }) => Commits.commitsBetween(git, main, first, side)
  },
  Indivisible: {
    onlyLookMerged: (stage) =>
      Effect.gen(function*() {
        const { base, git, main, side } = stage
        const { tree } = yield* merge(stage)
        yield* Indivisible.onlyLookMerged(git, main, [{ ours: base, theirs: side, tree }])
        // Where no attribute says anything, those beside the commits are looked for.
        const empty = yield* Commits.emptyTree(git, main)
        const bare = yield* Commits.commitTree(git, main, { tree: empty, parents: [], message: "bare" })
        yield* Indivisible.onlyLookMerged(git, main, [{ ours: bare, theirs: bare, tree: empty }])
      })
  },
  Merging: {
    mergeTrees: ({ base, first, git, main, side }) => Merging.mergeTrees(git, main, [[base, side], [first, side]]),
    mergeTree: merge,
    mergeThree: (stage) =>
      Effect.flatMap(
        trees(stage),
        ([first, ours, theirs]) =>
          Merging.mergeThree(stage.git, stage.main, { base: first!, ours: ours!, theirs: theirs! })
      ),
    hunksOf: (stage) => Effect.flatMap(merge(stage), (merged) => Merging.hunksOf(stage.git, stage.main, merged)),
    mergeBases: ({ base, git, main, side }) => Merging.mergeBases(git, main, base, side)
  },
  Diff: {
    changesBetween: ({ base, git, main, side }) => Diff.changesBetween(git, main, base, side),
    patchBetween: ({ base, git, main, side }) => Diff.patchBetween(git, main, base, side)
  },
  LineChanges: { lineChanges: ({ base, git, main, side }) => LineChanges.lineChanges(git, main, base, side) },
  RawDiff: { rawDiff: ({ base, git, main, side }) => RawDiff.rawDiff(git, main, base, side) },
  Touched: {
    touchedSince: onBoth(({ git, side }, checkout) => Touched.touchedSince(git, checkout, side)),
    touchedBetween: ({ base, git, main, side }) => Touched.touchedBetween(git, main, base, side)
  },
  Strays: {
    strayCommits: ({ base, git, tree }) =>
      Effect.andThen(
        Strays.strayCommits(git, tree, { among: [base], held: "all" }),
        Strays.strayCommits(git, tree, { among: [base], held: "remote" })
      ),
    otherObjects: ({ git, main }) => Strays.otherObjects(git, main),
    createRefs: ({ base, git, main }) => Strays.createRefs(git, main, [["refs/claude-pool/rescue/x/1", base]]),
    isHeldElsewhere: ({ base, git, main }) =>
      Strays.isHeldElsewhere(git, main, { ref: branchRef("main"), tip: base, among: "refs" })
  },
  Remotes: { remoteOf: ({ git, repository }) => Remotes.remoteOf(git, repository, "main") },
  // It is refused for its filters, which are told without being run.
  Footing: { footing: ({ git, main }) => reasonOf(Footing.footing(git, main.workTree!)) },
  Embedded: { embeddedRepositories: onBoth(({ git }, checkout) => Embedded.embeddedRepositories(git, checkout)) },
  Status: {
    statusOf: onBoth(({ git }, checkout) => Status.statusOf(git, checkout)),
    hiddenIn: onBoth(({ git }, checkout) => Status.hiddenIn(git, checkout)),
    entriesOf: ({ git, tree }) =>
      Effect.andThen(
        git.run(tree, ["update-index", "--assume-unchanged", "file.driven"]),
        Status.entriesOf(git, tree)
      ),
    showHidden: ({ git, tree }) => Status.showHidden(git, tree, ["file.driven"])
  },
  OwnIndex: {
    readHead: ({ own, tree }) => OwnIndex.readHead(own, tree),
    withIndex: ({ own, tree }) => Status.statusOf(own, tree),
    indexEntries: ({ own, tree }) => OwnIndex.indexEntries(own, tree),
    unhide: ({ own, tree }) => OwnIndex.unhide(own, tree, ["file.driven"]),
    addAll: ({ own, tree }) => OwnIndex.addAll(own, tree, ["sub"]),
    treeOf: ({ own, tree }) => OwnIndex.treeOf(own, tree),
    treeOfSides: ({ directory, git, own, tree }) =>
      Effect.flatMap(
        OwnIndex.indexEntries(own, tree),
        (entries) => OwnIndex.treeOfSides(OwnIndex.withIndex(git, `${directory}/sides`), tree, entries)
      ),
    headOf: ({ own, tree }) => OwnIndex.headOf(own, tree)
  },
  Packing: {
    packInto: ({ git, main, tree }) =>
      Effect.gen(function*() {
        const inner = mainCheckout(yield* git.find(`${tree.workTree!}/sub`))
        yield* Packing.packInto(git, inner, main, [(yield* Refs.resolveCommit(git, inner, "HEAD"))!])
      })
  },
  Snapshot: {
    aside: ({ base, directory, git, tree }) =>
      Snapshot.snapshot(git, tree, { message: "aside", parent: base, index: `${directory}/index` }),
    snapshot: ({ base, git, tree }) =>
      Effect.map(Snapshot.snapshot(git, tree, { message: "kept", parent: base }), (kept) => {
        const link = plainGit(tree.workTree!, "ls-tree", kept!, "sub").split(/\s/)[2]
        if (link !== plainGit(`${tree.workTree!}/sub`, "rev-parse", "HEAD").trim()) throw new Error("a pointer is lost")
      })
  },
  Placing: {
    checkOut: restore,
    attach: ({ base, git, tree }) =>
      Effect.andThen(
        Refs.moveRef(git, tree, { ref: held, to: base, from: null }),
        Placing.attach(git, tree, "cp/t_held")
      ),
    detach: ({ base, git, tree }) => Placing.detach(git, tree, base),
    forwardFiles: ({ base, git, side, tree }) => Placing.forwardFiles(git, tree, side, base),
    resetFiles: ({ base, git, tree }) => Placing.resetFiles(git, tree, base),
    placesOf: onBoth(({ git }, checkout) => Placing.placesOf(git, checkout)),
    dropUntracked: ({ git, tree }) => Placing.dropUntracked(git, tree)
  },
  Clearance: {
    refill: withTree("refilled", "base", ({ git }, tree) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const names = yield* fs.readDirectory(tree.workTree!)
        for (const name of names.filter((one) => one !== ".git")) {
          yield* fs.remove(`${tree.workTree!}/${name}`, { recursive: true })
        }
        yield* Clearance.refill(git, tree)
      }).pipe(Effect.catchTag("PlatformError", Effect.die))),
    takeAway: withTree("taken", "first", ({ git }, tree) => Clearance.takeAway(git, tree, false)),
    takeAwayForced: withTree("forced", "base", ({ git }, tree) => Clearance.takeAway(git, tree, true)),
    clearAway: withTree("cleared", "base", ({ git }, tree) => Clearance.clearAway(git, tree))
  },
  Worktrees: {
    addWorktree: withTree("more", "base", () => Effect.void),
    listWorktrees: ({ git, repository }) => Worktrees.listWorktrees(git, repository),
    removeWorktree: ({ directory, git, repository }) =>
      git.locked(repository)(Worktrees.removeWorktree(git, repository, `${directory}/more`))
  }
}

/** Plays all of them, over a worktree that is made and put away, with `whileMade` when it is there. */
export const playAll = Effect.fnUntraced(function*(
  git: Git["Service"],
  place: { readonly repository: string; readonly directory: string },
  whileMade: (worktree: string) => Effect.Effect<unknown, unknown, FileSystem.FileSystem | Path.Path>
) {
  const { directory } = place
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const repository = yield* git.find(place.repository)
  const main = mainCheckout(repository)
  const base = (yield* Refs.resolveCommit(git, main, "HEAD"))!
  const side = (yield* Refs.resolveCommit(git, main, "side"))!
  const first = (yield* Refs.resolveCommit(git, main, "main~2"))!
  const top = path.join(directory, "worktree")
  const tree = yield* git.locked(repository)(
    Worktrees.addWorktree(git, repository, { path: top, commit: base, reason: "claude-pool test" })
  )
  yield* whileMade(top)
  // The submodule has gone on.
  plainGit(path.join(top, "sub"), "-c", "core.fsmonitor=false", "commit", "-q", "--allow-empty", "-m", "moved")
  yield* writeFiles(top, { ...contents("changed"), "new.cleaned": "new\n", "new.included": "new\n" })
  yield* fs.remove(path.join(top, "file.converted"))
  const own = OwnIndex.withIndex(git, path.join(directory, "own"))
  const stage = { git, own, repository, main, tree, base, side, first, directory }
  for (const [file, all] of Object.entries(plays)) {
    for (const [name, play] of Object.entries(all)) {
      yield* Effect.catch(play(stage), (failure) => Effect.die(new Error(`${file}.${name}: ${failure.message}`)))
    }
  }
  yield* git.run(tree, ["read-tree", "-u", "--reset", base])
  yield* fs.remove(path.join(top, "sub", ".git"), { recursive: true, force: true })
  yield* git.locked(repository)(Worktrees.removeWorktree(git, repository, top))
})
