/**
 * Who may ask at all: what is looked at of a request before a byte of its body is read. A page in the user's browser can
 * reach this machine's own addresses, and so can every user of the machine: the first is known by `Host` and `Origin`, the
 * others do not have the token.
 */
import { Redacted } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { type HttpRefusal, refusal, rpcCodes } from "./HttpRefusal.ts"

export const mcpPath = "/mcp"

const methods = ["GET", "POST", "DELETE"]

/** The names that this machine has for itself. */
const names = ["127.0.0.1", "localhost", "[::1]"]

export interface GuardOptions {
  readonly port: number
  /** Null: whoever reaches the port may ask. */
  readonly token: Redacted.Redacted | null
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest()

/** In the same time, however much of it is right. */
const isToken = (given: string, token: Redacted.Redacted): boolean =>
  timingSafeEqual(sha256(given), sha256(Redacted.value(token)))

const bearerOf = (request: IncomingMessage): string =>
  /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1] ?? ""

const isJson = (contentType = ""): boolean => /^application\/json *(;|$)/i.test(contentType.trim())

const accepts = (request: IncomingMessage, type: string): boolean => {
  const accept = request.headers.accept?.toLowerCase() ?? ""
  return accept.split(",").some((one) => one.split(";")[0]?.trim() === type)
}

/** What is wrong with a request, or null. */
export const guard = ({ port, token }: GuardOptions) => {
  const hosts = new Set(names.flatMap((name) => port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))
  return (request: IncomingMessage): HttpRefusal | null => {
    const { headers, headersDistinct, method = "", url = "" } = request
    const [host = "", ...others] = headersDistinct["host"] ?? []
    if (!hosts.has(host.toLowerCase()) || others.length > 0) return refusal(403, "this host is not served here")
    const { origin } = headers
    if (origin !== undefined && !(origin.startsWith("http://") && hosts.has(origin.slice(7).toLowerCase()))) {
      return refusal(403, "this origin is not served here")
    }
    // No query is read: what is secret does not belong there.
    if (url.split("?")[0] !== mcpPath) return refusal(404, `there is nothing but ${mcpPath} here`)
    if (token !== null && !isToken(bearerOf(request), token)) {
      return refusal(401, "the bearer token is missing or wrong", { headers: { "www-authenticate": "Bearer" } })
    }
    if (!methods.includes(method)) {
      return refusal(405, "this method is not allowed", { headers: { allow: methods.join(", ") } })
    }
    if (method === "POST" && !isJson(headers["content-type"])) {
      return refusal(415, "the content type must be application/json")
    }
    const wanted =
      { DELETE: [], GET: ["text/event-stream"], POST: ["application/json", "text/event-stream"] }[method] ?? []
    if (!wanted.every((type) => accepts(request, type))) {
      return refusal(406, `the client must accept ${wanted.join(" and ")}`)
    }
    return method !== "POST" && headers["mcp-session-id"] === undefined
      ? refusal(400, "the header Mcp-Session-Id is missing", { code: rpcCodes.invalidRequest })
      : null
  }
}
