/**
 * How each failure of the API looks from outside, as the real CLI was seen to report it.
 */
import type { Directive } from "./Scenario.ts"

export interface ApiFailure {
  /** HTTP status; null where there was no answer. */
  readonly status: number | null
  /** The `error` of the last assistant event. */
  readonly category: string
  /** The API's own name for it. */
  readonly type: string | undefined
  readonly text: string
  readonly terminalReason: string
  /** The `error` of the retries that come before, if it is tried again at all. */
  readonly retriedAs: string | undefined
  /** Set where no HTTP answer came. */
  readonly apiError?: string
}

const serverSide = "This is a server-side issue, usually temporary — try again in a moment."

const overloaded = "API Error: Repeated 529 Overloaded errors. The API is at capacity — this is usually temporary. " +
  "Try again in a moment."

type Known = Omit<ApiFailure, "text" | "terminalReason" | "retriedAs"> & {
  readonly says: (message: string, model: string) => string
  readonly terminalReason?: string
  readonly retriedAs?: string
}

const badRequest = { status: 400, type: "invalid_request_error" }

const known: Readonly<Record<string, Known>> = {
  400: { ...badRequest, category: "unknown", says: (message) => `API Error: 400 ${message}` },
  credit: { ...badRequest, category: "billing_error", says: () => "Credit balance is too low" },
  "too-long": {
    ...badRequest,
    category: "invalid_request",
    terminalReason: "prompt_too_long",
    says: () => "Prompt is too long · the request is ~250000 tokens (limit 200000)"
  },
  401: {
    status: 401,
    category: "authentication_failed",
    type: "authentication_error",
    retriedAs: "authentication_failed",
    says: (message) => `Failed to authenticate. API Error: 401 ${message}`
  },
  key: {
    status: 401,
    category: "authentication_failed",
    type: "authentication_error",
    retriedAs: "authentication_failed",
    says: () => "Invalid API key · Fix external API key"
  },
  402: {
    status: 402,
    category: "unknown",
    type: "billing_error",
    says: (message) => `API Error: 402 ${message}`
  },
  403: {
    status: 403,
    category: "authentication_failed",
    type: "permission_error",
    says: (message) => `Failed to authenticate. API Error: 403 ${message}`
  },
  404: {
    status: 404,
    category: "model_not_found",
    type: "not_found_error",
    says: (_, model) =>
      `There's an issue with the selected model (${model}). It may not exist or you may not have access to it. ` +
      "Run --model to pick a different model."
  },
  413: {
    status: 413,
    category: "invalid_request",
    type: "request_too_large",
    terminalReason: "image_error",
    says: () => "Request too large (max 32MB). Remove older images or compact the conversation."
  },
  429: {
    status: 429,
    category: "rate_limit",
    type: "rate_limit_error",
    retriedAs: "rate_limit",
    says: (message) => `API Error: Request rejected (429) · ${message}`
  },
  500: {
    status: 500,
    category: "server_error",
    type: "api_error",
    retriedAs: "server_error",
    says: (message) => `API Error: 500 ${message}. ${serverSide}`
  },
  529: {
    status: 529,
    category: "server_error",
    type: "overloaded_error",
    retriedAs: "overloaded",
    says: () => overloaded
  },
  connection: {
    status: null,
    category: "server_error",
    type: undefined,
    retriedAs: "unknown",
    apiError: "connection_failed",
    says: () => "API Error: Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)"
  },
  "not-logged-in": {
    status: null,
    category: "authentication_failed",
    type: undefined,
    says: () => "Not logged in · Please run /login"
  }
}

export const failureFor = (kind: string, model: string, message?: string): ApiFailure => {
  const number = Number(kind)
  const server: Known = {
    status: Number.isInteger(number) ? number : 500,
    category: "server_error",
    type: "api_error",
    retriedAs: "server_error",
    says: (text) => `API Error: ${kind} ${text}. ${serverSide}`
  }
  const { says, ...failure } = known[kind] ?? server
  return {
    ...failure,
    text: says(message ?? `simulated ${failure.type ?? kind}`, model),
    terminalReason: failure.terminalReason ?? "api_error",
    retriedAs: failure.retriedAs
  }
}

/** How often the CLI tries again, before it reports the failure. It does not wait longer than five minutes. */
export const retriesOf = (failure: ApiFailure, directive: Directive, maxRetries: number): number => {
  if (failure.retriedAs === undefined || Number(directive.options["retry-after"] ?? 0) > 300) return 0
  return failure.status === 529 ? Math.min(2, maxRetries) : maxRetries
}

/** The wait that is announced before a retry: what the API asked for in seconds, else twice as long each time, up to 32 s. */
export const delayBefore = (attempt: number, retryAfter: string | undefined): number => {
  const asked = retryAfter === undefined ? Number.NaN : Number(retryAfter)
  return Number.isNaN(asked) ? Math.min(500 * 2 ** (attempt - 1), 32_000) : asked * 1000
}
