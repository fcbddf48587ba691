/**
 * The real, interactive `claude` on a terminal of its own, with our server in its configuration: what it shows, and keys
 * that are pressed. The terminal is util-linux's `script`.
 */
import { Effect, Schedule, type Scope } from "effect"
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { painted } from "./Painted.ts"
import { RealClaude } from "./RealClaude.ts"

export interface RealTerminal {
  /** Waits until this stands on the screen. */
  readonly shows: (text: RegExp) => Effect.Effect<void>
  /**
   * Presses until there is a sign that it was heard: what is drawn may not listen yet, and a key that comes then is lost.
   * Again only after far longer than an answer takes, for it may mean something else by then.
   */
  readonly pressUntil: (keys: string, sign: RegExp | Effect.Effect<void>) => Effect.Effect<void>
}

export const enter = "\r"
export const down = "\u001b[B"
export const right = "\u001b[C"
export const escape = "\u001b"

/** A server that is started by its command, or one that is there already. */
export type McpServer =
  | { readonly type: "stdio"; readonly command: string; readonly args: ReadonlyArray<string> }
  | { readonly type: "http"; readonly url: string; readonly headers: Readonly<Record<string, string>> }

export interface TerminalOptions {
  readonly home: string
  readonly url: string
  /** The server `pool`, as it stands in a configuration. */
  readonly server: McpServer
  readonly env?: Readonly<Record<string, string>>
  readonly prompt: string
}

const key = "sk-ant-dummy-for-tests"

/** As it is after the first start: nothing is asked before the prompt. */
const settingsOf = ({ home, server }: TerminalOptions) => ({
  hasCompletedOnboarding: true,
  theme: "dark",
  customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
  projects: {
    [home]: { hasTrustDialogAccepted: true, mcpServers: { pool: server } }
  }
})

export const startTerminal = (options: TerminalOptions): Effect.Effect<RealTerminal, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { env = {}, home, prompt, url } = options
    writeFileSync(join(home, ".claude.json"), JSON.stringify(settingsOf(options)))
    const command = [
      "stty rows 60 cols 110;",
      `exec '${RealClaude.binary}'`,
      "--model haiku",
      "--allowedTools 'mcp__pool__*'",
      "--",
      `'${prompt}'`
    ].join(" ")
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn("script", ["-qfec", command, "/dev/null"], {
          cwd: home,
          env: RealClaude.cleanEnvironment({
            home,
            url,
            apiKey: key,
            extra: {
              ENABLE_TOOL_SEARCH: "false",
              CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "0",
              TERM: "xterm-256color",
              SHELL: "/bin/sh",
              ...env
            }
          })
        })
      ),
      (process) =>
        Effect.callback<void>((resume) => {
          if (process.exitCode !== null || process.signalCode !== null) return resume(Effect.void)
          process.once("close", () => resume(Effect.void))
          process.kill("SIGTERM")
        })
    )
    let written = ""
    const watchers = new Set<() => void>()
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      written += text
      for (const look of watchers) look()
    })
    child.stdin.on("error", () => undefined)
    const screen = () => painted(written).join("\n")

    const shows = (text: RegExp) =>
      Effect.callback<void>((resume) => {
        const look = () => {
          if (text.test(screen())) resume(Effect.void)
        }
        watchers.add(look)
        look()
        return Effect.sync(() => watchers.delete(look))
      }).pipe(Effect.onInterrupt(() => Effect.logError(`${text} was not shown, but:\n${screen()}`)))

    return {
      shows,
      pressUntil: (keys, sign) =>
        Effect.raceFirst(
          Effect.isEffect(sign) ? sign : shows(sign),
          Effect.andThen(
            Effect.repeat(Effect.sync(() => child.stdin.write(keys)), Schedule.spaced("5 seconds")),
            Effect.never
          )
        )
    }
  })
