/**
 * Counts what a test has left behind: processes that belong to its directory, and files in its temporary directories.
 */
import { Effect, type Scope } from "effect"
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const read = (look: () => string): string => {
  try {
    return look()
  } catch {
    // It has ended in the meantime, or belongs to somebody else.
    return ""
  }
}

/** `PF_EXITING` of the kernel's `sched.h`: it has run for the last time, and the kernel is taking it apart. */
const exiting = 0x4

/** Whether it is on its way out: it has no memory any more, and for a moment still its working directory. */
const isExiting = (pid: string): boolean => {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "latin1"))
  // The ninth field of the line: what comes after the name, which may hold anything, begins with the third.
  return (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[6]) & exiting) !== 0
}

/**
 * The processes that belong to a directory: by their environment, which every descendant inherits, by their working
 * directory, or by their arguments. Dead ones that only wait to be collected are none, nor those that die at this moment.
 */
const processesOf = (directory: string): ReadonlyArray<string> =>
  readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid).flatMap((pid) => {
    const about = (name: string) => read(() => readFileSync(`/proc/${pid}/${name}`, "utf8"))
    const command = about("cmdline").replaceAll("\0", " ").trim()
    const cwd = read(() => readlinkSync(`/proc/${pid}/cwd`))
    const isOurs = [command, cwd, about("environ")].some((text) => text.includes(directory))
    return isOurs && !isExiting(pid) ? [`${pid} ${command}`] : []
  })

/** How often is looked until the kernel has ended what it was told to end: far more often than it needs. */
const looks = 5000

/** One pass of everything else that waits to run: the time in which others get on. */
const pass: Effect.Effect<void> = Effect.callback<void>((resume) => {
  const handle = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(handle))
})

/**
 * The processes of a directory that are still there after many looks. For what nobody can wait for, such as the
 * children of a process that was killed.
 */
const survivorsOf = Effect.fnUntraced(function*(directory: string) {
  let found = processesOf(directory)
  for (let look = 0; look < looks && found.length > 0; look++) {
    yield* pass
    found = processesOf(directory)
  }
  return found
})

const end = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended with its parent.
  }
}

const fail = (what: string, found: ReadonlyArray<string>) =>
  found.length === 0 ? Effect.void : Effect.die(new Error(`${what}: ${found.join(", ")}`))

/**
 * A directory of a test's own. When the scope closes, the directory goes, and the test fails if a process that belongs
 * to it is left.
 */
const directory = (prefix: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), prefix)))),
    (made) =>
      Effect.gen(function*() {
        const survivors = yield* survivorsOf(made)
        // The test has failed: what it has found out is not left to the next ones.
        for (const survivor of survivors) end(Number.parseInt(survivor, 10))
        rmSync(made, { recursive: true, force: true })
        yield* fail("processes are left", survivors)
        yield* fail("the directory is left", existsSync(made) ? [made] : [])
      })
  )

export const Census = { directory, end, pass, processesOf, survivorsOf }
