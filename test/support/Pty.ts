/**
 * A command on a terminal of its own: keys go in, and what it shows comes out.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { childrenOf } from "./DaemonPool.ts"
import { painted } from "./Painted.ts"

export interface PtyOptions {
  readonly columns: number
  readonly rows: number
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

const open = (command: ReadonlyArray<string>, { columns, cwd, env, rows }: PtyOptions) => {
  // What the terminal was set to before and after, and how the command ended, are said after its end.
  const line = [
    `stty rows ${rows} cols ${columns}`,
    "before=$(stty -g)",
    command.map(quoted).join(" "),
    "echo \"ended with $?\"",
    "[ \"$before\" = \"$(stty -g)\" ] && echo restored"
  ].join("; ")
  const child = spawn("script", ["-qfec", line, "/dev/null"], { cwd, env: { SHELL: "/bin/sh", ...env }, stdio: "pipe" })
  let written = ""
  const watchers = new Set<() => void>()
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text
    for (const look of watchers) look()
  })
  child.stdin.on("error", () => undefined)
  const closed = new Promise<void>((resolve) => {
    child.on("close", () => resolve())
  })

  /** Waits until the screen is as the test wants it. */
  const until = (is: (screen: string) => boolean): Effect.Effect<string> =>
    Effect.callback((resume) => {
      const look = () => {
        const screen = painted(written).join("\n")
        if (is(screen)) resume(Effect.succeed(screen))
      }
      watchers.add(look)
      look()
      return Effect.sync(() => watchers.delete(look))
    })

  return {
    child,
    press: (keys: string) => Effect.sync(() => child.stdin.write(keys)),
    until,
    sees: (text: string) => until((screen) => screen.includes(text)),
    written: () => written,
    closed: Effect.promise(() => closed),
    /** The processes that it has started: a shell, and what that runs. */
    processes: () =>
      childrenOf(child.pid ?? 0).flatMap(({ pid }) => [pid].concat(childrenOf(pid).map((one) => one.pid)))
  }
}

/** Its terminal is gone when the scope closes. */
export const pty = (command: ReadonlyArray<string>, options: PtyOptions) =>
  Effect.acquireRelease(
    Effect.sync(() => open(command, options)),
    ({ child, closed }) => Effect.andThen(Effect.sync(() => child.kill("SIGTERM")), closed)
  )
