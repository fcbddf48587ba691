/**
 * What a process has used, turn by turn and in all.
 */
import { addTokens, noTokens, roundUsd, type Tokens } from "./Models.ts"

export interface Use {
  readonly tokens: Tokens
  readonly usd: number
}

export type UseByModel = Readonly<Record<string, Use>>

export const addUse = (uses: UseByModel, model: string, use: Use): UseByModel => {
  const before = uses[model] ?? { tokens: noTokens, usd: 0 }
  return { ...uses, [model]: { tokens: addTokens(before.tokens, use.tokens), usd: roundUsd(before.usd + use.usd) } }
}

export const totalUsd = (uses: UseByModel): number =>
  roundUsd(Object.values(uses).reduce((sum, use) => sum + use.usd, 0))

export const totalTokens = (uses: UseByModel): Tokens =>
  Object.values(uses).reduce((sum, use) => addTokens(sum, use.tokens), noTokens)

/** The CLI's `modelUsage`. */
export const encodeUses = (uses: UseByModel): Record<string, object> =>
  Object.fromEntries(
    Object.entries(uses).map(([model, { tokens, usd }]) => [model, {
      inputTokens: tokens.input,
      outputTokens: tokens.output,
      cacheReadInputTokens: tokens.cacheRead,
      cacheCreationInputTokens: tokens.cacheWrite,
      webSearchRequests: 0,
      costUSD: usd,
      contextWindow: 1_000_000,
      maxOutputTokens: 128_000,
      thinkingTokens: 0,
      cacheCreationEphemeral5mInputTokens: 0,
      cacheCreationEphemeral1hInputTokens: 0,
      canonicalModel: model,
      provider: "firstParty",
      costBasis: "list"
    }])
  )

/** The way back, from what a transcript holds. */
export const decodeUses = (encoded: unknown): UseByModel =>
  typeof encoded !== "object" || encoded === null
    ? {}
    : Object.fromEntries(
      Object.entries(encoded as Record<string, Record<string, number>>).map(([model, use]) => [model, {
        tokens: {
          input: use["inputTokens"] ?? 0,
          output: use["outputTokens"] ?? 0,
          cacheRead: use["cacheReadInputTokens"] ?? 0,
          cacheWrite: use["cacheCreationInputTokens"] ?? 0
        },
        usd: use["costUSD"] ?? 0
      }])
    )

/** The `usage` of a message or a result. */
export const encodeTokens = (tokens: Tokens): object => ({
  input_tokens: tokens.input,
  cache_creation_input_tokens: tokens.cacheWrite,
  cache_read_input_tokens: tokens.cacheRead,
  output_tokens: tokens.output,
  output_tokens_details: { thinking_tokens: 0 },
  server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
  service_tier: "standard",
  cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 },
  inference_geo: "",
  iterations: [],
  speed: "standard",
  fallback_credit: null
})

/** What `/cost` and `get_session_cost` say. */
export const describeUses = (uses: UseByModel): string =>
  [
    `Estimated cost:        $${totalUsd(uses).toFixed(4)}`,
    "Total duration (API):  0s",
    "Total duration (wall): 0s",
    "Total code changes:    0 lines added, 0 lines removed",
    ...Object.entries(uses).map(([model, { tokens, usd }]) =>
      `     ${model}:  ${tokens.input} input, ${tokens.output} output, ${tokens.cacheRead} cache read, ` +
      `${tokens.cacheWrite} cache write ($${usd.toFixed(4)})`
    )
  ].join("\n")
