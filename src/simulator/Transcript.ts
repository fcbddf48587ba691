/**
 * The session files, where the real CLI has them: `<config>/projects/<cwd with dashes>/<session>.jsonl`. As there, the
 * costs are written when the process leaves in an orderly way; one that is killed leaves a session that cost nothing.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { decodeUses, encodeUses, totalUsd, type UseByModel } from "./Ledger.ts"
import { countTokens } from "./Models.ts"
import { parse } from "./Scenario.ts"

/** What an earlier process has left. */
export interface Earlier {
  readonly prompts: ReadonlyArray<string>
  /** The prompt as it came that was not answered to the end. */
  readonly cutOff: string | undefined
  readonly uses: UseByModel
  /** How long the conversation is, in tokens. */
  readonly tokens: number
  readonly lines: ReadonlyArray<string>
}

const slugOf = (cwd: string): string => cwd.replace(/[^A-Za-z0-9]/g, "-")

const fileOf = (config: string, cwd: string, session: string): string =>
  join(config, "projects", slugOf(cwd), `${session}.jsonl`)

/** Looks in every project, because a session may be resumed from another directory. */
const locate = (config: string, session: string): string | undefined => {
  const projects = join(config, "projects")
  if (!existsSync(projects)) return undefined
  return readdirSync(projects).map((project) => join(projects, project, `${session}.jsonl`)).find((file) =>
    existsSync(file)
  )
}

export const exists = (config: string | undefined, session: string): boolean =>
  config !== undefined && locate(config, session) !== undefined

export const readEarlier = (config: string | undefined, session: string): Earlier | undefined => {
  const file = config === undefined ? undefined : locate(config, session)
  if (file === undefined) return undefined
  const text = readFileSync(file, "utf8")
  const lines = text.split("\n").filter((line) => line !== "")
  const entries = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>]
    } catch {
      return []
    }
  })
  return {
    prompts: entries.flatMap((entry) => {
      const prompt = promptIn(entry)
      return prompt === undefined ? [] : [parse(prompt).prompt]
    }),
    cutOff: cutOffIn(entries),
    uses: decodeUses(entries.findLast((entry) => entry["type"] === "cost-state")?.["modelUsage"]),
    tokens: countTokens(text),
    lines
  }
}

type Entry = Readonly<Record<string, unknown>>

const promptIn = ({ message, type }: Entry): string | undefined => {
  const content = type === "user" ? (message as { content?: unknown }).content : undefined
  return typeof content === "string" ? content : undefined
}

/** An answer that ends its turn, or a value that was asked for: nothing more comes after it. */
const endsTurn = ({ message, type }: Entry): boolean =>
  type === "assistant" && ((message as { stop_reason?: unknown }).stop_reason === "end_turn" ||
    JSON.stringify(message).includes("\"name\":\"StructuredOutput\""))

/** What was asked since the last answer, and not what was asked because that was cut off in its turn. */
const cutOffIn = (entries: ReadonlyArray<Entry>): string | undefined =>
  entries.slice(entries.findLastIndex(endsTurn) + 1).map(promptIn).find((prompt) => prompt !== undefined)

/** Where a session's lines go. A process that keeps no transcript has none. */
export class Transcript {
  readonly #file: string | undefined
  readonly #session: string
  #parent: string | null = null

  constructor(config: string | undefined, cwd: string, session: string) {
    this.#file = config === undefined ? undefined : locate(config, session) ?? fileOf(config, cwd, session)
    this.#session = session
  }

  /** Begins with the lines of another session. */
  continueFrom(earlier: Earlier, session: string): void {
    this.#write(earlier.lines.map((line) => line.replaceAll(session, this.#session)))
  }

  entry(event: Readonly<Record<string, unknown>> & { readonly uuid: string }): void {
    this.#write([JSON.stringify({ parentUuid: this.#parent, isSidechain: false, sessionId: this.#session, ...event })])
    this.#parent = event.uuid
  }

  costs(uses: UseByModel): void {
    const state = {
      type: "cost-state",
      sessionId: this.#session,
      totalCostUSD: totalUsd(uses),
      modelUsage: encodeUses(uses)
    }
    this.#write([JSON.stringify(state)])
  }

  #write(lines: ReadonlyArray<string>): void {
    if (this.#file === undefined || lines.length === 0) return
    mkdirSync(dirname(this.#file), { recursive: true })
    appendFileSync(this.#file, lines.map((line) => `${line}\n`).join(""))
  }
}
