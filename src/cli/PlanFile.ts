/**
 * Plan files, read and checked. What reads them is loaded only where there is one.
 */
import { Effect, type Result, type Stdio } from "effect"
import type { ChainDefinition } from "../domain/ChainDefinition.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import type * as PlanText from "../domain/PlanText.ts"
import type { InvalidPlan } from "../domain/RequestFailure.ts"
import { readStdin } from "./Stdin.ts"
import { type Files, readText as readFile } from "./TextFile.ts"

const reader: Effect.Effect<typeof PlanText> = Effect.promise(() => import("../domain/PlanText.ts"))

const read = <A>(
  file: string,
  parse: (module: typeof PlanText) => (text: string, origin: string) => Result.Result<A, InvalidPlan>
): Effect.Effect<A, Failure, Files | Stdio.Stdio> =>
  Effect.gen(function*() {
    const readText = parse(yield* reader)
    const text = file === "-" ? yield* readStdin("pipe a plan in") : yield* readFile("plan", file)
    return yield* Effect.mapError(Effect.fromResult(readText(text, file === "-" ? "stdin" : file)), fail)
  })

/** `-` is stdin. */
export const readChainFile = (file: string): Effect.Effect<ChainDefinition, Failure, Files | Stdio.Stdio> =>
  read(file, ({ readChain }) => readChain)

/** The same, of either kind. */
export const readPlanFile = (file: string): Effect.Effect<PlanText.Plan, Failure, Files | Stdio.Stdio> =>
  read(file, ({ readPlan }) => readPlan)
