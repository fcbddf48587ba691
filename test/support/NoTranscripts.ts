/**
 * A machine on which no worker has left anything.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { Effect, Layer } from "effect"
import { Transcripts } from "../../src/services/claude/Transcripts.ts"

export const noTranscripts = Layer.merge(
  Layer.succeed(Transcripts, Transcripts.of({ read: () => Effect.succeed(null), size: () => Effect.succeed(null) })),
  NodeCrypto.layerDigest
)
