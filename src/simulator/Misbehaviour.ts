/**
 * The steps in which the simulator does what a well-behaved worker does not.
 */
import { constants } from "node:os"
import { setTimeout } from "node:timers/promises"
import { flushed, mute, write, writeLine } from "./Output.ts"
import { type Directive, numberOf } from "./Scenario.ts"
import type { Turn } from "./Turn.ts"

export const flood = (turn: Turn, directive: Directive): void => {
  turn.session.emit({
    type: "assistant",
    message: { role: "assistant", content: [{ type: "text", text: "x".repeat(numberOf(directive, 1_000_000)) }] },
    parent_tool_use_id: null
  })
}

export const chatter = (turn: Turn, directive: Directive): void => {
  for (let index = 1; index <= numberOf(directive, 100); index++) {
    turn.session.emit({ type: "keep_alive", index })
  }
}

export const stderr = (_: Turn, directive: Directive): void => {
  const line = `${"simulated noise on stderr ".repeat(4)}\n`
  const bytes = numberOf(directive, 1000)
  process.stderr.write(line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes))
}

const half = "{\"type\":\"assistant\",\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"te"

const torn: Readonly<Record<string, string | Uint8Array>> = {
  half: `${half}\n`,
  open: half,
  nul: "{\"type\":\"assistant\",\u0000\u0000}\n",
  utf8: Buffer.concat([
    Buffer.from("{\"type\":\"keep_alive\",\"text\":\""),
    Buffer.from([0xc3, 0x28, 0xff]),
    Buffer.from("\"}\n")
  ]),
  text: "Warning: this line is no JSON at all\n"
}

export const tear = (_: Turn, directive: Directive): void => write(torn[directive.values[0] ?? "half"] ?? `${half}\n`)

export const unknown = (turn: Turn): void => {
  const { session } = turn
  session.emit({ type: "kind_from_tomorrow", payload: { deep: [1, { nested: true }] } })
  session.emit({ type: "system", subtype: "subtype_from_tomorrow", value: 1 })
  session.emit({
    type: "assistant",
    message: { role: "assistant", content: [{ type: "block_from_tomorrow", text: 1 }] },
    parent_tool_use_id: null,
    field_from_tomorrow: { a: 1 }
  })
  writeLine({ no_type: true })
  write("\n")
  write("[1,2,3]\n")
}

export const silence = (): void => mute()

const kept: Array<Buffer> = []

/** Filled, because untouched pages are not resident. */
export const balloon = (_: Turn, directive: Directive): void => {
  kept.push(Buffer.alloc(numberOf(directive, 100) * 1024 * 1024, 1))
}

export const exit = async (_: Turn, directive: Directive): Promise<void> => {
  await flushed()
  process.exit(numberOf(directive, 1))
}

export const crash = async (_: Turn, directive: Directive): Promise<void> => {
  const signal = (directive.values[0] ?? "SIGKILL") as NodeJS.Signals
  await flushed()
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // The first process of a namespace is not ended by its own signals: it leaves with the code that a shell would see.
  await setTimeout(100)
  process.exit(128 + constants.signals[signal])
}
