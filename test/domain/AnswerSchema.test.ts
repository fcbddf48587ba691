/**
 * The schemas that answers can be asked to fit.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { AnswerSchema, type TaskRequest } from "../../src/domain/TaskRequest.ts"

const accepts = Schema.is(AnswerSchema)

describe("the schema of an answer", () => {
  it("is what is made of a schema in TypeScript, as it is", () => {
    const { schema } = Schema.toJsonSchemaDocument(Schema.Struct({ title: Schema.String }))
    const request: TaskRequest = { prompt: "x", schema }
    assert.isTrue(accepts(request.schema))
  })

  it("is JSON, and of an object", () => {
    assert.isTrue(accepts({ type: "object", properties: { a: { enum: [1, null] } } }))
    assert.isFalse(accepts({ type: "array" }))
    for (const value of [undefined, () => true, Number.NaN, new Date(0)]) {
      assert.isFalse(accepts({ type: "object", properties: { a: { default: value } } }))
    }
  })
})
