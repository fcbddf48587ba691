/**
 * The real, pinned `claude` CLI for tests: where its binary is, and the environment it may see.
 */
import { realpathSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The native executable that the package manager installed for this project. */
const binary: string = realpathSync(
  fileURLToPath(new URL("../../node_modules/.bin/claude", import.meta.url))
)

export interface CleanOptions {
  /** An existing directory of the test's own: home, temporary files and sockets are in it. */
  readonly home: string
  /** The scripted API. */
  readonly url: string
  readonly configDir?: string
  /** `null` leaves the key out, for tests of a login. */
  readonly apiKey?: string | null
  readonly extra?: Readonly<Record<string, string>>
}

/**
 * An environment built from nothing: no variable of the machine gets in, the key is a dummy, and whatever is not
 * loopback is sent to a proxy port where nobody listens.
 */
const cleanEnvironment = (options: CleanOptions): Record<string, string> => {
  if (new URL(options.url).hostname !== "127.0.0.1") {
    throw new Error(`the real CLI may only talk to loopback, not to ${options.url}`)
  }
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: options.home,
    LANG: "C.UTF-8",
    TMPDIR: options.home,
    XDG_RUNTIME_DIR: options.home,
    CLAUDE_CODE_TMPDIR: options.home,
    ...(options.configDir === undefined ? {} : { CLAUDE_CONFIG_DIR: options.configDir }),
    ...(options.apiKey === null ? {} : { ANTHROPIC_API_KEY: options.apiKey ?? "sk-ant-dummy-for-tests" }),
    ANTHROPIC_BASE_URL: options.url,
    HTTPS_PROXY: "http://127.0.0.1:9",
    HTTP_PROXY: "http://127.0.0.1:9",
    NO_PROXY: "127.0.0.1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: "1",
    CLAUDE_CODE_STARTUP_FAILURE_RESULTS: "1",
    DISABLE_AUTOUPDATER: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    ...options.extra
  }
}

export const RealClaude = { binary, cleanEnvironment }
