import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"
import type { TemplateIssue } from "../../src/domain/Reference.ts"
import { escapeTemplate, parseTemplate, references, type Template } from "../../src/domain/Template.ts"
import { hostileText } from "../support/HostileText.ts"

const often = { arbitrary: { runs: 1000, size: 60 } }

const parsed = (source: string): Template => Result.getOrThrow(parseTemplate(source))

const issuesOf = (source: string): ReadonlyArray<TemplateIssue> =>
  Result.match(parseTemplate(source), { onSuccess: () => [], onFailure: (issues) => issues })

/** What is written, as the text and the references that it is read as. */
const read = (source: string): ReadonlyArray<string | { readonly of: string }> =>
  parsed(source).parts.map((part) => typeof part === "string" ? part : { of: part.source })

describe("a template", () => {
  it("refers to values in braces", () => {
    const source = "Review {steps.plan.output} of {vars.who.names[0]} ({index}).\n{item}{loop.round}"
    assert.deepStrictEqual(parsed(source), {
      source,
      parts: [
        "Review ",
        { root: "steps", step: "plan", path: [], source: "steps.plan.output", offset: 7 },
        " of ",
        { root: "vars", name: "who", path: ["names", 0], source: "vars.who.names[0]", offset: 30 },
        " (",
        { root: "index", source: "index", offset: 51 },
        ").\n",
        { root: "item", path: [], source: "item", offset: 61 },
        { root: "loop", part: "round", source: "loop.round", offset: 67 }
      ]
    })
    assert.deepStrictEqual(references(parsed(source)).map(({ root }) => root), [
      "steps",
      "vars",
      "index",
      "item",
      "loop"
    ])
    assert.deepStrictEqual(references(parsed("{steps.Fix-it.files[3].name}{item[0].x}{error}")), [
      {
        root: "steps",
        step: "Fix-it",
        path: ["files", 3, "name"],
        source: "steps.Fix-it.files[3].name",
        offset: 0
      },
      { root: "item", path: [0, "x"], source: "item[0].x", offset: 28 },
      { root: "error", source: "error", offset: 39 }
    ])
  })

  it("takes for text what is written with double braces", () => {
    const written: ReadonlyArray<readonly [string, string]> = [
      ["{{item}}", "{item}"],
      ["a }} b {{ c", "a } b { c"],
      ["{{\"a\": {{\"b\": 1}}}}", "{\"a\": {\"b\": 1}}"],
      ["{{\"a\":{\"b\":1}}}", "{\"a\":{\"b\":1}}"],
      ["{{{{", "{{"],
      ["{{item}", "{item}"],
      ["{{}}", "{}"]
    ]
    for (const [source, text] of written) assert.deepStrictEqual(read(source), [text], source)
    assert.deepStrictEqual(read("{{{item}}}"), ["{", { of: "item" }, "}"])
    assert.deepStrictEqual(read("{{\"a\": {item}}}"), ["{\"a\": ", { of: "item" }, "}"])
    assert.deepStrictEqual(read("${{{item}}}"), ["${", { of: "item" }, "}"])
  })

  it("leaves JSON, code and the shell as they are", () => {
    const written = [
      "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}",
      "{}",
      "[{}, {\"a\": [{}]}]",
      "function f() { if (x) { return 1 }}",
      "int a[2][2] = {{1,2},{3,4}};",
      "echo ${HOME} ${name} ${item} ${steps.a.b}",
      "awk '{print $1}' | find . -exec rm {} +",
      "const { item } = row; try {} catch (error) { }",
      "import { Foo } from 'foo'; let x = {Foo}",
      "\\frac{1}{2} a{2,3} {A} {1} {a b} {a,b} {a:1} {a.b()} {items.map(x => x)} {\nitem\n}",
      "{",
      "}",
      "}{",
      "{ { {",
      "{:item}"
    ]
    for (const source of written) assert.deepStrictEqual(read(source), [source], source)
    assert.deepStrictEqual(read(""), [])
  })

  it("says of everything that is misspelt where it is and what may be meant", () => {
    const hints: ReadonlyArray<readonly [string, string]> = [
      ["{step.a}", "did you mean steps?"],
      ["{var.x}", "did you mean vars?"],
      ["{previous_outputs}", "did you mean previous_output?"],
      ["{readFile}", "written with double braces, {{readFile}}"],
      ["{steps}", "write {steps.NAME.output}"],
      ["{steps.plan}", "write {steps.plan.output}"],
      ["{steps.plan.output.x}", "{steps.plan.FIELD}"],
      ["{steps[0].output}", "write {steps.NAME.output}"],
      ["{steps.1st.output}", "a letter, then"],
      [`{steps.${"a".repeat(65)}.output}`, "at most 63"],
      ["{vars}", "write {vars.NAME}"],
      ["{loop}", "allowed: loop.round, loop.output"],
      ["{loop.rounds}", "did you mean loop.round?"],
      ["{loop.round.x}", "loop.round"],
      ["{previous_output.x}", "write {previous_output}"],
      ["{index[0]}", "write {index}"],
      ["{ previous_output }", "no spaces"],
      ["{previous_output | json}", "no spaces"],
      ["{steps.my plan.output}", "no spaces"],
      ["{ steps.plan.output}", "no spaces"],
      ["{vars.größe}", "names of letters"],
      ["{steps.a.list[-1]}", "positions as in [0]"],
      ["{steps.a..b}", "with dots between them"]
    ]
    for (const [source, hint] of hints) {
      const [issue, ...others] = issuesOf(`ab ${source} {item} }`)
      assert.deepInclude(issue, { offset: 3 }, source)
      assert.include(issue?.message, source)
      assert.include(issue?.hint, hint, source)
      assert.deepStrictEqual(others, [])
    }
    assert.deepStrictEqual(issuesOf("{step.a} {item} {{x}} {vars} 😀{nope}").map(({ offset }) => offset), [0, 22, 31])
  })
})

describe("any text", () => {
  it.prop("is read, or it is said where it is wrong", [hostileText], ([source]) => {
    const places = Result.match(parseTemplate(source), {
      onSuccess: (template) => {
        for (const { offset, source: inside } of references(template)) {
          assert.strictEqual(source.slice(offset, offset + inside.length + 2), `{${inside}}`)
        }
        assert.strictEqual(template.source, source)
        return references(template).map(({ offset }) => offset)
      },
      onFailure: (issues) => issues.map(({ offset }) => offset)
    })
    assert.isTrue(places.every((offset) => source[offset] === "{"))
    assert.deepStrictEqual(places, places.toSorted((a, b) => a - b))
  }, often)

  it.prop("stays itself when it is escaped", [hostileText], ([text]) => {
    assert.strictEqual(read(escapeTemplate(text)).join(""), text)
    assert.deepStrictEqual(read(escapeTemplate(text)), text === "" ? [] : [text])
  }, often)

  it.prop("has its doubled braces undone, and nothing else", [hostileText], ([text]) => {
    const source = text.replace(/[{}]/g, "$&$&")
    assert.deepStrictEqual(read(source).join(""), source.replaceAll("{{", "{").replaceAll("}}", "}"))
  }, often)

  it("is read in time that grows with its length only", () => {
    for (
      const pattern of ["{", "}", "{a", "{a.", "{ ", "{steps.", "{{a}", "{a[0]", "{{{item}}}", "{\"a\":{\"b\":1}}"]
    ) {
      assert.isTrue(Result.isResult(parseTemplate(pattern.repeat(50_000))), pattern)
    }
  })
})

describe("JSON", () => {
  const Leaf = Schema.Union([Schema.Int, Schema.Boolean, Schema.Null, Schema.Literals(["", "text", "a b", "\"", "$"])])
  type Tree = typeof Leaf.Type | ReadonlyArray<Tree> | { readonly [key: string]: Tree }
  const Tree: Schema.Codec<Tree> = Schema.Union([
    Leaf,
    Schema.Array(Schema.suspend(() => Tree)),
    Schema.Record(Schema.Literals(["a", "b", "item"]), Schema.suspend(() => Tree))
  ])

  it.prop("needs no escaping", [Arbitrary.schema(Tree)], ([tree]) => {
    for (const text of [JSON.stringify(tree), JSON.stringify(tree, null, 2)]) {
      assert.deepStrictEqual(read(text), [text])
      assert.strictEqual(escapeTemplate(text), text)
    }
  }, often)
})
