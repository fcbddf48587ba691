import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { mostItems } from "../../src/domain/FanOut.ts"
import { fillVariables, guessForm, itemsOf, parseItems, reductionPrompt } from "../../src/domain/FanOutItems.ts"
import { parseTemplate, type Template } from "../../src/domain/Template.ts"
import { renderTemplate } from "../../src/domain/TemplateRendering.ts"

const template = (source: string): Template => Result.getOrThrow(parseTemplate(source))

const read = <A>(result: Result.Result<A, ReadonlyArray<string>>) =>
  Result.isSuccess(result) ? result.success : result.failure

describe("a text of items", () => {
  it("is one item a line, as it is, but for blank lines", () => {
    const text = "\uFEFFsrc/a.ts\r\n\r\n  # not a comment\n\t\nlast"
    assert.deepStrictEqual(read(parseItems(text)), ["src/a.ts", "  # not a comment", "last"])
    assert.deepStrictEqual(read(parseItems("")), [])
  })

  it("is JSON where it begins like it", () => {
    assert.deepStrictEqual(read(parseItems(" [1, \"a\", {\"b\": null}]\n")), [1, "a", { b: null }])
    assert.deepStrictEqual(read(parseItems("{\"a\": 1}\n\n{\"a\": 2}\n")), [{ a: 1 }, { a: 2 }])
    assert.deepStrictEqual(["[x] todo", "{\"a\"", "\"a\"", ""].map(guessForm), ["json", "json-lines", "lines", "lines"])
    assert.deepStrictEqual(read(parseItems("[x] todo", "lines")), ["[x] todo"])
    assert.deepStrictEqual(read(parseItems("\"a\"\n2\n", "json-lines")), ["a", 2])
  })

  it("is refused with the lines that are wrong", () => {
    assert.deepStrictEqual(read(parseItems("{\"a\": 1}\n\n{\"a\": }\n{\"b\"\n")), [
      "line 3: not JSON: Unexpected token '}', \"{\"a\": }\" is not valid JSON",
      "line 4: not JSON: Expected ':' after property name in JSON at position 4 (column 5)"
    ])
    assert.match(String(read(parseItems("[1,\n2,\n"))[0]), /not JSON: .*line 3/)
    assert.deepStrictEqual(read(parseItems("\"a\"", "json")), ["it must be a JSON list, and is a text"])
    assert.deepStrictEqual(read(parseItems("{\n".repeat(50))).length, 21)
  })
})

describe("an item", () => {
  it("is a prompt with its input, its place and the variables in it, as they are", () => {
    const inputs = [{ file: "a {index}", lines: [1, 2] }, { file: "b", lines: [3] }]
    const prompt = template("{index}: {item.file} {item.lines[0]} of {item.lines} for {vars.who} {{x}}")
    assert.deepStrictEqual(read(itemsOf(prompt, inputs, { who: "{item}" })), [
      { prompt: "0: a {index} 1 of [1,2] for {item} {x}", input: inputs[0]! },
      { prompt: "1: b 3 of [3] for {item} {x}", input: inputs[1]! }
    ])
  })

  it("holds its input whole, however long it is", () => {
    const long = "line\n".repeat(20_000)
    const items = read(itemsOf(template("read {item}"), [long]))
    assert.deepStrictEqual(items, [{ prompt: `read ${long}`, input: long }])
  })

  it("is refused where there is nothing to put in", () => {
    const inputs = [{ a: 1 }, "b", { c: 1 }]
    assert.deepStrictEqual(read(itemsOf(template("{item.a} {vars.x}"), inputs)), [
      "item 0: vars.x has no value",
      "item 1: item.a: a text has no fields; vars.x has no value",
      "item 2: item.a: there is no such field; vars.x has no value"
    ])
    assert.deepStrictEqual(read(itemsOf(template("{item}"), ["a", " "])), ["item 1: its prompt is empty"])
    assert.deepStrictEqual(read(itemsOf(template("{item}"), [])), ["there are no items"])
    const many = Array.from({ length: mostItems + 1 }, () => "x")
    assert.deepStrictEqual(read(itemsOf(template("{item}"), many)), [
      "there are 100001 items, and at most 100000 may be"
    ])
  })
})

describe("a reduction's prompt", () => {
  it.prop("becomes what was meant when the outcomes are there", [Schema.String, Schema.String], ([value, outcomes]) => {
    const reduction = reductionPrompt(template("{{a}} {vars.x.y} {{{outcomes}}} {b: 1}"), { x: { y: value } })
    const rendered = Result.flatMap(
      Result.mapError(parseTemplate(reduction), String),
      (parsed) =>
        Result.mapError(
          renderTemplate(
            parsed,
            { lookup: () => Result.succeed({ text: outcomes, format: "text", origin: "user" }), nonce: "0" },
            { directory: "", inlineLimit: Infinity }
          ),
          String
        )
    )
    assert.strictEqual(Result.getOrThrow(rendered).text, `{a} ${value} {${outcomes}} {b: 1}`)
  })
})

describe("a place of items", () => {
  it("has its variables in it", () => {
    assert.strictEqual(fillVariables(template("{vars.root}/**/*.{{ts,tsx}}"), { root: "src" }), "src/**/*.{ts,tsx}")
  })
})
