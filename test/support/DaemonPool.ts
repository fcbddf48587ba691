/**
 * `claude-pool mcp` over the simulator, each of whose slots is busy with a task that has left daemons behind: in sessions
 * of their own, forked twice, and one that holds the worker's output open.
 */
import { Effect, type Scope } from "effect"
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, watch } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { ContainmentLevel } from "../../src/services/Containment.ts"
import { call, driveServer, initialize, type StdioDriver } from "../mcp/StdioDriver.ts"
import { compileCache } from "./CompileCache.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

const systemPath = "/usr/local/bin:/usr/bin:/bin"

export interface DaemonPoolOptions {
  readonly directory: string
  readonly slots?: number
  /** Without the programs that make a namespace. */
  readonly isPlain?: boolean
}

/** Where programs are found, but for those that make a namespace. */
export const plainPath = (directory: string): string => {
  const bin = join(directory, "bin")
  if (existsSync(bin)) return bin
  mkdirSync(bin)
  for (const tool of ["sh", "bash", "setsid", "sleep", "tail", "env", "touch", "git"]) {
    const found = systemPath.split(":").map((folder) => join(folder, tool)).find((path) => existsSync(path))
    if (found !== undefined) symlinkSync(found, join(bin, tool))
  }
  return bin
}

/** The processes whose parent is this one, with what they run. */
export const childrenOf = (pid: number): ReadonlyArray<{ readonly pid: number; readonly command: string }> =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8")
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      if (Number(parent) !== pid) return []
      return [{
        pid: Number(name),
        command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim()
      }]
    } catch {
      return []
    }
  })

/** The process id of a pool's reaper, where it has one. */
export const reaperOf = (pool: number): number | null =>
  childrenOf(pool).find(({ command }) => command.endsWith("/reaper.js"))?.pid ?? null

/** How its workers are held: seen from what it has started, once it has started them. */
export const levelOf = (pool: number): ContainmentLevel => {
  if (childrenOf(pool).some(({ command }) => command.startsWith("unshare "))) return "pid-namespace"
  return reaperOf(pool) === null ? "marker-sweep" : "reaper"
}

/** Until the process is gone, or is a dead one that waits to be collected. */
export const gone = (pid: number) =>
  Effect.promise(async () => {
    const isThere = () => {
      try {
        return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
      } catch {
        return false
      }
    }
    while (isThere()) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- it is waited for
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

/** Waits until a directory has so many files whose names begin so. */
const files = (directory: string, prefix: string, count: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const watcher = watch(directory)
    const look = () => {
      if (readdirSync(directory).filter((name) => name.startsWith(prefix)).length < count) return
      watcher.close()
      resume(Effect.void)
    }
    watcher.on("change", look)
    look()
    return Effect.sync(() => watcher.close())
  })

/** Starts a pool on the store in the directory; nothing is asked of it yet. */
export const openPool = Effect.fnUntraced(
  function*({ directory, isPlain = false, slots = 16 }: DaemonPoolOptions): Effect.fn.Return<
    StdioDriver,
    never,
    Scope.Scope
  > {
    const argv = [
      "mcp",
      "--simulate",
      "--hot-spares=false",
      "--slots",
      String(slots),
      "--store",
      join(directory, "store")
    ]
    const driver = yield* driveServer([command, ...argv], {
      cwd: directory,
      env: {
        PATH: isPlain ? plainPath(directory) : systemPath,
        HOME: directory,
        TMPDIR: directory,
        ...compileCache,
        CLAUDE_POOL_IN_PROCESS: "true"
      }
    })
    yield* driver.send(...initialize)
    yield* driver.reply(0)
    return driver
  }
)

const daemons = (name: string): string =>
  [
    "[[ignore-term]] [[ignore-interrupt]] [[linger]]",
    "[[daemon:600]] [[daemon:600,hold]]",
    // One in a session of its own that takes no hint, and one that is forked twice.
    `[[bash:setsid sh -c 'trap "" TERM HUP; while sleep 600; do touch x; done' >/dev/null 2>&1 & (setsid sleep 600 >/dev/null 2>&1 &) ; touch ${name}]]`,
    "[[stall]]"
  ].join(" ")

/** One task for each slot; done when the daemons of all of them run. */
export const fillSlots = Effect.fnUntraced(function*(driver: StdioDriver, directory: string, slots = 16) {
  for (let slot = 0; slot < slots; slot++) {
    yield* driver.send(call(100 + slot, "pool_submit", { prompt: daemons(`ready-${slot}`), permissions: "full" }))
  }
  yield* files(directory, "ready-", slots)
})
