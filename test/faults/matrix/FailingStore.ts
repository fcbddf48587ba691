/**
 * A store some of whose writes fail: as the store itself says it, or as SQLite says it to the store.
 */
import { Effect } from "effect"
import { StoreUnusable } from "../../../src/domain/EnvironmentFailure.ts"
import { Failure } from "../../../src/domain/Failure.ts"
import { Store } from "../../../src/services/Store.ts"
import { type Fault, judgeStatements } from "../../support/FaultySqlite.ts"

export const problems = ["full", "io", "read-only"] as const
/** What SQLite makes of what the system says. */
export const systemFaults = [
  "ENOSPC",
  "EDQUOT",
  "EIO",
  "EROFS",
  "EMFILE",
  "SQLITE_BUSY"
] as const satisfies ReadonlyArray<
  Fault
>
export const isProblem = (problem: string): problem is typeof problems[number] =>
  problems.some((one) => one === problem)
export type Write = "accept" | "start" | "end"

/** Which write of a task's life fails: its acceptance, its start, or its end. */
export const failing = (
  store: Store["Service"],
  which: Write,
  problem: typeof problems[number],
  isOver: () => boolean
) => {
  const failure = new Failure({ reason: new StoreUnusable({ directory: "here", problem, detail: "injected" }) })
  // Decided when it is run, and not when it is asked for: it may be run again.
  const unless = <A, E>(write: Write, call: Effect.Effect<A, E>) =>
    Effect.suspend((): Effect.Effect<A, E | Failure> => which === write && !isOver() ? Effect.fail(failure) : call)
  return Store.of({
    ...store,
    accept: (task) => unless("accept", store.accept(task)),
    commit: (change) => unless(change.attempt?.outcome._tag === "Running" ? "start" : "end", store.commit(change))
  })
}

/** What the system says, said by SQLite, while such a write is under way. */
export const failingBelow = Effect.fnUntraced(
  function*(store: Store["Service"], which: Write, fault: Fault, isOver: () => boolean) {
    let underWay = 0
    yield* judgeStatements((statement) =>
      underWay > 0 && !isOver() && /^INSERT|^UPDATE|^COMMIT/.test(statement.trim()) ? fault : null
    )
    const during = <A, E>(write: Write, call: Effect.Effect<A, E>) =>
      write === which
        ? Effect.acquireUseRelease(Effect.sync(() => underWay++), () => call, () => Effect.sync(() => underWay--))
        : call
    return Store.of({
      ...store,
      accept: (task) => during("accept", store.accept(task)),
      commit: (change) => during(change.attempt?.outcome._tag === "Running" ? "start" : "end", store.commit(change))
    })
  }
)
