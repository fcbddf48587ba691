import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { isMergeId, MergeId, mergeIdFrom, MergeRequest } from "../../src/domain/Merge.ts"
import { idBytes } from "../../src/domain/RandomId.ts"

describe("a merge", () => {
  it("has an id of its own, which is no name of work", () => {
    const id = mergeIdFrom(new Uint8Array(idBytes))
    assert.strictEqual(id, MergeId.make("m_0000000000000000"))
    assert.isTrue(isMergeId(id))
    assert.isFalse(isMergeId("t_0000000000000000"))
  })

  it("is asked for with work alone, and with nothing empty", () => {
    const read = Schema.decodeUnknownOption(MergeRequest)
    assert.isTrue(Option.isSome(read({ ids: ["t_0000000000000000", "g_0000000000000000", "c_0000000000000000"] })))
    assert.isTrue(Option.isNone(read({ ids: ["m_0000000000000000"] })))
    assert.isTrue(Option.isNone(read({ ids: [], checks: [""] })))
    assert.isTrue(Option.isNone(read({ ids: [], strategy: "ours" })))
  })
})
