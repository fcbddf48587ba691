/**
 * A radar over a real repository and its worktrees, of which a test says who is at work in them.
 */
import { Context, DateTime, Effect, type FileSystem, Layer, Path, Queue, Ref, Stream } from "effect"
import { CommitId } from "../../src/domain/Commit.ts"
import { Failure } from "../../src/domain/Failure.ts"
import type { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import type { Holder } from "../../src/domain/Workspace.ts"
import { Workspace, workspaceIdFrom, WorkspaceState } from "../../src/domain/Workspace.ts"
import { GitFailed } from "../../src/domain/WorkspaceFailure.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Events } from "../../src/services/Events.ts"
import { Git } from "../../src/services/Git.ts"
import { addWorktree } from "../../src/services/git/Worktrees.ts"
import { Radar } from "../../src/services/Radar.ts"
import { Store } from "../../src/services/Store.ts"
import { type LiveStay, Workspaces } from "../../src/services/Workspaces.ts"
import { type Files, gitLayer, makeRepository, plainGit, workDirectory, writeFiles } from "./Repositories.ts"
import { presented, sampleId, sampleTask, started } from "./SampleTask.ts"
import { settle } from "./Time.ts"

interface Entered {
  readonly workspace: Workspace
}

export interface StayOptions {
  /** Without it, what is checked out in the repository. */
  readonly base?: string
  readonly holder?: Holder
  readonly branch?: string
}

const make = Effect.fnUntraced(function*(files: Files) {
  const path = yield* Path.Path
  const directory = yield* workDirectory
  const repository = yield* makeRepository(path.join(directory, "repository"), files)
  const live = yield* Ref.make<ReadonlyArray<LiveStay>>([])
  const broken = new Set<string>()
  let commands = 0

  const git = Layer.effect(
    Git,
    Effect.map(Git, (real) =>
      Git.of({
        ...real,
        run: (checkout, args, options) =>
          Effect.suspend(() => {
            commands++
            if (!broken.has(checkout.workTree ?? "")) return real.run(checkout, args, options)
            const failed = new GitFailed({ repository, verb: args[0] ?? "", code: 128, detail: "it is broken" })
            return Effect.fail(new Failure({ reason: failed }))
          })
      }))
  ).pipe(Layer.provideMerge(gitLayer(path.join(directory, "seats"))))
  const world = Layer.mergeAll(
    git,
    StoreDirectory.layerMemory,
    Events.layer,
    Layer.mock(Workspaces, { live: Ref.get(live) })
  )
  const context = yield* Layer.build(Layer.provideMerge(Radar.layer(), world))
  const place = yield* Context.get(context, Git).find(repository)
  const head = () => plainGit(repository, "rev-parse", "HEAD").trim()

  /** A task gets a worktree, and is at work in it: task 3 on slot 3. */
  const enter = Effect.fnUntraced(function*(number: number, { base, branch, holder }: StayOptions = {}) {
    const commit = CommitId.make(base ?? head())
    const top = path.join(directory, `w${number}`)
    const checkout = yield* Effect.provide(
      addWorktree(Context.get(context, Git), place, { path: top, commit, reason: "claude-pool test" }),
      context
    )
    const task = sampleId(number)
    const workspace = new Workspace({
      id: workspaceIdFrom(new Uint8Array(16).fill(number)),
      holder: holder ?? { _tag: "Task", id: task },
      repository: place,
      path: top,
      gitDir: checkout.gitDir,
      branch: branch ?? `cp/${task}`,
      base: commit,
      state: WorkspaceState.cases.Ready.make({}),
      madeAt: DateTime.makeUnsafe(0),
      usedAt: DateTime.makeUnsafe(0),
      setUp: null,
      ports: [],
      rescues: []
    })
    const stay = { workspace, checkout, cwd: top, env: {} }
    yield* Ref.update(live, (all) => [...all, { task, slot: SlotId.make(number), stay }])
    return { task, top, workspace, write: (written: Files) => writeFiles(top, written) }
  })

  const store = Context.get(context, Store)
  const radar = Context.get(context, Radar)

  /** The task of a worktree has come to a result, which stands at this commit and waits for a review. */
  const present = Effect.fnUntraced(function*({ workspace }: Entered, number: number, to: CommitId) {
    const { base, branch, id } = workspace
    const running = started(yield* store.accept(sampleTask(number)))
    yield* store.commit(running)
    yield* store.workspaces.keep(workspace)
    yield* store.commit(presented(running.task, {
      isolation: "task",
      branch: {
        workspace: id,
        branch: branch ?? "",
        base,
        head: to,
        commits: 1,
        files: [],
        fileCount: 1,
        added: 1,
        removed: 1,
        patchHash: "0".repeat(64),
        patchChars: 1,
        completed: false,
        target: null,
        warnings: []
      },
      outside: [],
      toolCalls: 1,
      checks: [],
      verification: "unverified"
    }))
  })

  const heard = yield* Queue.unbounded<PoolEvent>()
  yield* Context.get(context, Events).stream.pipe(
    Stream.filter(({ _tag }) => _tag === "Overlapped"),
    Stream.runForEach((event) => Queue.offer(heard, event)),
    Effect.forkScoped({ startImmediately: true })
  )

  return {
    repository,
    live,
    head,
    enter,
    present,
    ...radar,
    events: Context.get(context, Events),
    store,
    /** What was told of overlaps since this was last asked. */
    told: Effect.map(Effect.andThen(settle, Queue.clear(heard)), (events) => [...events]),
    /** The folders in which something overlaps, as far as that is told. */
    overlapping: Effect.map(radar.overlaps, (all) => new Set(all.map(({ path }) => path.split("/")[0]!))),
    /** The next that is told. */
    next: Queue.take(heard),
    /** How many commands of git's a use takes. */
    commands: <A, E, R>(use: Effect.Effect<A, E, R>) =>
      Effect.suspend(() => {
        const before = commands
        return Effect.map(use, () => commands - before)
      }),
    break: (top: string) => Effect.sync(() => broken.add(top))
  }
})

export type RadarWorld = Effect.Success<ReturnType<typeof make>>

export const RadarWorld = {
  /** In a repository with these files. */
  use: <A, E>(files: Files, test: (world: RadarWorld) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>) =>
    Effect.flatMap(make(files), test).pipe(Effect.scoped, Effect.provide(gitLayer("/dev/null/none")))
}
