/**
 * Faults of the pool's process while it is at work on worktrees: whatever the moment, the next pool finishes the work, the
 * branch has all of it, and no worktree, lock or half-made branch is left.
 */
import { Effect, type Scope } from "effect"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Census } from "../../support/Census.ts"
import { plainGit } from "../../support/Repositories.ts"
import { check } from "../checker/Checker.ts"
import type { Draw } from "../Seed.ts"
import { type Connection, makeWorld, type OpenOptions, type Reply, type Work, type World } from "../World.ts"
import type { Cell, Moment } from "./Cell.ts"
import { event, logHas, until } from "./Reaching.ts"

const files = 300

const repositoryOf = (world: World): string => join(world.directory, "repository")

/** Large enough for a kill to come in the middle of a checkout. */
const makeRepository = (world: World): void => {
  const repository = repositoryOf(world)
  mkdirSync(join(repository, "src"), { recursive: true })
  for (let at = 0; at < files; at++) writeFileSync(join(repository, "src", `${at}.txt`), `${at}\n`.repeat(50))
  plainGit(repository, "init", "-q", "-b", "main")
  plainGit(repository, "add", "-A")
  plainGit(repository, "commit", "-q", "-m", "the first")
}

/** The worker goes on when it is there. */
const go = (world: World): string => join(world.directory, "go")

/** It makes one file. */
const work = (world: World, tool: string): Work => ({
  key: "victim",
  token: "<victim>",
  tool,
  args: {
    prompt: `[[bash:echo mine > src/made.txt]] [[await:${go(world)}]] [[cost:0.0021]] [[say:ok]] <victim>`,
    cwd: repositoryOf(world),
    permissions: "full"
  }
})

const base = (world: World): OpenOptions => ({
  slots: 2,
  flags: [
    "--hot-spares=false",
    "--shutdown-grace=300ms",
    "--isolation=task",
    `--workspaces=${join(world.directory, "worktrees")}`
  ]
})

const namesIn = (place: string): ReadonlyArray<string> => {
  try {
    return readdirSync(place)
  } catch {
    // It is not there, or goes just now.
    return []
  }
}

const entriesOf = (world: World): string => join(repositoryOf(world), ".git", "worktrees")

/** The worktrees that git has on record. */
const entries = (world: World): ReadonlyArray<string> => namesIn(entriesOf(world))

/** The directories of worktrees, which lie in one of their repository. */
const standing = (world: World): ReadonlyArray<string> => {
  const place = join(world.directory, "worktrees")
  return namesIn(place).flatMap((name) => namesIn(join(place, name)).map((one) => join(place, name, one)))
    .filter((path) => /\/w_[^/]+$/.test(path))
}

const sources = (worktree: string): number => namesIn(join(worktree, "src")).length

const textOf = (file: string): string => existsSync(file) ? readFileSync(file, "utf8").trim() : ""

/** Where the task works: the one that is on a branch, for those that are made ahead are on none. */
const itsWorktree = (world: World): ReadonlyArray<string> =>
  entries(world).map((name) => join(entriesOf(world), name))
    .filter((entry) => textOf(join(entry, "HEAD")).startsWith("ref: refs/heads/cp/"))
    .map((entry) => dirname(textOf(join(entry, "gitdir"))))

interface Way {
  readonly moment: Moment
  readonly variant: string
  readonly tool: string
  /** The worker waits until it is let go, or its pool has been killed: else the moment could be over before anybody looks. */
  readonly isHeld?: true
  readonly reach: (world: World, draw: Draw) => Effect.Effect<unknown>
}

const ways: ReadonlyArray<Way> = [
  {
    moment: "m11",
    variant: "its entry is there",
    tool: "pool_submit",
    isHeld: true,
    reach: (world) => until(() => entries(world).length > 0)
  },
  {
    moment: "m11",
    variant: "some of its files are there",
    tool: "pool_submit",
    isHeld: true,
    reach: (world, draw) => {
      const least = 1 + draw(files)
      return until(() => standing(world).some((path) => sources(path) >= least))
    }
  },
  {
    moment: "m11",
    variant: "one is made ahead",
    tool: "pool_submit",
    isHeld: true,
    reach: (world) => until(() => entries(world).length > 1)
  },
  { moment: "m12", variant: "the worker has answered", tool: "pool_submit", reach: logHas("result") },
  { moment: "m12", variant: "the work is over", tool: "pool_submit", reach: event("Finished") },
  {
    moment: "m12",
    variant: "some of its files are gone",
    tool: "pool_submit",
    isHeld: true,
    reach: Effect.fnUntraced(function*(world, draw) {
      let place = ""
      const one = `src/${draw(files)}.txt`
      yield* until(() => existsSync(join(place = itsWorktree(world)[0] ?? place, "src/made.txt")))
      writeFileSync(go(world), "")
      // It is not opened to be looked at: whoever has a directory of it open is in it, and it is kept.
      yield* until(() => !existsSync(join(place, one)))
    })
  },
  { moment: "m10", variant: "with a worktree", tool: "pool_submit_with_review", reach: event("Presented") }
]

const isIn = (reply: Reply, ...states: ReadonlyArray<string>): boolean => states.includes(String(reply["state"]))

const lines = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "")

/** What git itself says of it all, once everything has ended. */
const inspect = (world: World, id: string): ReadonlyArray<string> => {
  const repository = repositoryOf(world)
  const git = (...args: ReadonlyArray<string>) => lines(plainGit(repository, ...args))
  const own = `refs/heads/cp/${id}`
  const locks = [join(repository, ".git"), world.store].flatMap((place) =>
    readdirSync(place, { recursive: true, encoding: "utf8" }).filter((name) => /\.lock$|(^|\/)locked$/.test(name))
  )
  return [
    // One file more than there were, and nothing else: as the worker has left it.
    ...git("diff", "--name-status", "main", own).join() === "A\tsrc/made.txt" ? [] : ["the branch has other files"],
    ...git("show", `${own}:src/made.txt`).join() === "mine" ? [] : ["the branch has another text"],
    ...git("fsck", "--no-dangling", "--no-progress").map((line) => `git finds damage: ${line}`),
    ...entries(world).map((entry) => `a worktree is left on record: ${entry}`),
    ...standing(world).map((path) => `a worktree is left on disk: ${path}`),
    ...locks.map((name) => `a lock is left: ${name}`),
    ...git("status", "--porcelain").map((line) => `the checkout has changed: ${line}`),
    ...git("symbolic-ref", "HEAD").join() === "refs/heads/main" ? [] : ["the checkout is on another branch"],
    ...git("for-each-ref", "--format=%(refname)").filter((ref) => ref !== "refs/heads/main" && ref !== own)
      .map((ref) => `a reference is left: ${ref}`)
  ]
}

const conclude = Effect.fnUntraced(function*(world: World, way: Way) {
  const problems: Array<string> = []
  const id = yield* Effect.scoped(Effect.gen(function*() {
    const pool = yield* world.open(base(world))
    const again = yield* pool.run(work(world, way.tool))
    const id = String(again["id"])
    yield* pool.ask("pool_wait", { ids: [id], wait_s: 40 })
    let reply = yield* pool.ask("pool_result", { id })
    if (isIn(reply, "review")) {
      yield* pool.ask("pool_approve_result", { id })
      reply = yield* pool.ask("pool_result", { id })
    }
    if (!isIn(reply, "done")) problems.push(`it is ${JSON.stringify(reply)}`)
    yield* pool.close
    return id
  }))
  return [...problems, ...check(yield* world.history("closed")), ...yield* Effect.sync(() => inspect(world, id))]
})

const strike = (way: Way, draw: Draw): Effect.Effect<ReadonlyArray<string>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const world = yield* makeWorld
    yield* Effect.sync(() => {
      makeRepository(world)
      if (way.isHeld !== true) writeFileSync(go(world), "")
    })
    yield* Effect.scoped(Effect.gen(function*() {
      const connection: Connection = yield* world.open(base(world))
      yield* connection.run(work(world, way.tool))
      yield* way.reach(world, draw)
      yield* connection.kill
    }))
    const survivors = (yield* Census.survivorsOf(world.directory)).map((one) => `it survived: ${one}`)
    yield* Effect.sync(() => writeFileSync(go(world), ""))
    return [...survivors, ...yield* conclude(world, way)]
  })

export const workspaceCells: ReadonlyArray<Cell> = ways.map((way) => ({
  fault: "SIGKILL of the pool",
  moment: way.moment,
  means: "O",
  variant: way.variant,
  expects: "its branch has all of the work, and nothing else is left",
  play: (draw) => strike(way, draw)
}))
