/**
 * Chains as tests look at them: what they came to, what was asked of workers, and what is in the journal.
 */
import { Effect, type Schema } from "effect"
import type { Chain } from "../../src/domain/Chain.ts"
import type { ChainDefinition, ChainRequest } from "../../src/domain/ChainDefinition.ts"
import { Failure, type Reason } from "../../src/domain/Failure.ts"
import { RequestRejected } from "../../src/domain/WorkerFailure.ts"
import { Chains } from "../../src/services/Chains.ts"
import type { Answer } from "../../src/services/ClaudeCli.ts"
import { Store } from "../../src/services/Store.ts"
import { answer } from "./ScriptedClaude.ts"

export const failing = (reason: Reason) => Effect.fail(new Failure({ reason }))

export const rejected = failing(new RequestRejected({ status: 400, detail: "no" }))

/** Answers by the first word of the prompt; a prompt without a word of its own is done. */
export const answers = (words: { readonly [word: string]: Effect.Effect<Answer, Failure> }) =>
(
  { prompt }: { readonly prompt: string }
): Effect.Effect<Answer, Failure> => words[prompt.split(/\s/)[0]!] ?? Effect.succeed(answer(`did ${prompt}`))

export const structured = (value: Schema.Json, output = JSON.stringify(value)): Answer => ({
  ...answer(output),
  structured: value
})

/** What there is of a chain: how it ended, its journal, and every prompt that was handed out for its steps. */
export const look = Effect.fnUntraced(function*(chain: Chain) {
  const store = yield* Store
  const journal = yield* store.chains.journal(chain.id)
  const tasks = yield* store.chains.tasks(chain.id)
  return {
    chain,
    state: chain.state._tag,
    journal: Object.fromEntries(journal.map(({ key, outcome }) => [key, outcome._tag])),
    record: (key: string) => journal.find((record) => record.key === key),
    /** Why a step failed or was not run. */
    why: (key: string) => {
      const outcome = journal.find((record) => record.key === key)?.outcome
      return outcome?._tag === "Failed" ? outcome.reason : outcome?._tag === "Skipped" ? outcome.why : undefined
    },
    tasks,
    prompts: tasks.map(({ prompt }) => prompt)
  }
})

/** Runs a chain to its end. */
export const play = Effect.fnUntraced(function*(
  steps: ChainDefinition["steps"],
  more: Omit<ChainRequest, "definition"> & { readonly chain?: Omit<ChainDefinition, "steps"> } = {}
) {
  const chains = yield* Chains
  const { chain, ...request } = more
  const { id } = yield* chains.submit({ definition: { ...chain, steps }, ...request })
  return yield* look(yield* chains.ended(id))
})
