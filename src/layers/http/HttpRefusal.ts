/**
 * A request that is not carried out, as HTTP and JSON-RPC have it. What it says are words of ours, and no secret is in them.
 */
import { Data } from "effect"
import type { OutgoingHttpHeaders, ServerResponse } from "node:http"

/** Codes of JSON-RPC, and those of the official SDK where it has one of its own. */
export const rpcCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  internal: -32_603,
  refused: -32_000,
  sessionNotFound: -32_001
} as const

export class HttpRefusal extends Data.TaggedError("HttpRefusal")<{
  readonly status: number
  readonly code: number
  readonly message: string
  readonly headers?: OutgoingHttpHeaders
}> {}

export const refusal = (
  status: number,
  message: string,
  more: { readonly code?: number; readonly headers?: OutgoingHttpHeaders } = {}
): HttpRefusal => new HttpRefusal({ status, code: rpcCodes.refused, message, ...more })

/** Answers with it, where nothing has been answered yet. */
export const sendRefusal = (response: ServerResponse, { code, headers, message, status }: HttpRefusal): void => {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { ...headers, "content-type": "application/json", "cache-control": "no-store" })
  response.end(JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } }))
}
