/**
 * What a branch has that its base does not have, told from commits alone: two looks at the same work say the same.
 */
import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { roughBytes } from "../../domain/ByteSize.ts"
import { branchRef, type CommitId, shortCommit } from "../../domain/Commit.ts"
import { type BranchEvidence, mostFiles, mostPatch } from "../../domain/Evidence.ts"
import { boundOutput } from "../../domain/OutputBound.ts"
import { ResultHash } from "../../domain/Review.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { type Checkout, Git, mainCheckout } from "../Git.ts"
import { changesBetween, patchBetween } from "../git/Diff.ts"
import { rawDiff } from "../git/RawDiff.ts"
import { countCommits, currentBranch, isAncestor, resolveCommit } from "../git/Refs.ts"
import { statusOf } from "../git/Status.ts"
import type { Stay } from "../Workspaces.ts"
import type { Committed } from "./Committing.ts"
import { namesOf } from "./Naming.ts"
import { warningsOf } from "./Warnings.ts"

/** A patch is held in memory up to this size, in bytes. */
const mostBytes = 64 * 2 ** 20

export interface Looked {
  readonly branch: BranchEvidence
  readonly patch: string | null
}

export const makeLooking = Effect.fnUntraced(function*(wholePatch: number = mostBytes) {
  const git = yield* Git
  const digest = yield* Digest.Digest

  /**
   * The branch that the work is meant for: the one that is checked out where it was asked for. None, where that checkout
   * cannot be looked at: that is not for the task to answer for.
   */
  const targetOf = Effect.fnUntraced(function*(repository: RepositoryPlace) {
    if (repository.checkout === null) return null
    const main = mainCheckout(repository)
    const branch = yield* currentBranch(git, main)
    const tip = branch === null ? null : yield* resolveCommit(git, main, branchRef(branch))
    return branch === null || tip === null ? null : { branch, tip }
  }, Effect.orElseSucceed(() => null))

  /** Those that a worker has made or cloned there: in a commit there is no room for them. */
  const embedded = Effect.fnUntraced(function*(checkout: Checkout) {
    const left = (yield* statusOf(git, checkout)).filter(({ code, isRepository }) => code === "??" && isRepository)
    return left.length === 0
      ? []
      : [`has repositories inside of it that are in no commit: ${namesOf(left.map(({ path }) => path))}`]
  })

  const patchOf = Effect.fnUntraced(function*(checkout: Checkout, base: CommitId, head: CommitId, entries: string) {
    const { bytes, stdout } = yield* patchBetween(git, checkout, base, head, wholePatch)
    const isWhole = bytes <= wholePatch
    const hash = yield* digest.digestHex(Digest.sha256, new TextEncoder().encode(isWhole ? stdout : entries))
    return {
      hash: ResultHash.make(hash),
      chars: isWhole ? stdout.length : bytes,
      text: stdout === "" ? null : boundOutput(stdout, mostPatch),
      warnings: isWhole
        ? []
        : [`has a patch of ${roughBytes(bytes)}: its hash is that of the names and hashes of its files`]
    }
  })

  const look = Effect.fnUntraced(function*(
    { checkout, workspace }: Stay,
    { base, branch }: { readonly base: CommitId; readonly branch: string },
    { completed, foundOn, head, rescued }: Committed
  ) {
    const changes = yield* changesBetween(git, checkout, base, head)
    const raw = yield* rawDiff(git, checkout, base, head)
    const patch = yield* patchOf(checkout, base, head, raw.text)
    const { escapes, warnings } = yield* warningsOf(git, checkout, head, raw.changes)
    const isOnBase = yield* isAncestor(git, checkout, base, head)
    const sum = (field: "added" | "removed") => changes.reduce((all, change) => all + (change[field] ?? 0), 0)
    const evidence: BranchEvidence = {
      workspace: workspace.id,
      branch,
      base,
      head,
      commits: yield* countCommits(git, checkout, base, head),
      files: changes.slice(0, mostFiles),
      fileCount: changes.length,
      added: sum("added"),
      removed: sum("removed"),
      patchHash: patch.hash,
      patchChars: patch.chars,
      completed,
      target: yield* targetOf(workspace.repository),
      warnings: [
        ...(isOnBase ? [] : [`does not begin at ${shortCommit(base)} any more: it shows what others have done too`]),
        ...(foundOn === null ? [] : [`goes on from ${namesOf([foundOn])}, which its worker had checked out`]),
        ...rescued.map((ref) => `does not have all that the branch had: the rest is in ${ref}`),
        ...warnings,
        ...(yield* embedded(checkout)),
        ...patch.warnings
      ],
      ...(escapes ? { escapes } : {})
    }
    return { branch: evidence, patch: patch.text } satisfies Looked
  })

  return { look, targetOf }
})
