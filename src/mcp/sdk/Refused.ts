/**
 * What a request comes to that is no call of a tool and cannot be answered: an error of the protocol, in our own words.
 */
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js"
import { Cause, Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { refuse, refuseDefect } from "../Refusal.ts"
import { Reply, type ToolServices } from "../Tool.ts"

/** The code of protocol versions up to 2025-11-25. */
const resourceNotFound = -32_002

/** What is said back of a request, in characters. */
const mostSaid = 200

const wordsOf = (reply: Reply): string => Reply.$is("Refused")(reply) ? reply.text : ""

/** What whoever asked can put right. */
const askedWrongly: ReadonlySet<Failure["reason"]["_tag"]> = new Set(["InvalidRequest", "NotFound", "NotInReview"])

const fromFailure = ({ reason }: Failure): McpError =>
  new McpError(
    askedWrongly.has(reason._tag) ? ErrorCode.InvalidParams : ErrorCode.InternalError,
    wordsOf(refuse(reason))
  )

/** Failures and defects as errors that say nothing but our own words. */
export const answering =
  (method: string) =>
  <A, R>(answer: Effect.Effect<A, Failure | McpError, R>): Effect.Effect<A, McpError, R | ToolServices> =>
    answer.pipe(
      Effect.catchTag("Failure", (failure) => Effect.fail(fromFailure(failure))),
      Effect.catchCauseIf(
        (cause) => Cause.hasDies(cause) && !Cause.hasInterruptsOnly(cause),
        (cause) =>
          Effect.flatMap(
            refuseDefect(method, cause),
            (reply) => Effect.fail(new McpError(ErrorCode.InternalError, wordsOf(reply)))
          )
      )
    )

export const unknownTool = (name: string): McpError =>
  new McpError(ErrorCode.InvalidParams, `there is no tool ${name.slice(0, mostSaid)}`)

export const unknownPrompt = (name: string): McpError =>
  new McpError(ErrorCode.InvalidParams, `there is no prompt ${name.slice(0, mostSaid)}`)

export const unknownResource = (uri: string): McpError =>
  new McpError(resourceNotFound, `there is no resource ${uri.slice(0, mostSaid)}`, { uri })
