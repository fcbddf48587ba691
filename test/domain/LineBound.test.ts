/**
 * Lines cut out of bytes as they come, held against cutting the whole text at once.
 */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { longestLine, makeLineCutter, tooLong } from "../../src/domain/LineBound.ts"

type Line = string | typeof tooLong

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const cut = (longest: number, chunks: ReadonlyArray<Uint8Array>): ReadonlyArray<Line> => {
  const cutter = makeLineCutter(longest)
  const lines: Array<Line> = []
  const drain = () => {
    for (let line = cutter.next(); line !== undefined; line = cutter.next()) lines.push(line)
  }
  for (const chunk of chunks) {
    // What a chunk is made of may be used anew: nothing of it is held.
    const own = chunk.slice()
    cutter.push(own)
    drain()
    own.fill(0)
  }
  cutter.end()
  drain()
  return lines
}

/** All of it at once, with as much memory as it takes. */
const naive = (longest: number, bytes: Uint8Array): ReadonlyArray<Line> => {
  const parts: Array<ReadonlyArray<number>> = [[]]
  for (const byte of bytes) {
    if (byte === 10) parts.push([])
    else parts.push([...(parts.pop() ?? []), byte])
  }
  if (parts.at(-1)?.length === 0) parts.pop()
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  return parts.map((part) =>
    part.length > longest ? tooLong : decoder.decode(Uint8Array.from(part.at(-1) === 13 ? part.slice(0, -1) : part))
  )
}

const chunked = (bytes: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  let from = 0
  for (const size of sizes) {
    chunks.push(bytes.subarray(from, from + size))
    from += size
  }
  return [...chunks, bytes.subarray(from)]
}

const ends = bytesOf("ab\r\n\néö…\u{1f600}\ufeff")

describe("lines", () => {
  const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
  const Play = Schema.Struct({
    picks: Schema.Array(upTo(ends.length + 20)),
    sizes: Schema.Array(upTo(9)),
    longest: upTo(12)
  })

  it.prop("are those of the whole, however the bytes come", [Arbitrary.schema(Play)], ([{ longest, picks, sizes }]) => {
    // Whole characters, ends of lines, and bytes that are neither.
    const bytes = Uint8Array.from(picks, (pick) => ends[pick] ?? pick * 7)
    assert.deepStrictEqual(cut(longest, chunked(bytes, sizes)), naive(longest, bytes))
    const text = Uint8Array.from(
      picks.flatMap((pick) => [...bytesOf(["a\n", "\r\n", "é", "\u{1f600}"][pick % 4] ?? "")])
    )
    assert.deepStrictEqual(cut(longest, chunked(text, sizes)), naive(longest, text))
  }, { arbitrary: { size: 40 } })

  it("end with a line feed, or with one after a carriage return, and the last one with the text", () => {
    const text = "one\r\ntwo\n\nthree \u{1f600}"
    const lines = ["one", "two", "", "three \u{1f600}"]
    assert.deepStrictEqual(cut(100, [bytesOf(text)]), lines)
    assert.deepStrictEqual(cut(100, Array.from(bytesOf(text), (byte) => Uint8Array.of(byte))), lines)
    assert.deepStrictEqual(cut(100, [bytesOf(`${text}\n`)]), lines)
  })

  it("are let go of where they are too long, as soon as they are, and the next ones are whole", () => {
    const cutter = makeLineCutter(4)
    cutter.push(bytesOf("abc"))
    assert.isUndefined(cutter.next())
    cutter.push(bytesOf("de"))
    assert.strictEqual(cutter.next(), tooLong)
    for (let times = 0; times < 1000; times++) {
      cutter.push(bytesOf("x".repeat(1000)))
      assert.isUndefined(cutter.next())
    }
    cutter.push(bytesOf("\nabcd\n"))
    assert.strictEqual(cutter.next(), "abcd")
    assert.deepStrictEqual(cut(4, [bytesOf("abcde\nabcd\nabcdef")]), [tooLong, "abcd", tooLong])
  })

  it("have room for an answer of 100 MB", () => {
    assert.isAbove(longestLine, 100_000_000 + 1_000_000)
  })
})
