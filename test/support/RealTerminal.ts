/**
 * The real, interactive `claude` on a terminal of its own, with our server in its configuration: what it shows, and keys
 * that are pressed. The terminal is util-linux's `script`.
 */
import { Effect, Schedule, type Scope } from "effect"
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { RealClaude } from "./RealClaude.ts"

export interface RealTerminal {
  /** Waits until this is shown, from the last such moment on. */
  readonly shows: (text: string | RegExp) => Effect.Effect<void>
  readonly press: (keys: string) => Effect.Effect<void>
  /** Again, where it was not heard: a key that comes while the screen is drawn may be lost. */
  readonly pressUntil: (keys: string, sign: string | RegExp | Effect.Effect<void>) => Effect.Effect<void>
}

export const enter = "\r"
export const down = "\u001b[B"
export const right = "\u001b[C"
export const escape = "\u001b"

export interface TerminalOptions {
  readonly home: string
  readonly url: string
  /** The server `pool`: its command and arguments. */
  readonly server: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly prompt: string
}

const key = "sk-ant-dummy-for-tests"

/** As it is after the first start: nothing is asked before the prompt. */
const settingsOf = ({ home, server: [command, ...args] }: TerminalOptions) => ({
  hasCompletedOnboarding: true,
  theme: "dark",
  customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
  projects: {
    [home]: { hasTrustDialogAccepted: true, mcpServers: { pool: { type: "stdio", command, args, env: {} } } }
  }
})

// oxlint-disable-next-line no-control-regex
const forward = /\u001b\[\d*C/g
// oxlint-disable-next-line no-control-regex
const steering = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_=>78])/g

const readable = (written: string): string =>
  written.replace(forward, " ").replace(steering, "").replace(/[\r\u00a0]/g, " ")

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
    let from = 0
    const watchers = new Set<() => void>()
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      written += text
      for (const look of watchers) look()
    })
    child.stdin.on("error", () => undefined)

    const shows = (text: string | RegExp) =>
      Effect.callback<void>((resume) => {
        const look = () => {
          const fresh = readable(written.slice(from))
          if (typeof text === "string" ? !fresh.includes(text) : !text.test(fresh)) return
          watchers.delete(look)
          from = written.length
          resume(Effect.void)
        }
        watchers.add(look)
        look()
        return Effect.sync(() => watchers.delete(look))
      }).pipe(Effect.timeoutOrElse({
        duration: "30 seconds",
        orElse: () => Effect.die(new Error(`${text} was not shown, but:\n${readable(written.slice(from))}`))
      }))

    const press = (keys: string) => Effect.sync(() => child.stdin.write(keys))

    return {
      shows,
      press,
      pressUntil: (keys, sign) =>
        Effect.raceFirst(
          Effect.isEffect(sign) ? sign : shows(sign),
          Effect.andThen(Effect.repeat(press(keys), Schedule.spaced("1 second")), Effect.never)
        )
    }
  })
