/**
 * Finds out what the branches touch that are worked on now, or wait for a review. Only what may have changed since it was
 * last looked at is looked at again.
 */
import { Effect, FileSystem, HashMap, HashSet, Option, Path, Ref, Stream } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Phase } from "../../domain/Progress.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { Events } from "../Events.ts"
import { Git, mainCheckout } from "../Git.ts"
import { touchedBetween, type TouchedFiles, touchedSince } from "../git/Touched.ts"
import { Store } from "../Store.ts"
import { type LiveStay, Workspaces } from "../Workspaces.ts"
import type { Footprint } from "./Footprint.ts"

/** Of results that wait for a review, the newest are enough. */
const mostReviewed = 100

/** Looks at once: each of them is a process or two. */
const concurrency = 4

/** A branch to look at. */
interface Trail extends Omit<Footprint, "files"> {
  /** The same as long as nothing has changed, as far as can be told without git. */
  readonly sign: string
  readonly look: Effect.Effect<TouchedFiles, Failure>
}

interface Seen {
  readonly sign: string
  readonly footprint: Footprint
}

export const makeScan = Effect.gen(function*() {
  const git = yield* Git
  const workspaces = yield* Workspaces
  const store = yield* Store
  const events = yield* Events
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const phases = yield* Ref.make(HashMap.empty<TaskId, Phase>())
  /** Tasks of which nothing was heard since they were last looked at. */
  const silent = yield* Ref.make(HashSet.empty<TaskId>())
  const seen = yield* Ref.make<ReadonlyMap<TaskId, Seen>>(new Map())

  yield* events.stream.pipe(
    Stream.runForEach((event) => {
      if (event._tag !== "Progressed") return Effect.void
      const { id, progress: { phase } } = event
      return Effect.andThen(Ref.update(phases, HashMap.set(id, phase)), Ref.update(silent, HashSet.remove(id)))
    }),
    Effect.forkScoped({ startImmediately: true })
  )

  const stamp = (file: string) =>
    Effect.orElseSucceed(
      Effect.map(fs.stat(file), ({ ino, mtime, size }) =>
        `${
          Option.getOrElse(ino, () => 0)
        } ${Option.getOrUndefined(mtime)?.getTime() ?? 0} ${size}`),
      () => "none"
    )

  const liveTrail = Effect.fnUntraced(function*({ stay: { checkout, workspace }, task }: LiveStay) {
    const stamps = yield* Effect.forEach(["index", "HEAD"], (name) => stamp(path.join(checkout.gitDir, name)))
    const trail: Trail = {
      task,
      common: workspace.repository.common,
      branch: workspace.branch ?? workspace.id,
      base: workspace.base,
      sign: [workspace.id, workspace.base, ...stamps].join("\n"),
      look: touchedSince(git, checkout, workspace.base)
    }
    return trail
  })

  const reviewTrail = Effect.fnUntraced(function*({ evidence, id }: Task) {
    const found = evidence?.branch
    if (found === undefined) return []
    const workspace = yield* store.workspaces.find(found.workspace)
    if (Option.isNone(workspace)) return []
    const { base, branch, head } = found
    const { repository } = workspace.value
    const look = touchedBetween(git, mainCheckout(repository), base, head)
    const trail: Trail = { task: id, common: repository.common, branch, base, sign: `${base} ${head}`, look }
    return [trail]
  })

  const reviewed = Effect.gen(function*() {
    const { tasks } = yield* store.list({ states: ["InReview"], limit: mostReviewed })
    return (yield* Effect.forEach(tasks, reviewTrail)).flat()
  }).pipe(
    Effect.catch((failure) => Effect.as(Effect.logDebug("the radar sees no results in review", failure), []))
  )

  /** A tool writes for as long as it runs, and nobody is told. */
  const isQuiet = Effect.fnUntraced(function*(task: TaskId) {
    const phase = HashMap.get(yield* Ref.get(phases), task)
    return HashSet.has(yield* Ref.get(silent), task) && !Option.contains(phase, "running-tool")
  })

  const lookAt = Effect.fnUntraced(function*(trail: Trail, before: Seen | undefined, isLive: boolean) {
    const { look, sign, ...rest } = trail
    if (before?.sign === sign && (!isLive || (yield* isQuiet(trail.task)))) return [before]
    // What is heard while git looks may be of what it has not seen.
    yield* Ref.update(silent, HashSet.add(trail.task))
    return yield* look.pipe(
      Effect.map((files): ReadonlyArray<Seen> => [{ sign, footprint: { ...rest, files } }]),
      Effect.catch((failure) =>
        Effect.logDebug(`the radar cannot look at ${trail.task}`, failure).pipe(
          Effect.andThen(Ref.update(silent, HashSet.remove(trail.task))),
          Effect.as(before === undefined ? [] : [{ ...before, sign: "" }])
        )
      )
    )
  })

  /** What is touched by all of them now. */
  return Effect.gen(function*() {
    const live = yield* Effect.flatMap(workspaces.live, (stays) => Effect.forEach(stays, liveTrail))
    const working = new Set(live.map(({ task }) => task))
    const resting = (yield* reviewed).filter(({ task }) => !working.has(task))
    const before = yield* Ref.get(seen)
    const now = yield* Effect.forEach(
      [...live, ...resting],
      (trail) => lookAt(trail, before.get(trail.task), working.has(trail.task)),
      { concurrency }
    )
    yield* Ref.set(seen, new Map(now.flat().map((one) => [one.footprint.task, one])))
    yield* Ref.update(phases, HashMap.filter((_, task) => working.has(task)))
    yield* Ref.update(silent, HashSet.filter((task) => working.has(task)))
    return now.flat().map(({ footprint }) => footprint)
  })
})
