/**
 * What the model of a real `claude` was told in a session by our server, as text that is the same in every run.
 */
import { Predicate } from "effect"
import { type ApiReply, textsOf, toolUse } from "./ApiReply.ts"
import type { ApiRequest } from "./ScriptedApi.ts"

/** What the model answers to a request. */
export type Step = (request: ApiRequest) => ApiReply

/** A call of a tool of ours. */
export const callOf = (name: string, input: unknown, id: string): ApiReply =>
  toolUse(`mcp__pool__${name}`, input, { id })

const resultText = (block: unknown): ReadonlyArray<string> =>
  Predicate.hasProperty(block, "type") && block.type === "tool_result" && Predicate.hasProperty(block, "content")
    ? [textsOf(block.content).join("\n")]
    : []

/** Results of tools, and notifications, in the order in which they came. */
export const toldIn = ({ body }: ApiRequest): ReadonlyArray<string> =>
  body.messages.filter(({ role }) => role === "user").flatMap(({ content }) => {
    const results = Array.isArray(content) ? content.flatMap(resultText) : []
    return results.concat(
      textsOf(content).flatMap((said) => said.match(/<task-notification>.*<\/task-notification>/gs) ?? [])
    )
  })

export const lastTold = (request: ApiRequest): string => toldIn(request).at(-1) ?? ""

/** Every mention of work, in the order in which it was told. */
export const workIn = (request: ApiRequest): ReadonlyArray<string> =>
  toldIn(request).join().match(/\b[tg]_[0-9a-z]{16}/g) ?? []

const ids = [
  ["work", /\bt_[0-9a-z]{16}/g],
  ["group", /\bg_[0-9a-z]{16}/g],
  ["wait", /\bw_[\w-]+/g],
  ["its", /(?<=as task |task_id \\?"|<task-id>)\w+/g]
] as const

/** Ids in the order in which they come up; sessions, hashes, times and money as what they are. */
export const normalise = (told: string): string =>
  ids
    .flatMap(([kind, pattern]) =>
      [...new Set(told.match(pattern))].map((id, index) => [id, `<${kind} ${index + 1}>`] as const)
    )
    .reduce((all, [id, name]) => all.replaceAll(id, name), told)
    .replace(/\b[0-9a-f]{64}\b/g, "<hash>")
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<session>")
    .replace(/(?<=still running after )\d+s/g, "<seconds>")
    .replace(/"s":[\d.]+/g, "\"s\":<seconds>")
    .replace(/"cost_usd":[\d.]+/g, "\"cost_usd\":<usd>")

/** All of it, in one text. */
export const toldAs = (request: ApiRequest): string => `${normalise(toldIn(request).join("\n---\n"))}\n`
