/**
 * How long a line may be that a worker writes, and lines cut out of what it writes as it comes. Of a line that is too long
 * nothing is held, however long it is.
 */
import { Context } from "effect"
import { longestOutput } from "./OutputBound.ts"

/**
 * In bytes: an answer of which as much is kept as can be arrives whatever it is written in, for no character of UTF-8 has
 * more than four. One of 100 MB arrives as well, and is cut then.
 */
export const longestLine = 4 * longestOutput

/** The bound in use: tests shorten it. */
export const LineBound = Context.Reference<number>("claude-pool/domain/LineBound", { defaultValue: () => longestLine })

/** What a line is that was too long: no word of it is left. */
export const tooLong = Symbol("claude-pool/domain/LineBound/tooLong")

export interface LineCutter {
  /** What came next. */
  readonly push: (chunk: Uint8Array) => void
  /** Nothing comes any more: what is left is a line, where there is anything. */
  readonly end: () => void
  /** The next line that is whole, without its end; or that one was too long, as soon as it is. Undefined: there is none yet. */
  readonly next: () => string | typeof tooLong | undefined
}

const newline = 10
const carriageReturn = 13

/** What is seldom needed is let go of, once it is not. */
const smallRoom = 64 * 1024

/** Of ES2024: every Node that this runs on has it. */
interface Giving {
  readonly transfer: (length: number) => ArrayBuffer
}

/** The same bytes in another room; what they were in is free at once. */
const resized = (room: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array((room.buffer as ArrayBuffer & Giving).transfer(length))

/** Bytes are cut, not characters: no part of a character looks like the end of a line. */
export const makeLineCutter = (longest: number): LineCutter => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let room = new Uint8Array(0)
  /** How much of the line has come in earlier chunks: so much of the room is taken. */
  let held = 0
  let isSkipped = false
  let hasEnded = false
  let chunk = new Uint8Array(0)
  let from = 0

  const forget = () => {
    held = 0
    // Given away, so that it is free at once, and not only when somebody looks for garbage.
    if (room.length > smallRoom) room = resized(room, 0)
  }

  /** Twice the room each time: what a byte costs does not depend on how long its line is. */
  const hold = (part: Uint8Array) => {
    const needed = held + part.length
    if (needed > room.length) {
      room = resized(room, Math.max(needed, Math.min(2 * room.length, longest)))
    }
    room.set(part, held)
    held = needed
  }

  const textOf = (line: Uint8Array): string =>
    decoder.decode(line.at(-1) === carriageReturn ? line.subarray(0, -1) : line)

  /** The line ends with this part of the chunk. */
  const finish = (part: Uint8Array): string => {
    if (held === 0) return textOf(part)
    hold(part)
    const line = textOf(room.subarray(0, held))
    forget()
    return line
  }

  const next = (): string | typeof tooLong | undefined => {
    while (from < chunk.length) {
      const at = chunk.indexOf(newline, from)
      const part = chunk.subarray(from, at < 0 ? chunk.length : at)
      from += part.length + (at < 0 ? 0 : 1)
      if (isSkipped) isSkipped = at < 0
      else if (held + part.length > longest) {
        forget()
        isSkipped = at < 0
        return tooLong
      } else if (at >= 0) return finish(part)
      else hold(part)
    }
    if (!hasEnded || held === 0) return undefined
    const line = textOf(room.subarray(0, held))
    forget()
    return line
  }

  return {
    push: (more) => {
      chunk = more as Uint8Array<ArrayBuffer>
      from = 0
    },
    end: () => {
      chunk = new Uint8Array(0)
      from = 0
      hasEnded = true
    },
    next
  }
}
