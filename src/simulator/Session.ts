/**
 * What one process knows from turn to turn: which conversation it is in, under which settings, and what it has cost.
 */
import type { Options } from "./Arguments.ts"
import { HostServer } from "./HostServer.ts"
import { timestamp, uuid } from "./Identity.ts"
import { addUse, encodeUses, totalUsd, type Use, type UseByModel } from "./Ledger.ts"
import { defaultModel, resolve, roundUsd } from "./Models.ts"
import { writeLine } from "./Output.ts"
import type { Setting } from "./Setting.ts"
import { type Earlier, exists, readEarlier, Transcript } from "./Transcript.ts"

export class Session {
  readonly options: Options
  readonly setting: Setting
  model: string
  permissionMode: string
  jsonSchema: unknown
  appendSystemPrompt: string | undefined
  hostServers: ReadonlyArray<HostServer> = []
  /** Tokens that a next call would read from the cache. */
  cachedTokens = 0
  /** The prompts of this conversation so far. */
  prompts: ReadonlyArray<string> = []
  resultCount = 0
  hasFailed = false
  ignoresTerm = false
  ignoresInterrupt = false
  lingers = false
  #uses: UseByModel = {}
  #sinceResult: UseByModel = {}
  #spentHere = 0
  #total = 0
  #id: string | undefined
  #transcript: Transcript | undefined
  #earlier: Earlier | undefined
  #clock = 0
  #conversations = 0

  constructor(options: Options, setting: Setting) {
    this.options = options
    this.setting = setting
    this.model = resolve(options.model ?? defaultModel)
    this.permissionMode = options.permissionMode
    this.jsonSchema = options.jsonSchema
    this.appendSystemPrompt = options.appendSystemPrompt
    if (options.resume !== undefined) {
      this.#earlier = readEarlier(setting.config, options.resume)
      this.prompts = this.#earlier?.prompts ?? []
      this.#uses = this.#earlier?.uses ?? {}
    }
  }

  /** Whether the session to resume is there. */
  get isFound(): boolean {
    return this.options.resume === undefined || this.#earlier !== undefined
  }

  get uses(): UseByModel {
    return this.#uses
  }

  /** The length of what was resumed. */
  get earlierTokens(): number {
    return this.#earlier?.tokens ?? 0
  }

  /** The prompt that what was resumed had not come to the end of. */
  get cutOff(): string | undefined {
    return this.#earlier?.cutOff
  }

  /** The budget counts what this process has spent: neither what a resumed session had cost, nor what `/clear` ended. */
  get isExhausted(): boolean {
    return this.options.maxBudgetUsd !== undefined && this.#spentHere >= this.options.maxBudgetUsd
  }

  get id(): string {
    return this.identify("")
  }

  /** The session's name, fixed at the first call: a hash of the prompt and of where it runs, unless one was given. */
  identify(prompt: string): string {
    if (this.#id === undefined) {
      const { forkSession, resume, sessionId } = this.options
      this.#id = sessionId ?? (forkSession ? undefined : resume) ?? this.#freshId(prompt)
      this.#transcript = this.#open(this.#id)
      if (forkSession && resume !== undefined && this.#earlier !== undefined) {
        this.#transcript.continueFrom(this.#earlier, resume)
      }
    }
    return this.#id
  }

  #freshId(prompt: string): string {
    const { config, cwd } = this.setting
    for (let index = 0;; index++) {
      const id = uuid("session", prompt, cwd, config ?? "", this.model, this.#conversations, index)
      if (!exists(this.#config, id)) return id
    }
  }

  get #config(): string | undefined {
    return this.options.keepsTranscript ? this.setting.config : undefined
  }

  #open(id: string): Transcript {
    return new Transcript(this.#config, this.setting.cwd, id)
  }

  /** `/clear`: another conversation in the same process. Model, mode and schema stay. */
  clear(): string {
    this.save()
    this.#conversations++
    const id = this.#freshId("")
    this.#id = id
    this.#transcript = this.#open(id)
    this.#uses = {}
    this.#sinceResult = {}
    this.#spentHere = 0
    this.cachedTokens = 0
    this.prompts = []
    return id
  }

  /** Begins to get to know the servers of tools that the host has named. */
  connect(names: ReadonlyArray<string>): void {
    this.hostServers = [...this.hostServers, ...names.map((name) => new HostServer(this, name))]
  }

  book(model: string, use: Use): void {
    this.#uses = addUse(this.#uses, model, use)
    this.#sinceResult = addUse(this.#sinceResult, model, use)
    this.#spentHere = roundUsd(this.#spentHere + use.usd)
    this.#total = roundUsd(this.#total + use.usd)
    // At once: a process that is killed says no more.
    this.setting.log({ event: "cost", pid: this.setting.pid, session: this.id, usd: this.#total })
  }

  nextTime(): string {
    return timestamp(this.#clock++)
  }

  nextUuid(): string {
    return uuid("event", this.id, this.#clock++)
  }

  /** Writes an event with its own name and the session's. */
  emit(event: object): string {
    const own = this.nextUuid()
    writeLine({ ...event, session_id: this.id, uuid: own })
    return own
  }

  /** With its true time: by that a session that goes on from another tells its own entries from the copied ones. */
  record(event: object): void {
    this.#transcript?.entry({
      uuid: this.nextUuid(),
      timestamp: new Date().toISOString(),
      userType: "external",
      entrypoint: "sdk-cli",
      cwd: this.setting.cwd,
      version: this.setting.version,
      ...event
    })
  }

  /** The end of a turn. As in the real CLI, `type` is somewhere in the middle. */
  emitResult(head: object, tail: Readonly<Record<string, unknown>> & { readonly is_error: boolean }): void {
    const own = this.nextUuid()
    this.hasFailed = tail.is_error
    const cost = totalUsd(this.#sinceResult)
    // A turn that nobody asked for is no answer to a prompt.
    const event = tail["origin"] === undefined ? "result" : "unasked"
    this.setting.log({ event, pid: this.setting.pid, session: this.id, isError: tail.is_error, cost })
    writeLine({
      ...head,
      session_id: this.id,
      total_cost_usd: totalUsd(this.#uses),
      modelUsage: encodeUses(this.#uses),
      fast_mode_state: "off",
      ...tail,
      type: "result",
      uuid: own,
      queued_turn_count: 0,
      result_index: this.resultCount++,
      model_usage_since_last_result: encodeUses(this.#sinceResult)
    })
    this.#sinceResult = {}
  }

  emitInit(overrides: Readonly<Record<string, unknown>> = {}): void {
    const { options, setting } = this
    const structured = this.jsonSchema === undefined ? [] : ["StructuredOutput"]
    this.emit({
      type: "system",
      subtype: "init",
      cwd: setting.cwd,
      tools: [...options.tools, ...structured, ...this.hostServers.flatMap(({ toolNames }) => toolNames)],
      mcp_servers: [
        ...options.mcpServers.map((name) => ({ name, status: "connected", source: "dynamic" })),
        ...this.hostServers.map(({ name, status }) => ({ name, status, source: "sdk" }))
      ],
      model: this.model,
      permissionMode: this.permissionMode,
      slash_commands: ["clear", "compact", "context", "model", "usage"],
      apiKeySource: setting.isLoggedIn ? setting.keySource : "none",
      claude_code_version: setting.version,
      output_style: "default",
      agents: ["claude", "Explore", "general-purpose", "Plan"],
      skills: [],
      plugins: [],
      capabilities: ["interrupt_receipt_v1", "msg_lifecycle_v1"],
      original_cwd: setting.cwd,
      additional_directories: [],
      fast_mode_state: "off",
      ...overrides
    })
  }

  /** What an orderly end leaves behind. */
  save(): void {
    if (this.prompts.length > 0) this.#transcript?.costs(this.#uses)
  }
}
