/**
 * What each directive of a script does, and the order in which a turn plays them.
 */
import { existsSync } from "node:fs"
import { isAmongFirst } from "./Attempts.ts"
import * as Endings from "./Endings.ts"
import { type ApiFailure, delayBefore, failureFor, retriesOf } from "./Failures.ts"
import { digest } from "./Identity.ts"
import * as Misbehaviour from "./Misbehaviour.ts"
import { isKnown, nameOf, resolve } from "./Models.ts"
import { warn } from "./Output.ts"
import { type Directive, failureOf, find, isStep, numberOf, optionOf, type StepName } from "./Scenario.ts"
import * as Tools from "./Tools.ts"
import { Ended, Interrupted, type Turn } from "./Turn.ts"

type Step = (turn: Turn, directive: Directive) => void | Promise<void>

/** Thrown where the process is to leave without a result. */
export class Leaving extends Error {
  readonly code: number
  constructor(code: number) {
    super("leaving")
    this.code = code
  }
}

const ends = (finish: (turn: Turn) => void): Step => () => {
  throw new Ended(finish)
}

const emitRetry = (turn: Turn, fields: object): void => {
  turn.session.emit({ type: "system", subtype: "api_retry", ...fields })
}

const retry: Step = async (turn, directive) => {
  const status = directive.options["status"] ?? "529"
  const { retriedAs, status: error_status } = failureFor(status, turn.model)
  const times = numberOf(directive, 1)
  for (let attempt = 1; attempt <= times; attempt++) {
    emitRetry(turn, {
      attempt,
      max_retries: turn.session.setting.maxRetries,
      retry_delay_ms: optionOf(directive, "delay", delayBefore(attempt, undefined)),
      error_status,
      error: retriedAs ?? "unknown"
    })
    // oxlint-disable-next-line eslint/no-await-in-loop -- one retry after the other is what is played
    await turn.pause(optionOf(directive, "wait", 0))
  }
}

const error: Step = (turn, directive) => {
  const failure = failureFor(directive.values[0] ?? "500", turn.model, directive.options["message"])
  const times = retriesOf(failure, directive, turn.session.setting.maxRetries)
  for (let attempt = 1; attempt <= times; attempt++) {
    emitRetry(turn, {
      attempt,
      max_retries: turn.session.setting.maxRetries,
      retry_delay_ms: delayBefore(attempt, directive.options["retry-after"]),
      error_status: failure.status,
      error: failure.retriedAs
    })
  }
  if (!fallsBack(turn, failure)) throw new Ended(Endings.failed(failure))
}

/** An overloaded model gives way to another, if one was named. */
const fallsBack = (turn: Turn, failure: ApiFailure): boolean => {
  const { fallbackModel } = turn.session.options
  if (failure.status !== 529 || fallbackModel === undefined) return false
  const fallback_model = resolve(fallbackModel)
  turn.session.emit({
    type: "system",
    subtype: "model_fallback",
    trigger: "overloaded",
    original_model: turn.model,
    fallback_model,
    content: `Switched to ${nameOf(fallback_model)} due to high demand for ${nameOf(turn.model)}`
  })
  turn.model = fallback_model
  return true
}

const fail: Step = async (turn, directive) => {
  const failure = failureOf(directive)
  const key = directive.options["key"] ?? digest(turn.prompt, directive.text).slice(0, 24)
  if (failure === undefined || !isStep(failure)) return warn(`simulator: [[fail:${directive.text}]] names no directive`)
  if (isAmongFirst(turn.session.setting.state, key, numberOf(directive, 1))) await steps[failure.name](turn, failure)
}

const value: Step = (turn, directive) => {
  try {
    turn.value = JSON.parse(directive.text)
  } catch {
    warn(`simulator: [[value:${directive.text}]] is no JSON`)
  }
}

const stall: Step = (turn) => {
  turn.ask()
  return turn.until(new Promise(() => undefined))
}

const awaitFile: Step = async (turn, directive) => {
  // oxlint-disable-next-line eslint/no-await-in-loop -- it polls
  while (!existsSync(directive.text.trim())) await turn.pause(10)
}

const think: Step = (turn, directive) => {
  for (let index = 1; index <= numberOf(directive, 1); index++) {
    const fields = { estimated_tokens: 50 * index, estimated_tokens_delta: 50 }
    turn.session.emit({ type: "system", subtype: "thinking_tokens", ...fields })
  }
}

const limit: Step = (turn, directive) => {
  turn.session.emit({
    type: "rate_limit_event",
    rate_limit_info: { status: "rejected", resetsAt: numberOf(directive, 0), rateLimitType: "five_hour" }
  })
}

const long: Step = (turn, directive) => {
  const chars = numberOf(directive, 1000)
  const line = "A line of a long simulated answer.\n"
  turn.say(line.repeat(Math.ceil(chars / line.length)).slice(0, chars))
}

const budget: Step = (turn) => {
  turn.say(turn.said ?? "This much the budget allowed.")
  throw new Ended(Endings.budgetExhausted)
}

const steps: Readonly<Record<StepName, Step>> = {
  say: (turn, directive) => turn.say(directive.text),
  long,
  value,
  think,
  tool: Tools.tool,
  bash: Tools.bash,
  daemon: Tools.daemon,
  deny: Tools.deny,
  ask: Tools.ask,
  call: Tools.callHost,
  hear: Tools.hear,
  delay: (turn, directive) => turn.pause(numberOf(directive, 0)),
  await: awaitFile,
  stall,
  retry,
  limit,
  flood: Misbehaviour.flood,
  chatter: Misbehaviour.chatter,
  stderr: Misbehaviour.stderr,
  torn: Misbehaviour.tear,
  unknown: Misbehaviour.unknown,
  mute: Misbehaviour.silence,
  balloon: Misbehaviour.balloon,
  error,
  refuse: ends(Endings.refused),
  "max-turns": Tools.exhaustTurns,
  budget,
  "num-turns-0": ends(Endings.notRun),
  "schema-missing": ends(Endings.schemaMissing),
  "schema-invalid": ends(Endings.schemaInvalid),
  "no-result": (_, directive) => {
    throw new Leaving(optionOf(directive, "exit", 0))
  },
  exit: Misbehaviour.exit,
  crash: Misbehaviour.crash,
  fail
}

const playScript = async (turn: Turn): Promise<void> => {
  // Not `for…of`: a message that is merged on the way makes the script longer.
  for (let index = 0; index < turn.script.length; index++) {
    const directive = turn.script[index]
    // oxlint-disable-next-line eslint/no-await-in-loop -- one step after the other is what is played
    if (directive !== undefined && isStep(directive)) await steps[directive.name](turn, directive)
    if (turn.isInterrupted) throw new Interrupted()
  }
}

/** How the turn ends, where it cannot even begin. */
const obstacleTo = (turn: Turn): ((turn: Turn) => void) | undefined => {
  if (turn.session.isExhausted) return Endings.budgetExhausted
  if (!turn.session.setting.isLoggedIn) return Endings.notLoggedIn
  if (isKnown(turn.model)) return undefined
  warn(`[claude-code:unrecognized_model] ${JSON.stringify({ model: turn.model, query_source: "sdk" })}`)
  return Endings.failed(failureFor("404", turn.model))
}

const overridesOf = (turn: Turn): Readonly<Record<string, unknown>> => {
  const { tools, ...rest } = find(turn.script, "init")?.options ?? {}
  return { ...rest, ...(tools === undefined ? {} : { tools: tools.split("+") }) }
}

/** Plays a whole turn, up to its result. `interrupt` in the middle is a result too; only `Leaving` is none. */
export const play = async (turn: Turn): Promise<void> => {
  const { session } = turn
  await Promise.all(session.hostServers.map(({ isReady }) => isReady))
  session.emitInit(overridesOf(turn))
  if (session.options.partialMessages) session.emit({ type: "system", subtype: "status", status: "requesting" })
  if (session.options.replaysUser) {
    session.emit({
      type: "user",
      message: { role: "user", content: turn.prompt },
      parent_tool_use_id: null,
      isReplay: true
    })
  }
  session.record({
    type: "user",
    message: { role: "user", content: turn.text },
    permissionMode: session.permissionMode
  })
  try {
    const obstacle = obstacleTo(turn)
    if (obstacle !== undefined) {
      turn.forgetFigures()
      throw new Ended(obstacle)
    }
    await playScript(turn)
    Endings.answered(turn)
  } catch (end) {
    if (end instanceof Ended) end.finish(turn)
    else if (end instanceof Interrupted) Endings.interrupted(turn)
    else throw end
  }
  session.prompts = [...session.prompts, turn.prompt]
  if (find(turn.script, "second-result") !== undefined) Endings.emitSecondResult(turn)
}
