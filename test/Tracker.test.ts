/**
 * What is told of a worker while it works.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import type { AssistantEvent } from "../src/domain/ClaudeEvent.ts"
import { Tracker } from "../src/services/claude/Tracker.ts"

const now = DateTime.makeUnsafe(0)

const saying = (text: string, more: Partial<AssistantEvent> = {}): AssistantEvent => ({
  type: "assistant",
  message: { content: [{ type: "text", text }] },
  ...more
})

describe("the progress of a worker", () => {
  it("shows how its last words begin, in one clean line", () => {
    const spoken = Tracker.start(now).after(saying(`First\n\u001b[2Jthis, ${"then that, ".repeat(40)}`), now)
    assert.match(spoken.progress.said ?? "", /^First this, then that, .*…$/)
    assert.strictEqual(spoken.progress.said?.length, 160)
    assert.strictEqual(spoken.after(saying("Now this"), now).progress.said, "Now this")
  })

  it("keeps a subagent's words apart", () => {
    const spoken = Tracker.start(now).after(saying("mine"), now)
    assert.strictEqual(spoken.after(saying("not mine", { parent_tool_use_id: "toolu_1" }), now).progress.said, "mine")
  })
})
