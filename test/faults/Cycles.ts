/**
 * Random lives of workspaces, many at once over a few repositories: made, edited, staged, committed, with submodules and
 * other repositories in them, locked, killed in the middle of git, and put away. What was there is written down outside of
 * the pool's view, and has to be found again in the end.
 */
import { NodeServices } from "@effect/platform-node"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { Effect, Layer, Path } from "effect"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import type { RepositoryPlace } from "../../src/domain/Workspace.ts"
import * as MachineProcesses from "../../src/layers/MachineProcesses.ts"
import { lockFile } from "../../src/layers/RepositoryLock.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Git } from "../../src/services/Git.ts"
import { Processes } from "../../src/services/Processes.ts"
import { Store } from "../../src/services/Store.ts"
import { makeRepository, plainGit, workDirectory } from "../support/Repositories.ts"
import { playCycle } from "./Cycle.ts"
import { emptyModel } from "./CyclesModel.ts"
import { mortalSpawner, mortalStore } from "./Doom.ts"
import { drawFrom } from "./Seed.ts"

export interface CyclesOptions {
  readonly seed: number
  readonly cycles: number
  readonly atOnce: number
  readonly repositories: number
}

export interface CyclesReport {
  readonly seed: number
  readonly cycles: number
  readonly kills: { readonly ours: number; readonly workers: number }
  readonly commits: number
  readonly files: number
  readonly rescues: number
  readonly problems: ReadonlyArray<string>
}

const machineIn = (seats: string) => {
  const git = Git.layer({ seats, env: { PATH: process.env["PATH"] ?? "" }, lock: lockFile }).pipe(
    Layer.provide(mortalSpawner)
  )
  return git.pipe(
    Layer.provideMerge(Layer.mergeAll(NodeServices.layer, NodeCrypto.layerDigest, MachineProcesses.layer))
  )
}

const lines = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "")

/** Everything that some reference leads to, or an entry of the stash. */
const reachable = (top: string): ReadonlySet<string> => {
  const isStash = plainGit(top, "for-each-ref", "refs/stash") !== ""
  const stashed = !isStash ? [] : lines(plainGit(top, "log", "-g", "--format=%H", "refs/stash"))
  return new Set(lines(plainGit(top, "rev-list", "--objects", "--all", ...stashed)).map((line) => line.slice(0, 40)))
}

export const cycles = (options: CyclesOptions): Effect.Effect<CyclesReport> =>
  Effect.gen(function*() {
    const directory = yield* workDirectory
    const path = yield* Path.Path
    const tops = yield* Effect.forEach(Array.from({ length: options.repositories }, (_, at) => at), (at) =>
      makeRepository(path.join(directory, `repository-${at}`), {
        "a.txt": "one\n",
        "src/b.txt": "two\n",
        ".gitignore": "*.log\n"
      }))
    for (const top of tops) {
      plainGit(top, "config", "gc.auto", "0")
    }
    const source = yield* makeRepository(path.join(directory, "source"), { "s.txt": "s\n" })
    return yield* Effect.provide(
      playAll(options, { directory, source, tops }),
      machineIn(path.join(directory, "seats"))
    )
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.orDie)

interface World {
  readonly directory: string
  readonly source: string
  readonly tops: ReadonlyArray<string>
}

const playAll = Effect.fnUntraced(function*(
  { atOnce, cycles, seed }: CyclesOptions,
  { directory, source, tops }: World
) {
  const git = yield* Git
  const processes = yield* Processes
  const model = emptyModel()
  const problems: Array<string> = []
  const counts = { ours: 0, workers: 0, rescues: 0 }
  const places: ReadonlyArray<RepositoryPlace> = yield* Effect.forEach(tops, (top) => git.find(top))
  const bases = tops.map((top) => plainGit(top, "rev-parse", "HEAD").trim())
  const startedAt = (yield* processes.startOf(process.pid)) ?? ""

  // Each is a pool of its own, with a store of its own.
  const lane = (number: number) =>
    Effect.gen(function*() {
      const store = mortalStore(yield* Store)
      const own = join(directory, `pool-${number}`)
      for (let cycle = number; cycle < cycles; cycle += atOnce) {
        const at = cycle % places.length
        const found = yield* playCycle({
          base: bases[at]!,
          counts,
          cycle,
          directory: own,
          draw: drawFrom(seed * 1_000_003 + cycle),
          model,
          owner: { pid: process.pid, startedAt, store: own },
          repository: places[at]!,
          source
        }).pipe(Effect.provideService(Store, store))
        problems.push(...found.map((one) => `cycle ${cycle}: ${one}`))
        // Many references in as many files are slow to read.
        if (cycle % 64 === 0) plainGit(tops[at]!, "pack-refs", "--all")
      }
      const left = (yield* store.workspaces.all).filter(({ state }) => state._tag !== "Away")
      problems.push(...left.map(({ id, state }) => `${id} is still ${state._tag}`))
      const directories = existsSync(own) ? readdirSync(own) : []
      problems.push(...directories.map((name) => `the directory ${name} is left`))
    }).pipe(Effect.provide(Layer.fresh(StoreDirectory.layerMemory)))

  yield* Effect.forEach(Array.from({ length: atOnce }, (_, number) => number), lane, {
    concurrency: "unbounded",
    discard: true
  })
  const held = new Set(tops.flatMap((top) => [...reachable(top)]))
  problems.push(...[...model.commits].filter((one) => !held.has(one)).map((one) => `the commit ${one} is lost`))
  problems.push(...[...model.blobs].filter(([one]) => !held.has(one)).map(([, where]) => `${where} is lost`))
  for (const top of tops) {
    const trees = lines(plainGit(top, "worktree", "list", "--porcelain")).filter((line) => line.startsWith("worktree "))
    problems.push(...trees.slice(1).map((line) => `git still knows the ${line}`))
    plainGit(top, "fsck", "--connectivity-only", "--no-dangling", "--no-progress")
  }
  return {
    seed,
    cycles,
    kills: { ours: counts.ours, workers: counts.workers },
    commits: model.commits.size,
    files: model.blobs.size,
    rescues: counts.rescues,
    problems
  } satisfies CyclesReport
})

/** In one line, with what replays it. */
export const inWords = ({ commits, cycles, files, kills, problems, rescues, seed }: CyclesReport): string =>
  `${cycles} cycles, SEED=${seed}: ${commits} commits, ${files} versions of files, ${kills.workers} workers' and ${kills.ours} own processes of git killed, ${rescues} rescues, ${problems.length} problems`
