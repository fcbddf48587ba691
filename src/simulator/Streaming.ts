/**
 * The raw API events of one content block, for `--include-partial-messages`: what comes before the finished block is
 * told, and what comes after.
 */

const pieceLength = 40

export const streamed = (
  message: { readonly content: ReadonlyArray<object> },
  text: string,
  index: number
): readonly [before: ReadonlyArray<object>, after: ReadonlyArray<object>] => {
  const block = message.content[0] as { readonly type: string }
  const isTool = block.type === "tool_use"
  const opened = isTool ? { ...block, input: {} } : { type: "text", text: "" }
  const deltas = (text.match(new RegExp(`[\\s\\S]{1,${pieceLength}}`, "g")) ?? []).map((piece) => ({
    type: "content_block_delta",
    index,
    delta: isTool ? { type: "input_json_delta", partial_json: piece } : { type: "text_delta", text: piece }
  }))
  const start = index === 0 ? [{ type: "message_start", message: { ...message, content: [] } }] : []
  return [
    [...start, { type: "content_block_start", index, content_block: opened }, ...deltas],
    [
      { type: "content_block_stop", index },
      { type: "message_delta", delta: { stop_reason: isTool ? "tool_use" : "end_turn", stop_sequence: null } },
      { type: "message_stop" }
    ]
  ]
}
