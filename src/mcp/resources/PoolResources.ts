/**
 * What can be read of a pool by address: the pool as a whole, its settings, and each work.
 */
import { Effect, Option, String } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { Pool } from "../../services/Pool.ts"
import type { Resource, ResourceContent, ResourceRegistry, ResourceTemplate } from "../Resource.ts"
import type { Tool, ToolServices } from "../Tool.ts"
import {
  Address,
  configAddress,
  optionsAddress,
  parseAddress,
  statusAddress,
  templates,
  workAddress
} from "./Address.ts"
import { changedAddresses, worksChanged } from "./Changes.ts"
import { configText, type Settled } from "./ConfigText.ts"
import { optionsText } from "./OptionsText.ts"
import { type RecentWork, recentWorks } from "./RecentWorks.ts"
import { statusText } from "./StatusText.ts"
import { outputText, workText } from "./WorkText.ts"

export interface PoolResourcesOptions {
  /** Those that the same server offers. */
  readonly tools: ReadonlyArray<Tool>
  /** Without it, the settings are not shown. */
  readonly configuration?: Settled | undefined
}

const mostListed = 50

const json = "application/json"
const plain = "text/plain"
const markdown = "text/markdown"

const status: Resource = {
  uri: statusAddress,
  name: "status",
  title: "Status of the pool",
  description: "Slots, queue, what runs, what waits for a review, money, and why nothing starts",
  mimeType: json
}

const config: Resource = {
  uri: configAddress,
  name: "config",
  title: "Settings of the pool",
  description: "Every setting, its value, and where it was said",
  mimeType: json
}

const options: Resource = {
  uri: optionsAddress,
  name: "options",
  title: "Options of a task",
  description: "What a task may be given, and what the settings fill in",
  mimeType: markdown
}

const workTemplates: ReadonlyArray<ResourceTemplate> = [
  {
    uriTemplate: templates.task,
    name: "task",
    title: "Task",
    description: "State, summary, structured answer, branch, cost, error",
    mimeType: json
  },
  {
    uriTemplate: templates.output,
    name: "output",
    title: "Output of a task",
    description: "How its whole answer begins, in a fence, and how to get the rest",
    mimeType: plain
  },
  {
    uriTemplate: templates.chain,
    name: "chain",
    title: "Chain",
    description: "Each step's state and how its answer begins",
    mimeType: json
  },
  {
    uriTemplate: templates.group,
    name: "group",
    title: "Group",
    description: "How its items stand, its cost, and how the combined answer begins",
    mimeType: json
  }
]

const toResource = ({ id, kind, name, state }: RecentWork): Resource => ({
  uri: workAddress(id),
  name: id,
  title: `${String.capitalize(kind)} ${id}${name === undefined ? "" : `: ${name}`}`,
  description: `A ${kind}, ${state}`,
  mimeType: json
})

type Content = Effect.Effect<ResourceContent, Failure, ToolServices>

/** What is not there is none; what went wrong is a failure. */
const ifThere = <A, R>(content: Effect.Effect<A, Failure, R>): Effect.Effect<Option.Option<A>, Failure, R> =>
  Effect.catchTag(
    Effect.asSome(content),
    "Failure",
    (failure) => failure.reason._tag === "NotFound" ? Effect.succeedNone : failure
  )

const mostIds = 100

/** The newest ids that may stand in the place of a template's variable. */
const idsFor = Effect.fnUntraced(function*(template: string) {
  const pool = yield* Pool
  switch (template) {
    case templates.task:
      return (yield* pool.list({ limit: mostIds })).tasks.map(({ id }) => id)
    case templates.output:
      return (yield* pool.list({ limit: mostIds })).tasks.filter((task) => task.output_chars !== undefined).map((
        { id }
      ) => id)
    case templates.group:
      return (yield* pool.groups({ limit: mostIds })).groups.map(({ id }) => id)
    case templates.chain:
      return (yield* pool.chains({ limit: mostIds })).chains.map(({ id }) => id)
    default:
      return []
  }
})

export const poolResources = ({ configuration, tools }: PoolResourcesOptions): ResourceRegistry => {
  const fixed = [status, ...(configuration === undefined ? [] : [config]), options]

  const read = (uri: string, address: Address): Content | undefined =>
    Address.$match(address, {
      Status: () => Effect.map(statusText, (text) => ({ uri, mimeType: json, text })),
      Config: () =>
        configuration === undefined
          ? undefined
          : Effect.succeed({ uri, mimeType: json, text: configText(configuration) }),
      Options: () => Effect.succeed({ uri, mimeType: markdown, text: optionsText(tools, configuration) }),
      Work: ({ id }) => Effect.map(workText(id), (text) => ({ uri, mimeType: json, text })),
      Output: ({ id }) =>
        Effect.map(outputText(id), (text) => ({ uri, mimeType: plain, text, untrusted: true as const }))
    })

  return {
    list: Effect.map(recentWorks(mostListed), (works) => [...fixed, ...works.map(toResource)]),
    templates: workTemplates,
    read: (uri) => {
      const address = parseAddress(uri)
      const content = address === undefined ? undefined : read(uri, address)
      return content === undefined
        ? Effect.succeedNone
        : Effect.map(ifThere(content), Option.map((one) => [one]))
    },
    complete: (uriTemplate, variable, begin) =>
      variable === "id"
        ? Effect.map(idsFor(uriTemplate), (ids) => ids.filter((id) => id.startsWith(begin)))
        : Effect.succeed([]),
    updated: changedAddresses,
    listChanged: worksChanged
  }
}
