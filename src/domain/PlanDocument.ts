/**
 * A YAML text (JSON is YAML, too) as a value, with the line and column of everything in it.
 */
import { Result, type Schema } from "effect"
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument as parseYaml,
  visit
} from "yaml"
import { sourceOffset } from "./ScalarOffset.ts"
import type { ValuePath } from "./ValuePath.ts"

/** Both count from 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface LocatedIssue extends Position {
  readonly message: string
}

export interface PlanDocument {
  readonly value: Schema.Json
  /**
   * Where what is at the path stands, or, where there is nothing, what would have it. `offset` is in the text at the path;
   * `key` asks for the key and not for its value.
   */
  readonly locate: (path: ValuePath, what?: { readonly offset?: number | null; readonly key?: boolean }) => Position
}

/** In UTF-16 units. */
const longestText = 1_000_000
/** What aliases stand for is counted each time. */
const mostNodes = 100_000
const deepest = 100

type Child = { readonly key: Node | null; readonly value: Node | null }

const childrenOf = (node: Node | null): ReadonlyArray<readonly [segment: string | number, child: Child]> => {
  if (isSeq<Node | null>(node)) return node.items.map((value, index) => [index, { key: null, value }] as const)
  if (!isMap<Node, Node | null>(node)) return []
  return node.items.map(({ key, value }) =>
    [isScalar(key) ? String(key.value) : key.toString(), { key, value }] as const
  )
}

type ResolveAlias = (node: Node | null) => Node | null | undefined

interface NodeIssue {
  readonly at: number
  readonly message: string
}

const startOf = (node: Node | null): number => node?.range?.[0] ?? 0

/** What each alias stands for: the last node before it that has its anchor. One walk, however many there are. */
const findTargets = (document: Document): ReadonlyMap<Node, Node | undefined> => {
  const anchors = new Map<string, Node>()
  const targets = new Map<Node, Node | undefined>()
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) targets.set(node, anchors.get(node.source))
      else if (node.anchor !== undefined) anchors.set(node.anchor, node)
    }
  })
  return targets
}

/** The values of nodes, within the limits. */
const reader = (resolve: ResolveAlias) => {
  let nodes = 0
  const read = (given: Node | null, depth: number): Result.Result<Schema.Json, NodeIssue> => {
    const fail = (message: string) => Result.fail({ at: startOf(given), message })
    nodes += 1
    if (nodes > mostNodes) return fail(`there is too much of it: more than ${mostNodes} values, aliases included`)
    if (depth > deepest) return fail("it is nested too deeply, or an alias stands for what it is in")
    const node = resolve(given)
    if (node === undefined) return fail("there is no such anchor before this alias")
    if (isScalar(node)) {
      const { value } = node
      if (value === null || typeof value === "string" || typeof value === "boolean") return Result.succeed(value)
      return typeof value === "number" && Number.isFinite(value)
        ? Result.succeed(value)
        : fail("only texts, numbers, true, false and null can be values")
    }
    const values: Array<readonly [string, Schema.Json]> = []
    for (const [segment, child] of childrenOf(node)) {
      const value = read(child.value, depth + 1)
      if (Result.isFailure(value)) return value
      values.push([String(segment), value.success])
    }
    if (isSeq(node)) return Result.succeed(values.map(([, value]) => value))
    return Result.succeed(isMap(node) ? Object.fromEntries(values) : null)
  }
  return (node: Node | null) => read(node, 0)
}

const locator =
  (text: string, root: Node | null, resolve: ResolveAlias, at: (index: number) => Position): PlanDocument["locate"] =>
  (path, { key = false, offset = null } = {}) => {
    let found: Child = { key: null, value: root }
    let depth = 0
    for (const segment of path) {
      const next = childrenOf(resolve(found.value) ?? null).find(([own]) => String(own) === String(segment))
      if (next === undefined) break
      found = next[1]
      depth += 1
    }
    const value = resolve(found.value) ?? null
    if (depth === path.length && offset !== null && isScalar(value) && typeof value.value === "string") {
      return at(sourceOffset(text, { type: value.type, start: startOf(value), value: value.value }, offset))
    }
    const isBlock = (isMap(value) || isSeq(value)) && value.flow !== true
    return at(startOf((key || isBlock ? found.key : null) ?? found.value ?? found.key))
  }

export const locatedIssue = (position: Position, message: string): LocatedIssue => ({ ...position, message })

/** Everything that the text has of its own to be wrong: no duplicate keys, no tags, one document, all of it in bounds. */
export const parseDocument = (text: string): Result.Result<PlanDocument, ReadonlyArray<LocatedIssue>> => {
  const start = { line: 1, column: 1 }
  if (text.length > longestText) {
    return Result.fail([locatedIssue(start, `the text is longer than ${longestText} characters`)])
  }
  const lineCounter = new LineCounter()
  const document = parseYaml(text, {
    lineCounter,
    logLevel: "error",
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true
  })
  const at = (index: number): Position => {
    const { col, line } = lineCounter.linePos(index)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const issues = [...document.errors, ...document.warnings].map(({ code, message, pos }) =>
    locatedIssue(
      at(pos[0]),
      code === "MULTIPLE_DOCS" ? "a second document begins here, and a plan is only one" : message
    )
  )
  if (document.directives?.yaml.version !== "1.2") {
    issues.push(locatedIssue(start, "plans are YAML 1.2: leave the directive out"))
  }
  if (issues.length > 0) return Result.fail(issues)

  const root = document.contents
  const targets = findTargets(document)
  const resolve: ResolveAlias = (node) => isAlias(node) ? targets.get(node) : node
  return Result.mapBoth(reader(resolve)(root), {
    onSuccess: (value) => ({ value, locate: locator(text, root, resolve, at) }),
    onFailure: (issue) => [locatedIssue(at(issue.at), issue.message)]
  })
}
