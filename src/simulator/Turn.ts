/**
 * One turn: from the messages that start it to its result. It knows how a model's answer and its tool calls look on
 * stdout, what they cost, and how to wait; what is played is in `Steps.ts`, how it ends in `Endings.ts`.
 */
import { digest } from "./Identity.ts"
import { encodeTokens } from "./Ledger.ts"
import { addTokens, costOf, countTokens, noTokens, type Tokens } from "./Models.ts"
import { type Directive, find, parse, type Scenario } from "./Scenario.ts"
import type { Session } from "./Session.ts"
import { streamed } from "./Streaming.ts"

/** A message of the host's. */
export interface Message {
  readonly text: string
  readonly uuid: string | undefined
  /** Whether a slash at its start is only a character. */
  readonly isComposed: boolean
}

/** What the host sends while the turn runs. */
export interface Mail {
  /** Takes in what has come. */
  readonly take: () => ReadonlyArray<Message>
  /** Resolves when there is something to take. */
  readonly arrival: () => Promise<void>
  /** What was taken in is done with. */
  readonly complete: () => void
}

/** Thrown where the host, or a signal, stopped the turn. */
export class Interrupted extends Error {}

/** Thrown where the turn ends before its script does; `finish` writes the result. */
export class Ended extends Error {
  readonly finish: (turn: Turn) => void
  constructor(finish: (turn: Turn) => void) {
    super("ended")
    this.finish = finish
  }
}

export interface Denial {
  readonly tool_name: string
  readonly tool_use_id: string
  readonly tool_input: object
}

/** What a system prompt and the tools' descriptions come to. */
const prefixTokens = 3000

export class Turn {
  readonly session: Session
  readonly #uuids: Array<string> = []
  readonly #abort = new AbortController()
  /** What is still to be played; grows when messages are merged into the turn. */
  readonly script: Array<Directive>
  /** The messages as they came, and without their directives. */
  text = ""
  prompt = ""
  model: string
  /** The tool call under way. */
  tool: string | undefined
  said: string | undefined
  /** Structured output that the scenario gives. */
  value: unknown
  tokens: Tokens = noTokens
  toolResults = 0
  denials: ReadonlyArray<Denial> = []
  readonly mail: Mail
  #calls = 0
  #isInCall = false
  #unread = 0
  #callTokens: Tokens = noTokens
  /** What of the model's answer is not in the transcript yet: the CLI writes it once the answer is whole. */
  #unwritten: Array<object> = []
  #answerTokens: Tokens = noTokens
  #blocks = 0
  readonly #usd: number | undefined
  readonly #given: Tokens | undefined
  #isGivenBooked = false
  #isBookable = true

  constructor(session: Session, messages: ReadonlyArray<Message>, mail: Mail) {
    this.session = session
    this.model = session.model
    this.mail = mail
    this.script = [...session.setting.directives]
    this.merge(messages)
    const [input = 0, output = 0, cacheRead = 0, cacheWrite = 0] = find(this.script, "tokens")?.values.map(Number) ?? []
    this.#usd = find(this.script, "cost") === undefined ? undefined : Number(find(this.script, "cost")?.values[0])
    this.#given = find(this.script, "tokens") === undefined ? undefined : { input, output, cacheRead, cacheWrite }
  }

  merge(messages: ReadonlyArray<Message>): void {
    if (messages.length === 0) return
    const text = messages.map((message) => message.text).join("\n")
    const scenario = this.#scenarioOf(text)
    this.text = this.text === "" ? text : `${this.text}\n${text}`
    for (const name of scenario.unknown) {
      process.stderr.write(`simulator: ${name} is no directive; it stays in the prompt\n`)
    }
    this.script.push(...scenario.directives)
    this.prompt = [this.prompt, scenario.prompt].filter((part) => part !== "").join("\n")
    this.#unread += countTokens(scenario.prompt)
    for (const { uuid } of messages) if (uuid !== undefined) this.#uuids.push(uuid)
  }

  /** Who is told that its work was cut off goes on with that work, unless it is told to play something else. */
  #scenarioOf(text: string): Scenario {
    const scenario = parse(text)
    const { cutOff } = this.session
    return cutOff !== undefined && scenario.directives.length === 0 && /\bcut off\b/.test(text)
      ? parse(cutOff)
      : scenario
  }

  get uuids(): object {
    return this.#uuids.length === 0 ? {} : { user_message_uuid: this.#uuids[0], user_message_uuids: [...this.#uuids] }
  }

  get isInterrupted(): boolean {
    return this.#abort.signal.aborted
  }

  interrupt(): void {
    this.#abort.abort()
  }

  /** The promise's value, unless the turn is interrupted first. */
  until<A>(promise: Promise<A>): Promise<A> {
    const { signal } = this.#abort
    return new Promise((resolve, reject) => {
      const stop = () => reject(new Interrupted())
      if (signal.aborted) return stop()
      signal.addEventListener("abort", stop, { once: true })
      promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop))
    })
  }

  pause(ms: number): Promise<void> {
    return this.until(
      new Promise((resolve) => {
        setTimeout(resolve, ms)
      })
    )
  }

  /** The model is asked: its input counts from here on, whatever becomes of the answer. */
  ask(): void {
    if (this.#isInCall) return
    const { session } = this
    this.#isInCall = true
    this.#answerTokens = noTokens
    this.#calls++
    this.#blocks = 0
    const isCold = session.cachedTokens === 0
    this.#callTokens = {
      input: this.#unread,
      output: 0,
      cacheRead: session.cachedTokens,
      cacheWrite: isCold ? prefixTokens + session.earlierTokens : 0
    }
    session.cachedTokens += this.#callTokens.cacheWrite + this.#unread
    this.#unread = 0
    this.#book(this.#callTokens)
  }

  get #messageId(): string {
    return `msg_${digest(this.session.id, this.session.prompts.length, this.#calls).slice(0, 24)}`
  }

  /** One finished block of the model's answer. */
  emitBlock(block: object, text: string): void {
    this.ask()
    const { session } = this
    const output = countTokens(text)
    const message = {
      id: this.#messageId,
      type: "message",
      role: "assistant",
      model: this.model,
      content: [block],
      stop_reason: null,
      stop_sequence: null,
      usage: encodeTokens({ ...this.#callTokens, output: 1 }),
      context_management: null
    }
    const [before, after] = session.options.partialMessages ? streamed(message, text, this.#blocks) : [[], []]
    for (const event of before) session.emit({ type: "stream_event", event, parent_tool_use_id: null })
    session.emit({
      type: "assistant",
      message,
      parent_tool_use_id: null,
      timestamp: session.nextTime(),
      request_id: `req_${this.#messageId.slice(4)}`,
      ...(this.#calls === 1 && this.#blocks === 0 ? this.uuids : {})
    })
    for (const event of after) session.emit({ type: "stream_event", event, parent_tool_use_id: null })
    this.#unwritten.push(message)
    this.#blocks++
    session.cachedTokens += output
    this.#book({ ...noTokens, output })
  }

  /** The model's answer is whole: only now is it known how it ended, and what it has cost. */
  writeAnswer(stop_reason: string): void {
    const usage = encodeTokens(this.#answerTokens)
    for (const message of this.#unwritten.splice(0)) {
      this.session.record({ type: "assistant", message: { ...message, stop_reason, usage } })
    }
  }

  say(text: string): void {
    this.said = text
    this.emitBlock({ type: "text", text }, text)
  }

  /** The model calls a tool; returns the call's id. */
  call(name: string, input: object): string {
    this.ask()
    const id = `toolu_${digest(this.#messageId, this.#blocks).slice(0, 24)}`
    this.emitBlock({ type: "tool_use", id, name, input }, JSON.stringify(input))
    this.writeAnswer("tool_use")
    this.tool = id
    return id
  }

  /** The tool answers, which ends the model's message. Messages that have come in the meantime are merged here. */
  answerCall(
    id: string,
    content: string,
    fields: { readonly is_error?: boolean; readonly asBlocks?: boolean } & Record<string, unknown> = {}
  ): void {
    const { asBlocks = false, is_error, ...rest } = fields
    const { session } = this
    this.tool = undefined
    // Only some tools say that they have not failed: the shell does.
    const told = asBlocks ? [{ type: "text", text: content }] : content
    const said = is_error === undefined ? {} : { is_error }
    const message = { role: "user", content: [{ tool_use_id: id, type: "tool_result", content: told, ...said }] }
    session.emit({
      type: "user",
      message,
      parent_tool_use_id: null,
      timestamp: session.nextTime(),
      tool_use_result: is_error === true
        ? `Error: ${content}`
        : { stdout: content, stderr: "", interrupted: false, isImage: false },
      ...rest
    })
    session.record({ type: "user", message })
    this.toolResults++
    this.#isInCall = false
    this.#unread += countTokens(content)
  }

  deny(call: Denial): void {
    this.denials = [...this.denials, call]
  }

  /** How many model answers the turn has had. */
  get calls(): number {
    return this.#calls
  }

  /** Nothing will be asked, so that nothing is booked. */
  forgetFigures(): void {
    this.#isBookable = false
  }

  /** Figures that the scenario gives are booked once, however the turn ends. */
  bookGiven(): void {
    if (this.#isBookable && (this.#usd !== undefined || this.#given !== undefined)) this.#book(noTokens)
  }

  #book(estimate: Tokens): void {
    const isFirst = !this.#isGivenBooked
    this.#isGivenBooked = true
    const tokens = this.#given === undefined ? estimate : isFirst ? this.#given : noTokens
    const usd = this.#usd === undefined ? costOf(this.model, tokens) : isFirst ? this.#usd : 0
    this.tokens = addTokens(this.tokens, tokens)
    this.#answerTokens = addTokens(this.#answerTokens, tokens)
    this.session.book(this.model, { tokens, usd })
  }

  /** Figures of time: made from the tokens, so that they are the same every time. */
  get durationMs(): number {
    return 200 * this.#calls + 10 * this.tokens.output
  }
}
