/**
 * The lines that a pool and its clients write to each other: each is one call, or one answer. A call that is too long is not
 * sent at all: of one that is cut off, nobody could say what has become of it.
 */
import { Context, Effect, Layer } from "effect"
import { RpcSerialization } from "effect/rpc"
import { CallTooLong } from "../services/pool/Remote.ts"

/** In bytes: enough for the largest group, with a thousand of them for each item. */
export const LongestCall = Context.Reference<number>("claude-pool/layers/LongestCall", { defaultValue: () => 2 ** 27 })

const newline = 10

/**
 * Lines of JSON. One that comes in many pieces is put together once, with its last piece: each look at a line that has not
 * ended would take longer than the one before.
 */
const makePoolLines = (longest: number): RpcSerialization.RpcSerialization["Service"] => {
  const lines = RpcSerialization.makeNdjson({ maxBufferSize: longest })
  const makeUnsafe = (): RpcSerialization.Parser => {
    const { decode, encode } = lines.makeUnsafe()
    let pieces: Array<Uint8Array> = []
    let length = 0
    return {
      decode: (data) => {
        const piece = typeof data === "string" ? Buffer.from(data) : data
        pieces.push(piece)
        length += piece.length
        if (length <= longest && !piece.includes(newline)) return []
        const all = pieces.length === 1 ? piece : Buffer.concat(pieces)
        pieces = []
        length = 0
        return decode(all)
      },
      encode: (message) => {
        const line = encode(message)
        const bytes = line === undefined ? 0 : Buffer.byteLength(line)
        if (bytes > longest) throw new CallTooLong({ bytes, longest })
        return line
      }
    }
  }
  return { ...lines, makeUnsafe }
}

export const layer = Layer.effect(RpcSerialization.RpcSerialization, Effect.map(LongestCall, makePoolLines))
