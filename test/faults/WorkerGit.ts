/**
 * What a worker does in a workspace: git as it is, side by side with others, and killed in the middle.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import process from "node:process"

export interface WorkerRun {
  readonly code: number | null
  readonly stdout: string
}

/** `killAfter`: so many milliseconds after its start it is killed, wherever it is then; it may have ended before. */
export const workerGit = (
  cwd: string,
  args: ReadonlyArray<string>,
  killAfter?: number
): Effect.Effect<WorkerRun> =>
  Effect.callback<WorkerRun>((resume) => {
    const child = spawn("git", args, {
      cwd,
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        PATH: process.env["PATH"],
        HOME: cwd,
        LC_ALL: "C",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_AUTHOR_NAME: "Ada",
        GIT_AUTHOR_EMAIL: "ada@example.org",
        GIT_COMMITTER_NAME: "Ada",
        GIT_COMMITTER_EMAIL: "ada@example.org"
      }
    })
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter)
    let stdout = ""
    child.stdout.on("data", (text) => {
      stdout += String(text)
    })
    child.once("close", (code) => {
      clearTimeout(timer)
      resume(Effect.succeed({ code, stdout }))
    })
  })
