/**
 * The process as a whole: reads the host's lines, runs one turn after the other, and leaves when it is told to.
 */
import * as Commands from "./Commands.ts"
import * as Control from "./Control.ts"
import { emitInterruption } from "./Endings.ts"
import * as Host from "./Host.ts"
import { flushed, mute, warn, writeLine } from "./Output.ts"
import { find } from "./Scenario.ts"
import type { Session } from "./Session.ts"
import * as Shell from "./Shell.ts"
import { Leaving, play } from "./Steps.ts"
import { type Mail, type Message, Turn } from "./Turn.ts"

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null

export class Worker {
  readonly #session: Session
  readonly #waiting: Array<Message> = []
  readonly #arrivals: Array<() => void> = []
  readonly #seen = new Set<string>()
  readonly #deferred: Array<() => void> = []
  #turn: Turn | undefined
  #isRunning = false
  #isEnding = false
  #isLeaving = false
  /** The exit code, where it does not follow from the last result. */
  #code: number | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** One line from the host. Only what is no JSON at all ends the process; what it does not know, it ignores. */
  receive(line: string): void {
    if (line.trim() === "" || this.#isLeaving) return
    let parsed: unknown
    try {
      parsed = JSON.parse(line)
    } catch {
      warn(`Error parsing streaming input line (type=unknown, ${line.length} chars): SyntaxError`)
      return void this.leave(1)
    }
    if (!isFields(parsed)) return
    if (parsed["type"] === "control_request") this.#control(parsed)
    else if (parsed["type"] === "control_response" && isFields(parsed["response"])) {
      Host.receiveAnswer(parsed["response"])
    } else if (parsed["type"] === "user") this.#accept(parsed)
  }

  /** The host will send no more: what runs and what waits is finished, then the process leaves. */
  end(): void {
    this.#isEnding = true
    Host.close()
    this.#leaveIfDone()
  }

  terminate(code: number): void {
    if (this.#session.ignoresTerm) return
    // A tool that is ended so still has its answer; after it comes nothing any more.
    const turn = this.#turn
    if (turn?.tool !== undefined) turn.answerCall(turn.tool, "Exit code 137", { is_error: true })
    mute()
    Shell.killAll()
    void this.leave(code)
  }

  /** SIGINT: a tool is stopped with a result, a question to the model without one; the code is 0 either way. */
  interruptAndLeave(): void {
    if (this.#session.ignoresInterrupt) return
    if (this.#turn?.tool === undefined) {
      if (this.#turn !== undefined) emitInterruption(this.#turn)
      return void this.leave(0)
    }
    this.#code = 0
    this.#isEnding = true
    this.#waiting.length = 0
    this.#interrupt()
  }

  async leave(code: number): Promise<void> {
    if (this.#isLeaving) return
    this.#isLeaving = true
    this.#session.save()
    await flushed()
    process.exit(code)
  }

  #control(message: Fields): void {
    const request = isFields(message["request"]) ? message["request"] : {}
    const subtype = String(request["subtype"])
    Control.answer(this.#session, { id: String(message["request_id"]), subtype, fields: request }, {
      isBusy: this.#turn !== undefined,
      afterTurn: (action) => this.#deferred.push(action),
      interrupt: () => {
        this.#interrupt()
        return this.#waiting.flatMap(({ uuid }) => uuid === undefined ? [] : [uuid])
      },
      withdraw: (uuid) => this.#withdraw(uuid),
      end: () => {
        this.#waiting.length = 0
        this.#interrupt()
        this.end()
      }
    })
  }

  #withdraw(uuid: string): boolean {
    const index = this.#waiting.findIndex((message) => message.uuid === uuid)
    if (index < 0) return false
    this.#waiting.splice(index, 1)
    this.#tell(uuid, "cancelled")
    return true
  }

  #interrupt(): void {
    Shell.killAll()
    this.#turn?.interrupt()
  }

  #accept(line: Fields): void {
    const message = isFields(line["message"]) ? line["message"] : {}
    if (message["role"] !== "user") {
      warn(`Error: Expected message role 'user', got '${message["role"]}'`)
      return void this.leave(1)
    }
    const uuid = typeof line["uuid"] === "string" ? line["uuid"] : undefined
    // A message that was seen before is dropped without a word.
    if (uuid !== undefined && this.#seen.has(uuid)) return
    const text = textOf(message["content"])
    this.#session.identify(text)
    if (uuid !== undefined) this.#seen.add(uuid)
    this.#tell(uuid, "queued")
    this.#waiting.push({ text, uuid, isComposed: line["client_composed"] === true })
    for (const arrived of this.#arrivals.splice(0)) arrived()
    if (!this.#isRunning) void this.#run()
  }

  #tell(uuid: string | undefined, state: string): void {
    if (uuid === undefined) return
    writeLine({
      type: "command_lifecycle",
      command_uuid: uuid,
      state,
      uuid: this.#session.nextUuid(),
      session_id: this.#session.id
    })
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    for (let first = this.#waiting.shift(); first !== undefined; first = this.#waiting.shift()) {
      const isCommand = Commands.isCommand(first)
      // What waited during the turn before is one prompt.
      const messages = isCommand ? [first] : [first, ...this.#takePlain()]
      // oxlint-disable-next-line eslint/no-await-in-loop -- one turn at a time
      await this.#runTurn(messages, isCommand)
      for (const action of this.#deferred.splice(0)) action()
    }
    this.#isRunning = false
    this.#leaveIfDone()
  }

  async #runTurn(messages: ReadonlyArray<Message>, isCommand: boolean): Promise<void> {
    const session = this.#session
    const turn = new Turn(session, messages, this.#mail())
    this.#turn = turn
    for (const { uuid } of messages) this.#tell(uuid, "started")
    this.#apply(turn)
    this.#log(turn)
    // The rest of what was sent together is read before anything is answered.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    try {
      const [command] = messages
      if (isCommand && command !== undefined) Commands.run(turn, command)
      else await play(turn)
    } catch (reason) {
      if (!(reason instanceof Leaving)) throw reason
      await this.leave(reason.code)
    }
    this.#turn = undefined
    for (const { uuid } of messages) {
      this.#tell(uuid, turn.isInterrupted || session.hasFailed ? "cancelled" : "completed")
    }
  }

  #mail(): Mail {
    const taken: Array<Message> = []
    return {
      take: () => {
        const more = this.#takePlain()
        taken.push(...more)
        for (const { uuid } of more) this.#tell(uuid, "started")
        return more
      },
      arrival: () =>
        new Promise((resolve) => {
          if (this.#waiting.length > 0) resolve()
          else this.#arrivals.push(resolve)
        }),
      complete: () => {
        for (const { uuid } of taken.splice(0)) this.#tell(uuid, "completed")
      }
    }
  }

  /** The messages at the head of the queue that are no commands. */
  #takePlain(): ReadonlyArray<Message> {
    const end = this.#waiting.findIndex(Commands.isCommand)
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  #apply({ script }: Turn): void {
    const session = this.#session
    session.ignoresTerm ||= find(script, "ignore-term") !== undefined
    session.ignoresInterrupt ||= find(script, "ignore-interrupt") !== undefined
    session.lingers ||= find(script, "linger") !== undefined
  }

  #log(turn: Turn): void {
    const { appendSystemPrompt, id, jsonSchema, model, permissionMode, setting } = this.#session
    setting.log({
      event: "prompt",
      pid: setting.pid,
      session: id,
      model,
      permissionMode,
      hasSchema: jsonSchema !== undefined,
      appendSystemPrompt: appendSystemPrompt ?? null,
      prompt: turn.text
    })
  }

  #leaveIfDone(): void {
    if (!this.#isEnding || this.#isRunning || this.#session.lingers) return
    void this.leave(this.#code ?? (this.#session.hasFailed ? 1 : 0))
  }
}

const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : Array.isArray(content)
    ? content.map((block: unknown) => isFields(block) && typeof block["text"] === "string" ? block["text"] : "").join(
      "\n"
    )
    : ""
