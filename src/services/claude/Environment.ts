/**
 * The environment of a worker, built from nothing: what a shell needs, what reaches the provider, and what logs in.
 * Everything else of the user's environment stays outside, above all secrets and a coordinator's own `CLAUDE*` state.
 */
import type { Launch } from "../../domain/Launch.ts"
import type { SlotHome } from "../ClaudeCli.ts"

export type Variables = Readonly<Record<string, string>>

/** What a shell and its tools need, and how they reach the network. */
const basics = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TERM",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "all_proxy",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO"
]

/** The switches of the providers, each with the variables that log in there. They are passed on only when it is set. */
const providers: Readonly<Record<string, RegExp>> = {
  CLAUDE_CODE_USE_BEDROCK: /^AWS_/,
  CLAUDE_CODE_USE_VERTEX: /^(GOOGLE_|GCLOUD_|CLOUDSDK_|CLOUD_ML_REGION$|VERTEX_REGION_)/,
  CLAUDE_CODE_USE_FOUNDRY: /^AZURE_/
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && value !== "" && value !== "0" && value !== "false"

/** What of the user's own environment a command of theirs sees: no login, and nothing else that is secret by its nature. */
export const shellVariables = (user: Variables, pass: ReadonlyArray<string>): Variables => {
  const named = new Set([...basics, ...pass])
  return Object.fromEntries(Object.entries(user).filter(([name]) => named.has(name) || name.startsWith("LC_")))
}

/** What of the user's own environment a worker sees; `pass` are further names that the user has allowed. */
export const inherited = (user: Variables, pass: ReadonlyArray<string>): Variables => {
  const named = new Set([...basics, "CLAUDE_CODE_OAUTH_TOKEN", ...pass])
  const used = Object.entries(providers).filter(([name]) => isSet(user[name]))
  const mayPass = (name: string): boolean =>
    named.has(name) || name.startsWith("LC_") || name.startsWith("ANTHROPIC_") ||
    used.some(([provider, login]) =>
      name === provider || login.test(name) || name === provider.replace("USE", "SKIP") + "_AUTH"
    )
  return Object.fromEntries(Object.entries(user).filter(([name]) => mayPass(name)))
}

/** The switch of the CLI's own telemetry, and what it goes by: neither the pool's switches nor `DISABLE_TELEMETRY` turn it off. */
const tracing = "CLAUDE_CODE_ENABLE_TELEMETRY"
const tracingSettings = /^(OTEL_|CLAUDE_CODE_OTEL_|(CLAUDE_CODE|ENABLE)_ENHANCED_TELEMETRY_BETA$)/

/** Whether workers with these variables send telemetry of their own. */
export const tracesItself = (user: Readonly<Record<string, string | undefined>>): boolean => isSet(user[tracing])

/** The names of the user's variables that say how the CLI sends its telemetry. */
export const tracingVariables = (user: Readonly<Record<string, string | undefined>>): ReadonlyArray<string> =>
  tracesItself(user) ? Object.keys(user).filter((name) => name === tracing || tracingSettings.test(name)) : []

/** The variable that every process of a slot inherits, and by which its descendants are found. */
export const markerVariable = "CLAUDE_POOL_MARKER"

/** A clean-up of objects beside the work of others may take theirs along. */
const gitSettings: Variables = {
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "gc.auto",
  GIT_CONFIG_VALUE_0: "0",
  GIT_CONFIG_KEY_1: "maintenance.auto",
  GIT_CONFIG_VALUE_1: "false"
}

/** What the pool sets, whatever the user's environment says. */
export const imposed = (home: SlotHome, launch: Launch): Variables => ({
  ...launch.env,
  ...gitSettings,
  CLAUDE_CONFIG_DIR: home.config,
  CLAUDE_CODE_TMPDIR: home.temporary,
  TMPDIR: home.temporary,
  XDG_RUNTIME_DIR: home.temporary,
  [markerVariable]: home.marker,
  // Retries belong to one layer, and that is the pool. One is left to the CLI, for it alone sees how long a provider
  // asks it to wait; the fallback model needs three failures in a row (both measured on 2.1.329).
  CLAUDE_CODE_MAX_RETRIES: launch.fallbackModel === undefined ? "1" : "2",
  // A command that runs too long is ended, and does not live on in turns of its own after the result.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: "1",
  CLAUDE_CODE_STARTUP_FAILURE_RESULTS: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_TELEMETRY: "1"
})
