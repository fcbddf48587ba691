/**
 * Protocol version 2026-07-28 on the wire: its messages, what every request says of itself, and its errors.
 */
import { Data, Effect, Option, Schema } from "effect"

export const modernVersion = "2026-07-28"
export const tasksExtension = "io.modelcontextprotocol/tasks"

export const metaKeys = {
  version: "io.modelcontextprotocol/protocolVersion",
  client: "io.modelcontextprotocol/clientInfo",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  server: "io.modelcontextprotocol/serverInfo",
  subscription: "io.modelcontextprotocol/subscriptionId"
} as const

export type RequestId = string | number

export interface ModernRequest {
  readonly jsonrpc: "2.0"
  readonly id: RequestId
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

export interface ModernNotification {
  readonly jsonrpc: "2.0"
  readonly method: string
  readonly params: Schema.JsonObject
}

export type ModernResponse =
  | { readonly jsonrpc: "2.0"; readonly id: RequestId; readonly result: Schema.JsonObject }
  | {
    readonly jsonrpc: "2.0"
    readonly id: RequestId
    readonly error: { readonly code: number; readonly message: string; readonly data?: Schema.Json }
  }

export const errorCodes = {
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  missingCapability: -32_021,
  unsupportedVersion: -32_022
} as const

/** What a request comes to that cannot be answered. */
export class ProtocolError extends Data.TaggedError("ProtocolError")<{
  readonly code: number
  readonly message: string
  readonly data?: Schema.Json
}> {}

const mostSaid = 200

export const invalidParams = (message: string, data?: Schema.Json): ProtocolError =>
  new ProtocolError({ code: errorCodes.invalidParams, message, ...(data === undefined ? {} : { data }) })

/** There is no such thing. What was asked for is said back in part. */
export const unknown = (kind: string, name: string, data?: Schema.Json): ProtocolError =>
  invalidParams(`there is no ${kind} ${name.slice(0, mostSaid)}`, data)

export const methodNotFound = (method: string): ProtocolError =>
  new ProtocolError({ code: errorCodes.methodNotFound, message: `there is no method ${method.slice(0, mostSaid)}` })

export const missingCapability = (what: Schema.JsonObject): ProtocolError =>
  new ProtocolError({
    code: errorCodes.missingCapability,
    message: `the client has to declare a capability for this: ${Object.keys(what).join(", ")}`,
    data: { requiredCapabilities: what }
  })

export const missingTasks = missingCapability({ extensions: { [tasksExtension]: {} } })

/** What every request says of itself. */
export interface RequestMeta {
  readonly client: { readonly name: string; readonly version: string }
  /** Whether its client can put a form before a person. */
  readonly hasForms: boolean
  /** Whether its client keeps long calls itself. */
  readonly hasTasks: boolean
  readonly progressToken: RequestId | undefined
  /** Joins our log to the client's own record. */
  readonly toolUseId: string | undefined
}

const Fields = Schema.Record(Schema.String, Schema.Unknown)

const Capabilities = Schema.Struct({
  elicitation: Schema.optionalKey(Fields),
  extensions: Schema.optionalKey(Fields)
})

const MetaFields = Schema.Struct({
  [metaKeys.version]: Schema.String,
  [metaKeys.capabilities]: Capabilities,
  [metaKeys.client]: Schema.optionalKey(Schema.Struct({ name: Schema.String, version: Schema.String })),
  progressToken: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite])),
  "claudecode/toolUseId": Schema.optionalKey(Schema.String)
})

const decodeMeta = Schema.decodeUnknownOption(MetaFields)

/** A form is understood where nothing is said of its kind. */
const showsForms = (elicitation: Readonly<Record<string, unknown>> | undefined): boolean =>
  elicitation !== undefined && ("form" in elicitation || Object.keys(elicitation).length === 0)

export const readMeta = (request: ModernRequest): Effect.Effect<RequestMeta, ProtocolError> => {
  const meta = decodeMeta(request.params?.["_meta"])
  if (Option.isNone(meta)) {
    return Effect.fail(
      invalidParams(`every request says in its _meta: ${metaKeys.version}, ${metaKeys.capabilities}`)
    )
  }
  const requested = meta.value[metaKeys.version]
  if (requested !== modernVersion) {
    return Effect.fail(
      new ProtocolError({
        code: errorCodes.unsupportedVersion,
        message: "that protocol version is not spoken here",
        data: { supported: [modernVersion], requested: requested.slice(0, mostSaid) }
      })
    )
  }
  const { elicitation, extensions } = meta.value[metaKeys.capabilities]
  return Effect.succeed({
    client: meta.value[metaKeys.client] ?? { name: "unknown", version: "" },
    hasForms: showsForms(elicitation),
    hasTasks: extensions !== undefined && Object.hasOwn(extensions, tasksExtension),
    progressToken: meta.value.progressToken,
    toolUseId: meta.value["claudecode/toolUseId"]
  })
}

const Versioned = Schema.Struct({
  params: Schema.Struct({ _meta: Schema.Struct({ [metaKeys.version]: Schema.Unknown }) })
})

/** Whether a message says of itself that it is of a version in which each request stands for itself. */
export const isModern: (message: unknown) => boolean = Schema.is(Versioned)

const Id = Schema.Union([Schema.String, Schema.Int])
const jsonrpc = Schema.Literal("2.0")
const params = Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))

/** A message, where it is a request. */
export const asRequest = Schema.decodeUnknownOption(Schema.Struct({ jsonrpc, id: Id, method: Schema.String, params }))

/** Whether it is a message that nothing is to be answered to. */
export const isNotification = Schema.is(
  Schema.Struct({ jsonrpc, id: Schema.optionalKey(Schema.Never), method: Schema.String, params })
)

export const asTakenBack = Schema.decodeUnknownOption(Schema.Struct({
  method: Schema.Literal("notifications/cancelled"),
  params: Schema.Struct({ requestId: Id, reason: Schema.optionalKey(Schema.String) })
}))

/** The parameters of a method, or why they are none. */
export const readParams = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return (request: ModernRequest): Effect.Effect<A, ProtocolError> =>
    Effect.mapError(
      decode(request.params ?? {}),
      (error) => invalidParams(`the parameters of ${request.method} are not valid: ${error.message.slice(0, 1000)}`)
    )
}
