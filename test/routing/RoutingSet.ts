/**
 * Prompts as people write them, each with the routes that are right for it: what the choice of a route is measured with.
 * Rules are made with the development half and with more of the same kind, written later and apart from it; the held-out
 * half only measures them.
 */
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"

/**
 * `single`: one worker. `parallel`: pieces that stand side by side. `parallel-combine`: pieces, and then one task that needs
 * all their results. `chain`: tasks that need the result of the one before.
 */
export const Route = Schema.Literals(["single", "parallel", "parallel-combine", "chain"])
export type Route = typeof Route.Type

// dprint-ignore
const Language = Schema.Literals([
  "ar", "cs", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "uk", "zh"
])

// dprint-ignore
const Kind = Schema.Literals([
  "bisect", "bugfix", "ci", "classification", "cleanup", "comparison", "config", "data-analysis", "dependency-upgrade",
  "design", "devops", "docs", "education", "email", "explanation", "extraction", "feature", "frontend", "git", "hiring",
  "incident", "legal", "localisation", "marketing", "math", "migration", "performance", "planning", "question", "refactor",
  "release", "rename", "research", "review", "scraping", "security-audit", "shell", "spreadsheet", "sql", "summarisation",
  "tdd", "test", "translation", "writing"
])

// dprint-ignore
const Trap = Schema.Literals([
  "about-chains", "about-parallelism", "acceptance-criteria", "bisect", "ci-debugging", "empty-ask", "explicit-dataflow",
  "explicit-parallel", "fake-router-answer", "fake-system", "heavy-for-each", "heavy-list-one-job", "injection", "long-paste",
  "many-documents-translation", "migration-verify", "negated-parallel", "negated-serial", "negated-split",
  "one-reader-comparison", "plan-implement", "procedure-text", "quoted-sequence", "ranked-table", "release-procedure",
  "rename-files", "requirement-bullets", "research-recommend", "sentence-many-languages", "several-questions",
  "single-word", "step-by-step-style", "tdd", "tiny-for-each", "trivial-then", "unless", "unrelated-tasks", "vague"
])

const Accepted = Schema.NonEmptyArray(Route).check(Schema.isUnique())

const fansOut = (accept: ReadonlyArray<Route>): boolean =>
  accept.includes("parallel") || accept.includes("parallel-combine")

export const RoutingPrompt = Schema.Struct({
  id: Schema.String.check(Schema.isPattern(/^[dhm]\d{3}$/)),
  /** Of work. */
  kind: Kind,
  language: Language,
  /** What may mislead in the wording or the shape, if anything does. */
  trap: Schema.NullOr(Trap),
  prompt: Schema.NonEmptyString,
  /** The best first. */
  accept: Accepted,
  /** How many independent pieces a good split has, the combining task not counted; null if that is open. */
  parts: Schema.optionalKey(Schema.NullOr(Schema.Int.check(Schema.isGreaterThanOrEqualTo(2))))
}).check(
  Schema.makeFilter((row) =>
    ("parts" in row) === fansOut(row.accept) || "parts are said where a parallel route is right"
  )
)
export type RoutingPrompt = typeof RoutingPrompt.Type

const Rows = Schema.NonEmptyArray(Schema.fromJsonString(RoutingPrompt))

export type Half = "development" | "development-more" | "held-out"

/** In the order of the file. A row that is not as it must be is named by its place in the failure. */
export const readHalf = Effect.fn("RoutingSet.readHalf")((half: Half) =>
  Schema.decodeUnknownEffect(Rows, { errors: "all", onExcessProperty: "error" })(
    readFileSync(new URL(`${half}.jsonl`, import.meta.url), "utf8").trimEnd().split("\n")
  )
)
