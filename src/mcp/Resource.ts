/**
 * What a client can read, by address, as values: it knows no protocol; an adapter puts it on one.
 */
import type { Effect, Option, Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { ToolServices } from "./Tool.ts"

export interface Resource {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: string
}

export interface ResourceTemplate {
  readonly uriTemplate: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: string
}

export type ResourceContent =
  | {
    readonly uri: string
    readonly mimeType: string
    readonly text: string
    /** There is a worker's text in it. */
    readonly untrusted?: true
  }
  | { readonly uri: string; readonly mimeType: string; readonly blob: string }

export interface ResourceRegistry {
  /** The fixed ones, and the newest of those that templates stand for. */
  readonly list: Effect.Effect<ReadonlyArray<Resource>, Failure, ToolServices>
  readonly templates: ReadonlyArray<ResourceTemplate>
  /** None: there is no such thing. */
  readonly read: (
    uri: string
  ) => Effect.Effect<Option.Option<ReadonlyArray<ResourceContent>>, Failure, ToolServices>
  /** What a variable of a template may be, that begins so. */
  readonly complete: (
    uriTemplate: string,
    variable: string,
    begin: string
  ) => Effect.Effect<ReadonlyArray<string>, Failure, ToolServices>
  /** Addresses whose content may be another now; `wanted`: those that the client is to hear of, as of that moment. */
  readonly updated: (wanted: () => ReadonlySet<string>) => Stream.Stream<string, Failure, ToolServices>
  /** Whenever the list is another now. */
  readonly listChanged: Stream.Stream<void, Failure, ToolServices>
}
