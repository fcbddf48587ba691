/**
 * The models there are, what they are called for short, and what they cost.
 */

export interface Tokens {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

export const noTokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }

export const addTokens = (a: Tokens, b: Tokens): Tokens => ({
  input: a.input + b.input,
  output: a.output + b.output,
  cacheRead: a.cacheRead + b.cacheRead,
  cacheWrite: a.cacheWrite + b.cacheWrite
})

/** USD for a million tokens. A prompt above `longPrompt` tokens costs `longFactor` times as much. */
interface Price {
  readonly name: string
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly longPrompt?: number
  readonly longFactor?: number
}

const prices: Readonly<Record<string, Price>> = {
  "claude-opus-5-5": { name: "Opus 5.5", input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
  "claude-fable-5-2": { name: "Fable 5.2", input: 8, output: 40, cacheRead: 0.2, cacheWrite: 10 },
  "claude-fable-5-1": { name: "Fable 5.1", input: 10, output: 50, cacheRead: 0.25, cacheWrite: 12.5 },
  "claude-sonnet-5-5": { name: "Sonnet 5.5", input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
  "claude-haiku-5-5": {
    name: "Haiku 5.5",
    input: 0.1,
    output: 0.5,
    cacheRead: 0.01,
    cacheWrite: 0.125,
    longPrompt: 100_000,
    longFactor: 5
  }
}

export const defaultModel = "claude-opus-5-5"

const aliases: Readonly<Record<string, string>> = {
  default: defaultModel,
  best: defaultModel,
  opus: "claude-opus-5-5",
  fable: "claude-fable-5-2",
  sonnet: "claude-sonnet-5-5",
  haiku: "claude-haiku-5-5"
}

/** The full id; a name that is no alias stays what it is. */
export const resolve = (model: string): string => aliases[model] ?? model

const priceOf = (model: string): Price | undefined => prices[model.replace(/\[1m\]$/, "")]

export const isKnown = (model: string): boolean => priceOf(model) !== undefined

export const nameOf = (model: string): string => priceOf(model)?.name ?? model

/** Kept to a billionth of a dollar, so that sums do not drift. */
export const roundUsd = (usd: number): number => Math.round(usd * 1e9) / 1e9

export const costOf = (model: string, tokens: Tokens): number => {
  const price = priceOf(model)
  if (price === undefined) return 0
  const prompt = tokens.input + tokens.cacheRead + tokens.cacheWrite
  const factor = prompt > (price.longPrompt ?? Infinity) ? price.longFactor ?? 1 : 1
  const usd = tokens.input * price.input + tokens.output * price.output + tokens.cacheRead * price.cacheRead +
    tokens.cacheWrite * price.cacheWrite
  return roundUsd(usd * factor / 1e6)
}

/** A quarter of its characters, which is what the CLI assumes of a text. */
export const countTokens = (text: string): number => Math.max(1, Math.ceil(text.length / 4))

/** The `models` of an answer to `initialize`. */
export const modelList = (): ReadonlyArray<object> =>
  ["default", "opus", "fable", "sonnet", "haiku"].map((value) => {
    const resolvedModel = resolve(value)
    const price = priceOf(resolvedModel)
    return {
      value,
      resolvedModel,
      displayName: value === "default" ? "Default (recommended)" : nameOf(resolvedModel),
      description: `${nameOf(resolvedModel)} · $${price?.input}/$${price?.output} per Mtok`,
      supportsEffort: true,
      supportedEffortLevels: ["low", "medium", "high", "xhigh", "max"]
    }
  })
