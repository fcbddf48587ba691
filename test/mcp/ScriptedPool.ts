/**
 * A scripted pool behind the MCP server, and a client of the official SDK in front of it: all in memory.
 */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js"
import type { CallToolResult, ClientCapabilities } from "@modelcontextprotocol/sdk/types.js"
import { type Duration, Effect, Layer, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import type { ChainView } from "../../src/domain/ChainView.ts"
import type { GroupView } from "../../src/domain/GroupView.ts"
import type { PoolStatus } from "../../src/domain/PoolView.ts"
import { TaskId } from "../../src/domain/TaskId.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import type { Toolset } from "../../src/domain/Toolset.ts"
import type { Offer } from "../../src/mcp/Offer.ts"
import { type OfferOptions, poolOffer } from "../../src/mcp/PoolOffer.ts"
import { connectServer } from "../../src/mcp/SdkServer.ts"
import { Pool } from "../../src/services/Pool.ts"

export const taskId = (number: number): TaskId => TaskId.make(`t_${`${number}`.padStart(16, "0")}`)

export const queuedTask = (id: TaskId, more: Partial<TaskView> = {}): TaskView => ({
  id,
  state: "queued",
  cost_usd: 0,
  attempts: 0,
  s: 0,
  submitted_at: "2026-01-01T00:00:00.000Z",
  waits_for: "slot",
  ...more
})

export const doneTask = (id: TaskId, more: Partial<TaskView> = {}): TaskView => ({
  id,
  state: "done",
  name: "haiku about rust",
  tags: ["poems"],
  summary: "Iron sleeps in rain",
  output_chars: 19,
  cost_usd: 0.0123,
  turns: 1,
  attempts: 1,
  model: "claude-haiku-4-5",
  session: "0f6e3d2c-0000-4000-8000-000000000000",
  s: 4.2,
  submitted_at: "2026-01-01T00:00:00.000Z",
  finished_at: "2026-01-01T00:00:04.200Z",
  ...more
})

export const groupView = (id: string, more: Partial<GroupView> = {}): GroupView => ({
  id,
  state: "running",
  items: 3,
  counts: { queued: 0, running: 1, review: 0, done: 1, failed: 1, cancelled: 0 },
  cost_usd: 0.02,
  s: 3,
  submitted_at: "2026-01-01T00:00:00.000Z",
  ...more
})

export const chainView = (id: string, more: Partial<ChainView> = {}): ChainView => ({
  id,
  state: "running",
  steps: [
    { name: "plan", kind: "prompt", state: "done", after: [], cost_usd: 0.01, summary: "the plan\nin lines" },
    { name: "do", kind: "prompt", state: "running", after: ["plan"], cost_usd: 0 }
  ],
  cost_usd: 0.01,
  s: 3,
  submitted_at: "2026-01-01T00:00:00.000Z",
  ...more
})

export type PoolScript = Partial<Pool["Service"]>

/** The same bytes every time: `0707…`. */
export const knownRandom = Layer.succeed(
  SecureRandom.SecureRandom,
  SecureRandom.make((size) => new Uint8Array(size).fill(7))
)

/** A pool at rest, which whoever waits may look at. Nothing has come to its end there. */
export const atRest: PoolStatus = {
  store: "/project/.claude-pool",
  pool: "here",
  slots: [],
  tasks: { queued: 0, running: 0, review: 0, done: 0, failed: 0, cancelled: 0 },
  running: [],
  budget: { spent_usd: 0, reserved_usd: 0 }
}

export const scriptedPool = (script: PoolScript) =>
  Layer.mock(Pool, {
    events: Stream.never,
    status: Effect.succeed(atRest),
    inbox: () => Effect.succeed({ entries: [], seq: 0, more: false }),
    acknowledge: () => Effect.void,
    ...script
  })

export interface ClientOptions {
  readonly name?: string
  readonly waitLimit?: Duration.Duration
  readonly toolsets?: ReadonlyArray<Toolset>
  readonly offer?: Partial<OfferOptions>
  readonly capabilities?: ClientCapabilities
  /** Before it shakes hands. */
  readonly prepare?: (client: Client) => void
}

/** A client that has shaken hands with a server of the offer. Both are gone when the scope closes. */
export const connectOffer = (offer: Offer, script: PoolScript, options: ClientOptions = {}) =>
  Effect.gen(function*() {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    const connection = yield* connectServer(offer, theirs, {
      version: "0.0.0-test",
      waitLimit: options.waitLimit
    })
    const client = new Client(
      { name: options.name ?? "test", version: "1" },
      { capabilities: options.capabilities ?? {} }
    )
    options.prepare?.(client)
    yield* Effect.promise(() => client.connect(ours))
    // Knows the output schemas from here on, and refuses a reply that does not fit its own.
    yield* Effect.promise(() => client.listTools())
    return { client, connection }
  }).pipe(Effect.provide([scriptedPool(script), knownRandom]))

/** The same, of what a pool offers. */
export const connectClient = (script: PoolScript, options: ClientOptions = {}) => {
  const { offer = {}, toolsets = ["default"] } = options
  return connectOffer(poolOffer({ toolsets, readOnly: false, reviewBy: "coordinator", ...offer }), script, options)
}

export const callTool = (client: Client, name: string, args: Record<string, unknown> = {}) =>
  Effect.promise(() => client.callTool({ name, arguments: args }) as Promise<CallToolResult>)

export const textOf = (result: CallToolResult): string =>
  result.content.map((block) => block.type === "text" ? block.text : `<${block.type}>`).join("\n")

/** Calls one tool over one scripted pool. */
export const answerOf = (
  script: PoolScript,
  name: string,
  args: Record<string, unknown> = {},
  options: ClientOptions = {}
) =>
  connectClient(script, options).pipe(
    Effect.flatMap(({ client }) => callTool(client, name, args)),
    Effect.scoped
  )
