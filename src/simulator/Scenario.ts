/**
 * Scenarios: how a prompt tells the simulator what to play. A directive is `[[name]]`, `[[name:value,…]]` or
 * `[[name:value,option=…]]`, anywhere in the prompt, as many as wanted; it is cut out before the prompt is answered.
 * It ends at the first `]]`. Directives are played in the order in which they are written; a name that is not listed
 * here stays in the prompt, and is reported on stderr.
 *
 * What the worker does (every wait can be interrupted):
 *   [[say:text]]                  a text; the last one is the answer. Without any, an answer is made up
 *   [[long:chars]]                a text of that length, in lines
 *   [[value:json]]                the structured output, unchecked, where a schema was asked for
 *   [[think:count]]               that many `thinking_tokens` events
 *   [[tool:Name,ms=100,progress=2,error]]  a tool call that takes so long, and so many `tool_progress` events on the way
 *   [[bash:command]]              really runs `sh -c command` in a session of its own, as a call of Bash
 *   [[daemon:seconds,hold]]       a process that outlives everything; its id is the tool's result. `hold`: keeps stdout open
 *   [[deny:Tool]]                 a call that the permission rules deny
 *   [[ask:Tool]]                  a call that the host is asked about (`--permission-prompt-tool stdio`), else denied
 *   [[call:send_message,{"to":"all","text":"hi"}]]  a call of a tool that the host serves; what comes back is said
 *   [[hear]]                      a tool that runs until the host sends a message; the message is said
 *   [[delay:ms]]                  silence for so long
 *   [[await:path]]                silence until the file exists
 *   [[stall]]                     silence for ever
 *   [[retry:3,status=529,delay=500,wait=0]]  `api_retry` events that announce `delay` ms and take `wait` ms
 *   [[limit:epoch-seconds]]       a `rate_limit_event`
 *   [[flood:bytes]]               one line of that length
 *   [[chatter:count]]             that many short lines
 *   [[stderr:bytes]]              that much on stderr
 *   [[torn]]                      a line cut in the middle; `[[torn:open]]` without its newline, `[[torn:nul]]`,
 *                                 `[[torn:utf8]]` and `[[torn:text]]` are broken otherwise
 *   [[unknown]]                   event types, subtypes, fields and content blocks that nobody knows
 *   [[mute]]                      nothing more on stdout, while the transcript grows
 *   [[balloon:megabytes]]         memory that is kept
 *
 * How the turn ends (nothing after it is played):
 *   [[error:status,retry-after=2,message=…]]  an API failure: 400 401 402 403 404 413 429 500 529 credit key too-long connection
 *   [[refuse]] [[max-turns]] [[budget]] [[num-turns-0]]
 *   [[schema-missing]] [[schema-invalid]]    with a schema: a plain text after all; a value that never fits
 *   [[no-result:exit=0]]          the process leaves without a result, its transcript saved
 *   [[exit:code]] [[crash:SIGKILL]]          it leaves at once, nothing saved
 *   [[fail:2,error=529,key=…]]    the directive that is named (`error=529`, `crash=SIGKILL`, `stall`, …) the first two
 *                                 times, and nothing from then on. Counted for the same prompt, or the same `key`
 *
 * What holds for the whole turn, wherever it is written:
 *   [[cost:usd]] [[tokens:in,out,cache-read,cache-write]]  its figures, whatever its end
 *   [[init:model=…,cwd=…,permissionMode=…,tools=A+B]]      what `system/init` claims
 *   [[second-result]]             after the result, a turn that the CLI started itself: a result with `origin`
 * and from then on for the process:
 *   [[ignore-term]] [[ignore-interrupt]] [[linger]]        deaf to SIGTERM and SIGHUP; to SIGINT and `interrupt`; stays after EOF
 *
 * `CLAUDE_POOL_SIMULATOR` holds directives too. These act at the start of the process, the others before those of every prompt:
 *   [[start-fail:code]] [[slow-start:ms]] [[not-logged-in]] [[version:1.0.0]]   (and [[fail:1,start-fail]])
 *   [[unread]]                    nothing more is read of stdin after the host's first words
 * `CLAUDE_POOL_SIMULATOR_STATE` is the directory that `fail` counts in (default: `simulator-state` beside `CLAUDE_CONFIG_DIR`),
 * `CLAUDE_POOL_SIMULATOR_LOG` a file that gets a line of JSON for each start and each prompt, for each result, and for what a
 * process has cost so far.
 */

const startNames = ["start-fail", "slow-start", "not-logged-in", "version", "unread"] as const

const turnNames = ["cost", "tokens", "init", "second-result", "ignore-term", "ignore-interrupt", "linger"] as const

const stepNames = [
  "say",
  "long",
  "value",
  "think",
  "tool",
  "bash",
  "daemon",
  "deny",
  "ask",
  "call",
  "hear",
  "delay",
  "await",
  "stall",
  "retry",
  "limit",
  "flood",
  "chatter",
  "stderr",
  "torn",
  "unknown",
  "mute",
  "balloon",
  "error",
  "refuse",
  "max-turns",
  "budget",
  "num-turns-0",
  "schema-missing",
  "schema-invalid",
  "no-result",
  "exit",
  "crash",
  "fail"
] as const

export type StartName = (typeof startNames)[number]
export type TurnName = (typeof turnNames)[number]
export type StepName = (typeof stepNames)[number]
export type Name = StartName | TurnName | StepName

export interface Directive {
  readonly name: Name
  /** All that stands after the first colon. */
  readonly text: string
  /** The parts of it without `=`. */
  readonly values: ReadonlyArray<string>
  readonly options: Readonly<Record<string, string>>
}

export interface Scenario {
  /** The prompt without its directives. */
  readonly prompt: string
  readonly directives: ReadonlyArray<Directive>
  /** What looks like a directive and is none. */
  readonly unknown: ReadonlyArray<string>
}

const names: ReadonlySet<string> = new Set([...startNames, ...turnNames, ...stepNames])
const steps: ReadonlySet<string> = new Set(stepNames)
const starts: ReadonlySet<string> = new Set(startNames)

const isName = (name: string): name is Name => names.has(name)

export const isStep = (directive: Directive): directive is Directive & { readonly name: StepName } =>
  steps.has(directive.name)

export const isStart = (directive: Directive): boolean => starts.has(directive.name)

const directiveOf = (name: Name, text: string): Directive => {
  const parts = text.split(",").map((part) => part.trim())
  return {
    name,
    text,
    values: parts.filter((part) => part !== "" && !part.includes("=")),
    options: Object.fromEntries(
      parts.filter((part) => part.includes("=")).map((part) => {
        const at = part.indexOf("=")
        return [part.slice(0, at), part.slice(at + 1)]
      })
    )
  }
}

const pattern = /\[\[([a-z][a-z0-9-]*)(?::([\s\S]*?))?\]\]/g

export const parse = (text: string): Scenario => {
  const directives: Array<Directive> = []
  const unknown: Array<string> = []
  const prompt = text.replace(pattern, (whole: string, name: string, value: string | undefined) => {
    if (!isName(name)) {
      unknown.push(whole)
      return whole
    }
    directives.push(directiveOf(name, value ?? ""))
    return ""
  })
  return { prompt: prompt.replace(/[ \t]+/g, " ").replace(/ ?\n ?/g, "\n").trim(), directives, unknown }
}

/** The directive that `fail` stands for, while it fails. */
export const failureOf = (fail: Directive): Directive | undefined => {
  const name = [...Object.keys(fail.options), ...fail.values].find((key) => isName(key) && key !== "fail")
  if (name === undefined || !isName(name)) return undefined
  const value = fail.options[name] ?? ""
  return { name, text: value, values: value === "" ? [] : [value], options: fail.options }
}

export const find = (directives: ReadonlyArray<Directive>, name: Name): Directive | undefined =>
  directives.find((directive) => directive.name === name)

/** The directive's first value as a number. */
export const numberOf = (directive: Directive, otherwise: number): number => numeric(directive.values[0], otherwise)

export const optionOf = (directive: Directive, name: string, otherwise: number): number =>
  numeric(directive.options[name], otherwise)

const numeric = (text: string | undefined, otherwise: number) => {
  const number = text === undefined ? NaN : Number(text)
  return Number.isFinite(number) ? number : otherwise
}
