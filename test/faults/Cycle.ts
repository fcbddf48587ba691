/**
 * One life of one workspace: what is done in it, by chance, and the clean-up.
 */
import { DateTime, Effect, type FileSystem, Option, type Path } from "effect"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { branchOf, CommitId } from "../../src/domain/Commit.ts"
import { TaskId } from "../../src/domain/TaskId.ts"
import { Holder, type RepositoryPlace, Workspace, WorkspaceId, WorkspaceState } from "../../src/domain/Workspace.ts"
import { Git } from "../../src/services/Git.ts"
import { addWorktree } from "../../src/services/git/Worktrees.ts"
import { Store } from "../../src/services/Store.ts"
import { makeClearing } from "../../src/services/workspaces/Clearing.ts"
import { type LockOwner, lockReason } from "../../src/services/workspaces/LockReason.ts"
import { blobOf, filesIn, headIn, type Model, seeFiles } from "./CyclesModel.ts"
import { type Doom, Doomed } from "./Doom.ts"
import { type Draw, pick } from "./Seed.ts"
import { workerGit } from "./WorkerGit.ts"

export interface CycleOptions {
  readonly base: string
  readonly counts: { ours: number; workers: number; rescues: number }
  readonly cycle: number
  /** Where this pool's worktrees are. */
  readonly directory: string
  readonly draw: Draw
  readonly model: Model
  readonly owner: LockOwner
  readonly repository: RepositoryPlace
  /** What submodules are made of. */
  readonly source: string
}

const recordOf = ({ base, cycle, directory, repository }: CycleOptions): Workspace => {
  const letters = String(cycle).padStart(16, "0")
  const id = WorkspaceId.make(`w_${letters}`)
  const at = DateTime.makeUnsafe("2026-01-01T00:00:00Z")
  return new Workspace({
    id,
    holder: Holder.cases.Task.make({ id: TaskId.make(`t_${letters}`) }),
    repository,
    path: join(directory, id),
    gitDir: join(repository.common, "worktrees", id),
    branch: branchOf(`t_${letters}`),
    base: CommitId.make(base),
    state: WorkspaceState.cases.Making.make({}),
    madeAt: at,
    usedAt: at,
    setUp: null,
    ports: [],
    rescues: []
  })
}

/** A worker in a workspace, and what is known of its work. */
const workerIn = ({ counts, cycle, draw, model, repository, source }: CycleOptions, workspace: Workspace) => {
  const top = workspace.path
  let files = 0
  /** What is staged, by its path. */
  const staged = new Map<string, string>()
  const inner = new Set<string>()
  const innerCommits = new Set<string>()

  const write = (directory: string, name: string): string => {
    const content = `${cycle} ${files++} ${draw(1_000_000)}\n`
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), content)
    return content
  }

  const names = ["a.txt", "src/b.txt", "new.txt", "deep/er/c.txt"] as const

  const see = Effect.sync(() => {
    const head = headIn(workspace.gitDir, repository.common)
    if (head !== null) model.commits.add(head)
    for (const place of inner) {
      const own = headIn(join(place, ".git"), join(place, ".git"))
      if (own === null) continue
      model.commits.add(own)
      innerCommits.add(own)
    }
  })

  const edit = Effect.sync(() => {
    write(top, pick(draw, names))
    write(top, pick(draw, [...names, "x.log"]))
  })

  const stage = Effect.suspend(() => {
    const name = pick(draw, names)
    const content = write(top, name)
    return Effect.map(workerGit(top, ["add", "--", name]), ({ code }) => {
      if (code === 0) staged.set(name, blobOf(content))
    })
  })

  const commit = Effect.suspend(() => {
    const name = pick(draw, names)
    write(top, name)
    return workerGit(top, ["add", "-A"]).pipe(
      Effect.andThen(workerGit(top, ["commit", "-q", "-m", `${cycle}`])),
      Effect.andThen(Effect.sync(() => staged.clear())),
      Effect.andThen(see)
    )
  })

  const drop = Effect.andThen(commit, workerGit(top, ["reset", "-q", "--soft", "HEAD^"]))
  const detach = Effect.andThen(workerGit(top, ["checkout", "-q", "--detach"]), commit)

  const embed = Effect.suspend(() => {
    const place = join(top, pick(draw, ["inner", "src", "deep/inner"] as const))
    write(place, "in.txt")
    inner.add(place)
    return workerGit(place, ["init", "-q"]).pipe(
      Effect.andThen(
        draw(2) === 0 ? Effect.void : Effect.andThen(
          workerGit(place, ["add", "in.txt"]),
          workerGit(place, ["commit", "-q", "-m", `${cycle}`])
        )
      ),
      Effect.andThen(see),
      Effect.andThen(Effect.sync(() => write(place, "in2.txt")))
    )
  })

  const submodule = Effect.suspend(() => {
    const sub = join(top, "sub")
    return workerGit(top, ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "sub"]).pipe(
      Effect.andThen(Effect.suspend(() => {
        if (!existsSync(join(sub, ".git"))) return Effect.void
        write(sub, "s.txt")
        return Effect.andThen(
          workerGit(sub, ["commit", "-q", "-a", "-m", `${cycle}`]),
          Effect.sync(() => {
            const modules = join(workspace.gitDir, "modules/sub")
            const head = headIn(modules, modules)
            if (head !== null) model.commits.add(head)
            write(sub, "s2.txt")
          })
        )
      }))
    )
  })

  const lock = Effect.sync(() => writeFileSync(join(workspace.gitDir, pick(draw, ["index.lock", "HEAD.lock"])), ""))

  const killed = Effect.suspend(() => {
    write(top, pick(draw, names))
    counts.workers++
    const args = pick(draw, [["add", "-A"], ["commit", "-q", "-a", "-m", `${cycle}`], ["reset", "-q"], ["stash", "-q"]])
    staged.clear()
    const before = filesIn(top)
    return workerGit(top, args, draw(10)).pipe(
      Effect.andThen(see),
      Effect.andThen(Effect.sync(() => {
        // What git has taken out of the tree has to be where git has put it.
        const after = new Set(filesIn(top).map(([, blob]) => blob))
        for (const [place, blob] of before) if (!after.has(blob)) model.blobs.set(blob, `${place}, before ${args[0]}`)
      }))
    )
  })

  const vanish = Effect.sync(() => {
    if (draw(3) > 0) return
    seeStaged()
    rmSync(top, { recursive: true })
    // A repository that lay in it went with it, and nobody could have kept it.
    for (const commit of innerCommits) model.commits.delete(commit)
  })

  const seeStaged = () => {
    for (const [name, blob] of staged) model.blobs.set(blob, `staged ${join(top, name)}`)
  }

  const done = Effect.sync(() => {
    seeStaged()
    seeFiles(model, top)
  })

  const moves = [edit, edit, edit, stage, stage, commit, commit, drop, detach, embed, lock, killed, killed] as const
  /** What takes more than a few processes is rare. */
  const rare = [submodule, vanish] as const

  return Effect.gen(function*() {
    for (let left = 1 + draw(3); left > 0; left--) yield* pick(draw, moves)
    if (draw(12) === 0) yield* pick(draw, rare)
    yield* done
  })
}

export const playCycle = Effect.fnUntraced(function*(options: CycleOptions) {
  const { counts, directory, draw, owner, repository } = options
  const git = yield* Git
  const store = yield* Store
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const clearing = yield* makeClearing({ directory })
  const record = recordOf(options)
  const problems: Array<string> = []

  const doomed = <A, E, R>(effect: Effect.Effect<A, E, R>, most: number) => {
    const doom: Doom = { left: draw(most), after: draw(8), isDead: false }
    return Effect.exit(Effect.provideService(effect, Doomed, doom)).pipe(
      Effect.tap(() => Effect.sync(() => doom.isDead ? counts.ours++ : 0))
    )
  }

  const make = Effect.gen(function*() {
    yield* store.workspaces.keep(record)
    const { base, branch, gitDir, path: top } = record
    yield* git.locked(repository)(Effect.gen(function*() {
      yield* addWorktree(git, repository, { path: top, commit: base, reason: lockReason(owner) })
      const ref = `refs/heads/${branch}`
      mkdirSync(dirname(join(repository.common, ref)), { recursive: true })
      writeFileSync(join(repository.common, ref), `${base}\n`)
      writeFileSync(join(gitDir, "HEAD"), `ref: ${ref}\n`)
    })).pipe(Effect.provideContext(files))
    yield* store.workspaces.keep(new Workspace({ ...record, state: WorkspaceState.cases.Ready.make({}) }))
  })

  const now = Effect.map(store.workspaces.find(record.id), Option.getOrThrow)

  if (draw(4) === 0) {
    yield* doomed(make, 2)
    yield* clearing.reconcile
  }
  const found = yield* store.workspaces.find(record.id)
  if (Option.isNone(found) || found.value.state._tag !== "Ready") yield* make
  yield* workerIn(options, record)
  if (draw(3) === 0) {
    yield* doomed(Effect.flatMap(now, clearing.putAway), 14)
    yield* clearing.reconcile
  }
  const last = yield* now
  const cleared = last.state._tag === "Away" ? null : yield* clearing.putAway(last)
  if (cleared?._tag === "Kept") problems.push(`it is kept: ${cleared.why}`)
  counts.rescues += (yield* now).rescues.length
  return problems
})
