/**
 * A landing: branch after branch on top of the target, each held against the checks. All of it is objects that nothing
 * refers to; what becomes of them is for the desk to say.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { LeftBranch } from "../../domain/Merge.ts"
import type { Candidate } from "./Candidates.ts"
import type { RunChecks } from "./CheckRuns.ts"
import { blame, type Green } from "./Culprit.ts"
import type { Land } from "./Landing.ts"
import type { Target } from "./Permission.ts"
import { notMergeable } from "./Refusal.ts"

export interface LeftOut {
  readonly candidate: Candidate
  readonly left: LeftBranch
}

export interface LandingEnd {
  readonly after: CommitId
  readonly landed: ReadonlyArray<Green>
  readonly left: ReadonlyArray<LeftOut>
}

const saidOf = (output: string): string => {
  const end = output.trim().slice(-500)
  return end === "" ? "; it said nothing" : `; the end of what it said: ${end}`
}

export const runLanding = Effect.fnUntraced(
  function*(
    { candidates, land, run, target }: {
      readonly candidates: ReadonlyArray<Candidate>
      readonly target: Target
      readonly land: Land
      /** Null: there are no checks. */
      readonly run: RunChecks | null
    }
  ): Effect.fn.Return<LandingEnd, Failure> {
    const before = run === null ? null : yield* run(target.tip)
    if (before !== null) {
      return yield* notMergeable(candidates[0]!.id, {
        detail: `${target.branch} is red before anything lands on it: \`${before.command}\`, ${before.how}`,
        hint: `correct ${target.branch} first, or leave that check away${saidOf(before.output)}`
      })
    }
    const landed: Array<Green> = []
    const left: Array<LeftOut> = []
    for (const candidate of candidates) {
      const is = { id: candidate.id, branch: candidate.evidence.branch }
      const onto = landed.at(-1)?.commit ?? target.tip
      const landing = yield* land(candidate, onto)
      if (landing._tag === "Left") {
        left.push({ candidate, left: { ...is, ...landing.left } })
        continue
      }
      const red = run === null ? null : yield* run(landing.commit)
      if (run === null || red === null) {
        landed.push({ candidate, commit: landing.commit })
        continue
      }
      const who = yield* blame({ land, run, target: target.tip, landed, suspect: candidate })
      const detail = `\`${red.command}\`, ${red.how}: ${who}`
      left.push({ candidate, left: { ...is, why: "check", detail, output: red.output } })
    }
    return { after: landed.at(-1)?.commit ?? target.tip, landed, left }
  }
)
