/**
 * The resources of an offer, as the SDK has them: what can be read, and the news of those that a client has subscribed to.
 */
import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema
} from "@modelcontextprotocol/sdk/types.js"
import { Effect, Option, Stream } from "effect"
import type { ResourceContent } from "../Resource.ts"
import { unknownResource } from "./Refused.ts"
import type { Serving } from "./Serving.ts"

/** So many a client may be subscribed to at once. */
const mostSubscriptions = 1000
const longestAddress = 2000

const toSdkContent = (content: ResourceContent) => {
  if ("blob" in content) return content
  const { untrusted, ...text } = content
  return untrusted === undefined ? text : { ...text, _meta: { integrity: "untrusted" } }
}

export const serveResources = ({ answer, follow, offer: { resources }, server }: Serving): void => {
  server.setRequestHandler(
    ListResourcesRequestSchema,
    (_, extra) =>
      answer(
        "resources/list",
        Effect.map(resources.list, (all) => ({ resources: all.map((one) => ({ ...one })) })),
        extra
      )
  )

  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: resources.templates.map((template) => ({ ...template }))
  }))

  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }, extra) => {
    const contents = Effect.flatMap(
      resources.read(uri),
      Option.match({
        onNone: () => Effect.fail(unknownResource(uri)),
        onSome: (contents) => Effect.succeed({ contents: contents.map(toSdkContent) })
      })
    )
    return answer("resources/read", contents, extra)
  })

  const subscribed = new Set<string>()
  let isFollowing = false

  const notifyUpdated = (uri: string) =>
    subscribed.has(uri)
      ? Effect.ignore(Effect.tryPromise(() => server.sendResourceUpdated({ uri })))
      : Effect.void

  server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
    if (uri.length > longestAddress || (subscribed.size >= mostSubscriptions && !subscribed.has(uri))) {
      throw new McpError(
        ErrorCode.InvalidParams,
        `at most ${mostSubscriptions} subscriptions at once, of addresses of ${longestAddress} characters`
      )
    }
    subscribed.add(uri)
    // Nobody listens to the pool for a client that has subscribed to nothing.
    if (!isFollowing) follow(Stream.runForEach(resources.updated(() => subscribed), notifyUpdated))
    isFollowing = true
    return {}
  })

  server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    subscribed.delete(uri)
    return {}
  })

  server.oninitialized = () =>
    follow(
      Stream.runForEach(
        resources.listChanged,
        () => Effect.ignore(Effect.tryPromise(() => server.sendResourceListChanged()))
      )
    )
}
