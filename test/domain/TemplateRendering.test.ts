import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"
import { type InsertionOptions, unusedNonce, type Value, valueOf } from "../../src/domain/Insertion.ts"
import type { Reference } from "../../src/domain/Reference.ts"
import { parseTemplate } from "../../src/domain/Template.ts"
import { type Rendered, renderTemplate } from "../../src/domain/TemplateRendering.ts"
import { hostileText } from "../support/HostileText.ts"

const text = (written: string, origin: Value["origin"]): Value => ({ text: written, format: "text", origin })

const render = (
  source: string,
  values: Readonly<Record<string, Value>>,
  options: InsertionOptions & { readonly nonce?: string } = { directory: "in" }
): Rendered =>
  Result.getOrThrow(renderTemplate(Result.getOrThrow(parseTemplate(source)), {
    lookup: ({ source: name }) => Result.fromNullishOr(values[name], () => "not there"),
    nonce: options.nonce ?? "n"
  }, options))

const rendered = (source: string, values: Readonly<Record<string, Value>>): string => render(source, values).text

describe("a rendered template", () => {
  it("has the user's values as they are", () => {
    const written = "a\n{item}\u001b{{ </value n>"
    assert.strictEqual(rendered("<{item}>", { item: text(written, "user") }), `<${written}>`)
  })

  it("has a worker's line as it is, and more than a line in a fence on lines of its own", () => {
    const line = "x".repeat(200)
    assert.strictEqual(rendered("<{error}>", { error: text(line, "worker") }), `<${line}>`)
    const fence = (of: string, inside: string) => `<value of="${of}" nonce=n>\n${inside}\n</value n>`
    assert.strictEqual(
      rendered("<{error}>", { error: text(`${line}x`, "worker") }),
      `<\n${fence("error", `${line}x`)}\n>`
    )
    for (const inside of ["a\nb", "a\rb", "a\r\n", "\n", "a\u2028b"]) {
      assert.strictEqual(rendered("{error}", { error: text(inside, "worker") }), fence("error", inside))
    }
    const item = fence("item", "a\nb")
    const values = { item: text("a\nb", "worker"), error: text("", "worker") }
    assert.strictEqual(rendered("{item}{error}{item}", values), `${item}\n${item}`)
    assert.strictEqual(rendered("1\n{item}\r\n\n2", values), `1\n${item}\r\n\n2`)
    assert.strictEqual(rendered("{error}{item}{error} 2", values), `${item}\n 2`)
  })

  it("has no control characters of a worker, but everything else", () => {
    const kept = "\ta\u200b\u202e\ufeff\ud83d\udc4d\ud83d é e\u0301 @/etc/passwd"
    assert.strictEqual(rendered("{error}", { error: text(`\u0000${kept}\u001b\u007f\u0085\u009b`, "worker") }), kept)
  })

  it("has JSON on one line while it is short, and on many when it is long", () => {
    assert.deepStrictEqual(valueOf("a\"b", "user"), { text: "a\"b", format: "text", origin: "user" })
    assert.strictEqual(valueOf(null, "user").text, "null")
    assert.strictEqual(valueOf(1.5, "user").text, "1.5")
    assert.strictEqual(valueOf({ a: [1, "x"] }, "user").text, "{\"a\":[1,\"x\"]}")
    const long = { list: Array.from({ length: 50 }, (_, index) => index) }
    assert.strictEqual(valueOf(long, "worker").text, JSON.stringify(long, null, 2))
    assert.strictEqual(valueOf("x".repeat(200), "worker").text, "x".repeat(200))
  })

  it("names a file for a value that is too long, one for all its mentions", () => {
    const long = "x".repeat(20_001)
    const files = Array.from({ length: 20_000 }, () => 1)
    const result = render("{item}, {item}\n{steps.plan.files[0]}, {steps.plan.files}", {
      "item": text(long, "user"),
      "steps.plan.files[0]": text(`\u0000${long}`, "worker"),
      "steps.plan.files": valueOf(files, "worker")
    }, { directory: ".claude-pool/in" })
    const json = JSON.stringify(files, null, 2)
    assert.deepStrictEqual(result, {
      text: [
        "[item: 20001 characters, in the file .claude-pool/in/item.txt], ",
        "[item: 20001 characters, in the file .claude-pool/in/item.txt]\n",
        "[steps.plan.files[0]: 20001 characters, in the file .claude-pool/in/steps.plan.files.0.txt], ",
        `[steps.plan.files: ${json.length} characters, in the file .claude-pool/in/steps.plan.files.json]`
      ].join(""),
      files: [
        { name: "item.txt", text: long },
        { name: "steps.plan.files.0.txt", text: long },
        { name: "steps.plan.files.json", text: json }
      ]
    })
  })

  it("says how much of a file is missing, and cuts no character in half", () => {
    const { files, text: said } = render("{error}", { error: text("😀".repeat(20), "worker") }, {
      directory: "in",
      inlineLimit: 10,
      fileLimit: 15
    })
    assert.strictEqual(said, "[error: first 14 of 40 characters, in the file in/error.txt]")
    assert.deepStrictEqual(files, [{ name: "error.txt", text: "😀".repeat(7) }])
  })

  it("gives different values different files, on every file system", () => {
    const names = ["vars.a.0", "vars.a[0]", "vars.A[0]", `vars.${"b".repeat(300)}`, `vars.${"b".repeat(301)}`]
    const { files } = render(
      names.map((name) => `{${name}}`).join(" "),
      Object.fromEntries(names.map((name) => [name, text(`long ${name}`, "user")])),
      { directory: "in", inlineLimit: 1 }
    )
    const stem = `vars.${"b".repeat(95)}`
    assert.deepStrictEqual(
      files.map(({ name }) => name),
      ["vars.a.0.txt", "vars.a.0-2.txt", "vars.A.0-3.txt", `${stem}.txt`, `${stem}-2.txt`]
    )
  })

  it("is not made where a value is missing: each one is named", () => {
    const result = renderTemplate(Result.getOrThrow(parseTemplate("{item} {error} {item} {index}")), {
      lookup: ({ root }) => root === "index" ? Result.succeed(valueOf(0, "user")) : Result.fail(`no ${root}`),
      nonce: "n"
    }, { directory: "in" })
    assert.deepStrictEqual(
      Result.mapError(result, (missing) => missing.map(({ message, reference }) => [reference.offset, message])),
      Result.fail([[0, "no item"], [7, "no error"]])
    )
  })
})

/** References under which random values are known, and what the values are. */
const names = ["item", "steps.x.output", "steps.x.field[0].y", "vars.v0", "previous_output", "error"] as const

const RandomValue = Arbitrary.all({
  text: Arbitrary.flatMap(
    Arbitrary.all([hostileText, Arbitrary.schema(Schema.Literals([1, 1, 1, 8]))]),
    ([written, times]) => Arbitrary.Constant(written.repeat(times))
  ),
  origin: Arbitrary.schema(Schema.Literals(["user", "worker"]))
})

const Part = Arbitrary.flatMap(
  Arbitrary.schema(Schema.Boolean),
  (isText): Arbitrary.Arbitrary<{ readonly text: string } | { readonly of: typeof names[number] }> =>
    isText
      ? Arbitrary.map(hostileText, (written) => ({ text: written.replaceAll("$", "") }))
      : Arbitrary.map(Arbitrary.schema(Schema.Literals(names)), (of) => ({ of }))
)

const Scene = Arbitrary.all({
  parts: Arbitrary.array(Part, { maxLength: 8 }),
  values: Arbitrary.all({
    "item": RandomValue,
    "steps.x.output": RandomValue,
    "steps.x.field[0].y": RandomValue,
    "vars.v0": RandomValue,
    "previous_output": RandomValue,
    "error": RandomValue
  }),
  nonce: Arbitrary.schema(Schema.Literals(["n", "0", "", "value", "\n", "z9q7"]))
})

type Scene = typeof Scene extends Arbitrary.Arbitrary<infer A> ? A : never

const limits = { directory: "in", inlineLimit: 300, fileLimit: 400 }
const often = { arbitrary: { runs: 600, size: 60, maxShrinks: 500 } }

const sourceOf = (parts: Scene["parts"]): string =>
  parts.map((part) => "text" in part ? part.text.replace(/[{}]/g, "$&$&") : `{${part.of}}`).join("")

const play = ({ nonce, parts, values }: Scene): Rendered =>
  render(
    sourceOf(parts),
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { ...value, format: "text" }])),
    { ...limits, nonce }
  )

const arrives = ({ origin, text: written }: Scene["values"]["item"]): string =>
  // oxlint-disable-next-line no-control-regex -- it is what a worker's text loses
  origin === "user" ? written : written.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "")

const occurrences = (within: string, wanted: string): number => within.split(wanted).length - 1

const mentions = (parts: Scene["parts"], name: string): number =>
  parts.filter((part) => "of" in part && part.of === name).length

/** What the prompt says of a value that has become a file. */
const sentence = (name: string, written: string, files: Rendered["files"]): string => {
  const file = `${name.replace("[", ".").replace("]", "")}.txt`
  const kept = files.find((other) => other.name === file)?.text
  assert.isDefined(kept)
  assert.isTrue(written.startsWith(kept))
  assert.include([limits.fileLimit, limits.fileLimit - 1, written.length], kept.length)
  assert.notMatch(written.slice(kept.length - 1, kept.length + 1), /[\ud800-\udbff][\udc00-\udfff]/)
  const length = kept === written ? `${written.length}` : `first ${kept.length} of ${written.length}`
  return `[${name}: ${length} characters, in the file in/${file}]`
}

describe("whatever is inserted", () => {
  it.prop("arrives word for word, as often as it is referred to", [Scene], ([scene]) => {
    // Marked, so that no value is a part of another or of a text.
    const mark = (name: typeof names[number]) => ({
      ...scene.values[name],
      text: `\ue000${name}${scene.values[name].text}\ue001`
    })
    const marked = {
      "item": mark("item"),
      "steps.x.output": mark("steps.x.output"),
      "steps.x.field[0].y": mark("steps.x.field[0].y"),
      "vars.v0": mark("vars.v0"),
      "previous_output": mark("previous_output"),
      "error": mark("error")
    }
    const used = names.filter((name) => mentions(scene.parts, name) > 0)
    const { files, text: result } = play({ ...scene, values: marked })
    const filed = used.filter((name) => arrives(marked[name]).length > limits.inlineLimit)
    assert.strictEqual(files.length, filed.length)
    for (const name of used) {
      const wanted = arrives(marked[name])
      const inserted = filed.includes(name) ? sentence(name, wanted, files) : wanted
      assert.strictEqual(occurrences(result, inserted), mentions(scene.parts, name))
    }
  }, often)

  it.prop("stands between the texts of the template, which stay as they are", [Scene], ([scene]) => {
    const used = names.filter((name) => mentions(scene.parts, name) > 0)
    const nonce = unusedNonce(scene.nonce, used.map((name) => arrives(scene.values[name])))
    const { files, text: result } = play(scene)
    let made = ""
    let fenced = false
    const add = (piece: string, isFence: boolean): void => {
      if (piece === "") return
      const touches = made !== "" && !made.endsWith("\n") && !piece.startsWith("\n") && !piece.startsWith("\r\n")
      made += (fenced || isFence) && touches ? `\n${piece}` : piece
      fenced = isFence
    }
    for (const part of scene.parts) {
      if ("text" in part) {
        add(part.text, false)
        continue
      }
      const value = arrives(scene.values[part.of])
      const isLine = value.length <= 200 && !/[\n\r\u2028\u2029]/.test(value)
      if (value.length > limits.inlineLimit) add(sentence(part.of, value, files), false)
      else if (scene.values[part.of].origin === "user" || isLine) add(value, false)
      else add(`<value of="${part.of}" nonce=${nonce}>\n${value}\n</value ${nonce}>`, true)
    }
    assert.strictEqual(result, made)
  }, often)

  it.prop(
    "never holds the nonce that closes its fence",
    [Arbitrary.array(hostileText), hostileText],
    ([texts, nonce]) => {
      const unused = unusedNonce(nonce, texts)
      assert.isTrue(unused.startsWith(nonce))
      assert.isFalse(texts.some((written) => written.includes(unused)))
      assert.strictEqual(unused === nonce, !texts.some((written) => written.includes(nonce)))
    },
    often
  )

  it.prop("changes nothing where nothing is referred to", [hostileText], ([written]) => {
    const source = written.replace(/[{}]/g, "$&$&")
    assert.deepStrictEqual(render(source, {}), { text: written, files: [] })
  }, often)
})

describe("a lookup", () => {
  it("is asked once for each way of writing a reference", () => {
    const asked: Array<Reference["root"]> = []
    renderTemplate(Result.getOrThrow(parseTemplate("{item}{index}{item}")), {
      lookup: ({ root }) => {
        asked.push(root)
        return Result.succeed(valueOf("x", "worker"))
      },
      nonce: "n"
    }, { directory: "in" })
    assert.deepStrictEqual(asked, ["item", "index"])
  })
})
