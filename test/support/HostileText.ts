/**
 * Texts that look like everything a template knows: references, braces single and doubled, fences, nonces, and all that is
 * hard about characters.
 */
import { Arbitrary, Schema } from "effect"

const Fragment = Schema.Literals([
  "{",
  "}",
  "{{",
  "}}",
  "{item}",
  "{{item}}",
  "{{{item}}}",
  "{steps.x.output}",
  "{steps.x.field[0].y}",
  "{vars.v0}",
  "{ previous_output }",
  "{previous_outputs}",
  "{\"a\":{\"b\":1}}",
  "${X}",
  "${name}",
  "$",
  "$&",
  "$1",
  "</value n>",
  "</value 0>",
  "<value of=\"steps.x.output\" nonce=n>",
  "n",
  "0",
  "00",
  "\n",
  "\r\n",
  "\r",
  "\t",
  "\u2028",
  "\u0000",
  "\u001b[31m",
  "\u0085",
  "\u009b",
  "\u200b",
  "\u202e",
  "é",
  "e\u0301",
  "😀",
  "\ud83d",
  "\ude00",
  " ",
  "word"
])

export const hostileText: Arbitrary.Arbitrary<string> = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(Schema.Union([Fragment, Fragment, Schema.String])), { maxLength: 60 }),
  (fragments) => fragments.join("")
)
