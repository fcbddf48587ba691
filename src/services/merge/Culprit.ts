/**
 * Who is to blame for a red check: the branch that came last, by itself, or with one that landed before it.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Candidate } from "./Candidates.ts"
import type { RunChecks } from "./CheckRuns.ts"
import type { Land } from "./Landing.ts"

/** What has landed so far: each with all before it is green. */
export interface Green {
  readonly candidate: Candidate
  readonly commit: CommitId
}

/** In words. `landed` is not empty of what came before the suspect, unless nothing did. */
export const blame = Effect.fnUntraced(
  function*(
    { land, landed, run, suspect, target }: {
      readonly land: Land
      readonly run: RunChecks
      readonly target: CommitId
      readonly landed: ReadonlyArray<Green>
      readonly suspect: Candidate
    }
  ): Effect.fn.Return<string, Failure> {
    /** Whether it is red on top of a commit; null: it does not get there. */
    const isRedOn = Effect.fnUntraced(function*(commit: CommitId) {
      const landing = yield* land(suspect, commit)
      return landing._tag === "Left" ? null : (yield* run(landing.commit)) !== null
    })

    const alone = landed.length === 0 ? true : yield* isRedOn(target)
    if (alone !== false) return alone === true ? "by itself it is red" : "with what has landed before it, it is red"
    // Green with the first `from` of those before it, red with the first `to`.
    let [from, to] = [0, landed.length]
    while (to - from > 1) {
      const middle = Math.floor((from + to) / 2)
      if ((yield* isRedOn(landed[middle - 1]!.commit)) === true) to = middle
      else from = middle
    }
    const other = landed[to - 1]!.candidate
    const pair = yield* land(other, target)
    const isPair = pair._tag === "Landed" && (yield* isRedOn(pair.commit)) === true
    return isPair
      ? `by itself it is green, together with ${other.id} it is red`
      : `by itself it is green, together with ${other.id} and what landed before that it is red`
  }
)
