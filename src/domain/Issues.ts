/**
 * What is wrong with an input, as lines for people and models: every issue, each with the path of its field.
 */
import { type Schema, SchemaIssue } from "effect"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

export const issueLines = (error: Schema.SchemaError): ReadonlyArray<string> =>
  format(error.issue).issues.map(({ message, path }) => {
    const where = (path ?? []).map((key) => String(typeof key === "object" ? key.key : key)).join(".")
    return where === "" ? message : `${where}: ${message}`
  })
