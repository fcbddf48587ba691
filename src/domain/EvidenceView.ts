/**
 * What a task did, as every surface shows it: what is empty is left out.
 */
import { Schema, Struct } from "effect"
import { type BranchEvidence, type Evidence, ExpectationResult, Verification } from "./Evidence.ts"
import { Isolation } from "./Isolation.ts"

/** How much its branch has that its base does not have: files, lines, commits. */
export const DiffView = Schema.Struct({
  files: Schema.Int,
  added: Schema.Int,
  removed: Schema.Int,
  commits: Schema.Int
})
export type DiffView = typeof DiffView.Type

/** The branch that the work was asked for beside, and where that stood. */
export const TargetView = Schema.Struct({ branch: Schema.String, tip: Schema.String })
export type TargetView = typeof TargetView.Type

const fields = {
  isolation: Isolation,
  /** What it works on: to be shown, compared and merged. */
  branch: Schema.String,
  base: Schema.String,
  head: Schema.String,
  diff: DiffView,
  verification: Verification.annotate({ description: "Whether what was expected holds, as the pool found it" }),
  checks: Schema.Array(ExpectationResult).annotate({ description: "What was expected, and what was found: data" }),
  outside: Schema.Array(Schema.String).annotate({ description: "What changed outside of the workspace meanwhile" }),
  warnings: Schema.Array(Schema.String).annotate({ description: "To be looked at before it is merged" }),
  workspace: Schema.String
}

export const EvidenceView = Schema.Struct(fields).mapFields(Struct.map(Schema.optionalKey))
export type EvidenceView = typeof EvidenceView.Type

const viewBranch = (branch: BranchEvidence): EvidenceView => ({
  branch: branch.branch,
  base: branch.base,
  head: branch.head,
  diff: { files: branch.fileCount, added: branch.added, removed: branch.removed, commits: branch.commits },
  ...(branch.warnings.length === 0 ? {} : { warnings: branch.warnings }),
  workspace: branch.workspace
})

/** What a command has said matters where it says why. */
const viewCheck = ({ output, ...check }: ExpectationResult): ExpectationResult =>
  check.held === true || output === undefined ? check : { ...check, output }

/** Of work that nobody expects anything of, and that has no branch, there is nothing to say. */
export const viewEvidence = ({ branch, checks, outside, verification }: Evidence): EvidenceView => ({
  ...(branch === undefined ? {} : viewBranch(branch)),
  ...(branch === undefined && checks.length === 0 ? {} : { verification }),
  ...(checks.length === 0 ? {} : { checks: checks.map(viewCheck) }),
  ...(outside.length === 0 ? {} : { outside })
})
