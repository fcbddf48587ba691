/**
 * The resources that the conformance suite reads, by the addresses that it expects.
 */
import { Effect, Option, Stream } from "effect"
import type { Resource, ResourceContent, ResourceRegistry } from "../../src/mcp/Resource.ts"
import { png } from "./Media.ts"

const resource = (uri: string, mimeType: string): Resource => ({
  uri,
  name: uri.replace("test://", ""),
  title: uri,
  description: `What the conformance suite reads as ${uri}.`,
  mimeType
})

const contents: Readonly<Record<string, ResourceContent>> = {
  "test://static-text": {
    uri: "test://static-text",
    mimeType: "text/plain",
    text: "This is the content of the static text resource."
  },
  "test://static-binary": { uri: "test://static-binary", mimeType: "image/png", blob: png },
  "test://watched-resource": { uri: "test://watched-resource", mimeType: "text/plain", text: "watched" }
}

const template = /^test:\/\/template\/([^/]+)\/data$/

const templated = (uri: string): ResourceContent | undefined => {
  const id = template.exec(uri)?.[1]
  const data = { id, templateTest: true, data: `Data for ID: ${id}` }
  return id === undefined ? undefined : { uri, mimeType: "application/json", text: JSON.stringify(data) }
}

export const fixtureResources: ResourceRegistry = {
  list: Effect.succeed(Object.values(contents).map(({ mimeType, uri }) => resource(uri, mimeType))),
  templates: [{ ...resource("", "application/json"), uriTemplate: "test://template/{id}/data", name: "template" }],
  read: (uri) =>
    Effect.succeed(Option.map(Option.fromUndefinedOr(contents[uri] ?? templated(uri)), (content) => [content])),
  complete: () => Effect.succeed(["123"]),
  updated: () => Stream.never,
  listChanged: Stream.never
}
