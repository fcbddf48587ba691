/**
 * The shape of the repository: what a linter cannot see. The direction of the folders and the length of files are held by
 * `.oxlintrc.json`.
 */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join, normalize, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../", import.meta.url))

const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** From the root; only TypeScript. */
const sources: ReadonlyArray<string> = ["src", "test"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(folder, path))
)

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly hasInstallScript?: boolean; readonly optional?: boolean }>
  >
}

// oxlint-disable typescript/no-unsafe-type-assertion -- what is not so, the tests below find
const manifest = JSON.parse(read("package.json")) as Manifest
const lock = JSON.parse(read("package-lock.json")) as Lock
/** What is installed only to be run against the server. */
const clients = JSON.parse(read("test/conformance/package.json")) as Pick<Manifest, "devDependencies">
const clientsLock = JSON.parse(read("test/conformance/package-lock.json")) as Lock
// oxlint-enable typescript/no-unsafe-type-assertion

describe("the top level", () => {
  it("holds only what tools and people demand there", () => {
    const allowed = new Set([
      ".ci",
      ".dprint.json",
      ".gitignore",
      ".npmrc",
      ".oxlintrc.json",
      ".rolldown.config.js",
      ".tsconfig.types.json",
      ".vitest.config.ts",
      "AGENTS.md",
      "LICENSE",
      "README.md",
      "package-lock.json",
      "package.json",
      "src",
      "test",
      "tsconfig.json",
      // Made by git, npm, a build, a run, or an editor.
      ".git",
      "node_modules",
      "dist",
      ".claude-pool",
      ".mcp.json",
      ".idea",
      ".vscode",
      ".DS_Store"
    ])
    assert.deepStrictEqual(readdirSync(root).filter((name) => !allowed.has(name)), [])
  })
})

describe("source files", () => {
  it("have at most 300 lines", () => {
    assert.deepStrictEqual(sources.filter((path) => read(path).trimEnd().split("\n").length > 300), [])
  })

  it("say in their names what they are about", () => {
    const vague = /^(utils?|common|helpers?|shared|misc)$/i
    const words = (path: string) => path.split("/").map((name) => basename(name, ".ts"))
    assert.deepStrictEqual(sources.filter((path) => words(path).some((word) => vague.test(word))), [])
  })

  it("promise nothing for later", () => {
    assert.deepStrictEqual(sources.filter((path) => /\b(TO[D]O|FI[X]ME|HA[C]K)\b/.test(read(path))), [])
  })

  it("open with what they are for", () => {
    const opens = (path: string) => /^(#!.*\n)?\/\*\*/.test(read(path))
    assert.deepStrictEqual(sources.filter((path) => path.startsWith("src/") && !opens(path)), [])
  })
})

describe("tests", () => {
  it("are all run", () => {
    const left = /\b(it|test|describe)(\.\w+)*\.(skip|only|todo|skipIf|runIf|fails)\b|\bx(it|describe)\(/
    assert.deepStrictEqual(sources.filter((path) => path.startsWith("test/") && left.test(read(path))), [])
  })
})

describe("services", () => {
  /** One imports only from those in the lines above its own. */
  const ranks = [
    [
      "Machine",
      "Configuration",
      "Processes",
      "Roster",
      "Events",
      "Budget",
      "RetryPolicy",
      "Plans",
      "Git",
      "Foreground",
      "Clients",
      "Host"
    ],
    ["Holds"],
    ["Store"],
    ["ClaudeCli", "Restarts", "Telemetry"],
    ["Slots", "Doctor", "SharedContext", "Messages", "Checks"],
    ["Workspaces"],
    ["Inspector"],
    ["Tasks"],
    ["Dispatcher", "FanOut", "Router", "Supervisor", "Radar", "MergeDesk"],
    ["Chains"],
    ["Pool"]
  ]

  /** What is part of another service: the folder that has its inner parts, and what exists for its sake. */
  const parts: Readonly<Record<string, string>> = {
    chains: "Chains",
    claude: "ClaudeCli",
    Containment: "ClaudeCli",
    containment: "ClaudeCli",
    fanout: "FanOut",
    git: "Git",
    inspector: "Inspector",
    merge: "MergeDesk",
    messages: "Messages",
    pool: "Pool",
    radar: "Radar",
    slots: "Slots",
    store: "Store",
    supervisor: "Supervisor",
    tasks: "Tasks",
    telemetry: "Telemetry",
    workspaces: "Workspaces"
  }

  const services = sources.filter((path) => path.startsWith("src/services/"))

  const serviceOf = (path: string): string => {
    const name = basename(relative("src/services", path).split("/")[0]!, ".ts")
    return parts[name] ?? name
  }

  const rankOf = (service: string): number => ranks.findIndex((names) => names.includes(service))

  it("have a rank, each of them", () => {
    assert.deepStrictEqual([...new Set(services.map(serviceOf))].filter((name) => rankOf(name) === -1), [])
  })

  it("import only from lower ranks", () => {
    const imports = services.flatMap((path) =>
      [...read(path).matchAll(/from "(\.[^"]+)"/g)]
        .map(([, target]) => normalize(join(dirname(path), target!)))
        .filter((target) => target.startsWith("src/services/"))
        .map((target) => [serviceOf(path), serviceOf(target)] as const)
    )
    const wrong = imports.filter(([from, to]) => from !== to && rankOf(from) <= rankOf(to))
    assert.isNotEmpty(imports)
    assert.deepStrictEqual(wrong.map(([from, to]) => `${from} imports ${to}`), [])
  })
})

describe("dependencies", () => {
  it("are at most ten at run time", () => {
    assert.isAtMost(Object.keys(manifest.dependencies).length, 10)
  })

  it("are pinned to one version each", () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    assert.deepStrictEqual(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)), [])
  })

  it("are pinned where they are only run against the server, too, whatever registry they come from", () => {
    const pinned = Object.entries(clients.devDependencies)
    assert.deepStrictEqual(pinned.filter(([, version]) => !/^\d+\.\d+\.\d+(-alpha\.\d+)?$/.test(version)), [])
    assert.deepStrictEqual(
      pinned.map(([name]) => clientsLock.packages[`node_modules/${name}`]?.version),
      pinned.map(([, version]) => version)
    )
    assert.notInclude(read("test/conformance/package-lock.json"), "\"resolved\"")
  })

  it("run a script at their installation only where that is known, and none at run time", () => {
    const scripted = Object.entries(lock.packages)
      // What another platform needs is not installed here, and is not asked about.
      .filter(([, { hasInstallScript, optional }]) => hasInstallScript === true && optional !== true)
      .map(([path]) => path.replace(/^.*node_modules\//, ""))
    // By name alone, for npm matches a version only by an address, and the lock holds none; the versions are exact above.
    assert.deepStrictEqual(scripted, Object.keys(manifest.allowScripts))
    assert.deepStrictEqual(scripted.filter((name) => name in manifest.dependencies), [])
  })
})
