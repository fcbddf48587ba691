/**
 * Commands that really run. Each is the leader of a session of its own, as those of the real CLI are: ending this
 * process, or its process group, does not end them.
 */
import { type ChildProcess, spawn } from "node:child_process"

export interface Outcome {
  readonly output: string
  readonly code: number
}

const running = new Set<ChildProcess>()

/** How long output may still arrive from processes that the command has left behind. */
const drainMs = 200

const codeOf = (code: number | null, signal: NodeJS.Signals | null) => code ?? (signal === "SIGKILL" ? 137 : 143)

export const run = (command: string, cwd: string): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn("sh", ["-c", command], { cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    const collect = (chunk: Buffer) => {
      output += chunk.toString("utf8")
    }
    child.stdout.on("data", collect)
    child.stderr.on("data", collect)
    running.add(child)
    const end = (outcome: Outcome) => {
      running.delete(child)
      resolve(outcome)
    }
    child.on("error", (error) => end({ output: error.message, code: 127 }))
    child.on("exit", (code, signal) => {
      const done = () => end({ output: output.trimEnd(), code: codeOf(code, signal) })
      const late = setTimeout(done, drainMs)
      child.on("close", () => {
        clearTimeout(late)
        done()
      })
    })
  })

/** Starts a process that nobody waits for, in a session of its own, and tells its id. */
export const daemonize = (seconds: number, holdsStdout: boolean): Promise<number> =>
  new Promise((resolve) => {
    // The shell leaves at once; its child stays in the new session. Descriptor 3 is the simulator's stdout, if held.
    const child = spawn("sh", ["-c", `sleep ${seconds} >/dev/null 2>&1 & echo $!`], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore", holdsStdout ? 1 : "ignore"]
    })
    let output = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8")
    })
    child.on("close", () => resolve(Number(output)))
    child.on("error", () => resolve(0))
  })

export const killAll = (): void => {
  for (const child of running) {
    if (child.pid === undefined) continue
    try {
      process.kill(-child.pid, "SIGKILL")
    } catch {
      // It has just ended by itself.
    }
  }
}
