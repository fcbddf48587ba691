/**
 * Who composes the pool can name everything that its contract speaks of.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

const read = (path: string): string => readFileSync(new URL(`../src/${path}`, import.meta.url), "utf8")

/** The names by module; `*` for all of them. */
const exported = new Map(
  [...read("index.ts").matchAll(/export (\*(?: as \w+)?|\{[^}]*\}) from "\.\/([^"]+)"/g)].map(([, what, module]) =>
    [module!, new Set(what!.match(/\*|\w+/g))] as const
  )
)

const isExported = ([module, name]: readonly [string, string]): boolean =>
  exported.get(module)?.has("*") === true || exported.get(module)?.has(name) === true

/** The types that a module takes from others, each with where it is from. */
const typesIn = (path: string) =>
  [...read(path).matchAll(/import type \{([^}]*)\} from "(\.[^"]+)"/g)].flatMap(([, names, from]) =>
    names!.match(/\w+/g)!.map((name) => [join(dirname(path), from!), name] as const)
  )

/** What the built types of a module say that is another's. */
const named = (module: string) => {
  const file = new URL(`../dist/types/${module.replace(/\.ts$/, ".d.ts")}`, import.meta.url)
  assert.isTrue(existsSync(file), module)
  return [...readFileSync(file, "utf8").matchAll(/import (?:type )?\{([^}]*)\} from "(\.[^"]+)"/g)].flatMap((
    [, names, from]
  ) => names!.replaceAll(/\btype /g, "").match(/\w+/g)!.map((name) => [join(dirname(module), from!), name] as const))
}

/** The inner parts of services are nobody's to name. */
const isInner = ([module]: readonly [string, string]): boolean => /^services\/[a-z]+\//.test(module)

describe("the library", () => {
  it("exports what its types speak of", () => {
    const types = [...exported.keys()].flatMap(named)
    assert.isNotEmpty(types)
    assert.deepStrictEqual(types.filter((type) => !isExported(type) && !isInner(type)), [])
  })

  it("exports every type of the contract of the pool", () => {
    const types = ["services/Pool.ts", "domain/CallOptions.ts"].flatMap(typesIn)
    assert.isNotEmpty(types)
    assert.deepStrictEqual(types.filter((type) => !isExported(type)), [])
  })
})
