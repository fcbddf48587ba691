/**
 * Who composes the pool can name everything that its contract speaks of.
 */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"

const read = (path: string): string => readFileSync(new URL(`../src/${path}`, import.meta.url), "utf8")

/** The names by module; `*` for all of them. */
const exported = new Map(
  [...read("index.ts").matchAll(/export (\*|\{[^}]*\}) from "\.\/([^"]+)"/g)].map(([, what, module]) =>
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

describe("the library", () => {
  it("exports every type of the contract of the pool", () => {
    const types = ["services/Pool.ts", "domain/CallOptions.ts"].flatMap(typesIn)
    assert.isNotEmpty(types)
    assert.deepStrictEqual(types.filter((type) => !isExported(type)), [])
  })
})
