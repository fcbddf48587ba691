/**
 * Messages as lines for people: the table of many, and one to be read.
 */
import type { MessageView } from "../domain/PoolView.ts"
import { oneLine, printable } from "./Printable.ts"

export const messageHeader = ["NUMBER", "FROM", "TO", "STATE", "TEXT"]

export const messageRow = (message: MessageView): ReadonlyArray<string> => [
  String(message.seq),
  oneLine(message.from),
  oneLine(message.to),
  message.state,
  oneLine(message.text)
]

/** The whole text, under a line that says whose it is. */
export const messageText = ({ from, sent_at, seq, text }: MessageView): string =>
  `message ${seq} from ${oneLine(from)}, ${sent_at}\n${printable(text)}`
