/**
 * The same work on one repository, with eight workers in worktrees of their own and with one: how much sooner it is done.
 * Each worker thinks for as long as a short turn of a model takes, and edits a file of its own.
 */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeWorld } from "../faults/World.ts"
import type { Figure } from "./Figure.ts"

const tasks = 16
const files = 2000
const thinking = 1500

const git = (cwd: string, ...args: ReadonlyArray<string>) =>
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], { cwd, stdio: "ignore" })

/** As large as a middling project. */
const makeLargeRepository = (directory: string): void => {
  mkdirSync(directory, { recursive: true })
  for (let at = 0; at < files; at++) {
    const folder = join(directory, `folder-${at % 50}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `file-${at}.txt`), `${`line of file ${at}\n`.repeat(200)}`)
  }
  git(directory, "init", "-q", "-b", "main")
  git(directory, "add", "-A")
  git(directory, "commit", "-q", "-m", "the first")
}

const timeWith = (slots: number) =>
  Effect.gen(function*() {
    const world = yield* makeWorld
    const repository = join(world.directory, "repository")
    makeLargeRepository(repository)
    const pool = yield* world.open({ slots, flags: ["--hot-spares=false", "--isolation=task"] })
    const prompts = Array.from(
      { length: tasks },
      (_, at) => `[[delay:${thinking}]][[bash:echo edited >> folder-${at}/file-${at}.txt]][[say:ok]]`
    )
    const start = performance.now()
    const group = yield* pool.ask("pool_fan_out", { prompts, cwd: repository, permissions: "full" })
    yield* pool.ask("pool_wait", { ids: [group.id], wait_s: 110 })
    const time = performance.now() - start
    yield* pool.close
    return time
  }).pipe(Effect.scoped)

export const parallelFigures = Effect.gen(function*() {
  const many = yield* timeWith(8)
  const one = yield* timeWith(1)
  return [
    {
      name: `${tasks} edits of one repository of ${files} files, 8 workers in worktrees`,
      value: many,
      unit: "ms",
      baseline: { name: "1 worker in worktrees", value: one },
      aim: "at most 1/6 x"
    }
  ] satisfies ReadonlyArray<Figure>
})
