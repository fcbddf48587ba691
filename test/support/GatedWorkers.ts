/**
 * Workers that end when the test says so, each by the prompt that it was given.
 */
import { Deferred } from "effect"
import { Failure } from "../../src/domain/Failure.ts"
import { ProviderFailed } from "../../src/domain/WorkerFailure.ts"
import type { Answer } from "../../src/services/ClaudeCli.ts"
import { answer } from "./ScriptedClaude.ts"

export const gated = () => {
  const gates = new Map<string, Deferred.Deferred<Answer, Failure>>()
  const gate = (prompt: string) => {
    const known = gates.get(prompt) ?? Deferred.makeUnsafe<Answer, Failure>()
    gates.set(prompt, known)
    return known
  }
  return {
    run: ({ prompt }: { readonly prompt: string }) => Deferred.await(gate(prompt)),
    finish: (prompt: string) => Deferred.succeed(gate(prompt), answer(`did ${prompt}`)),
    fail: (prompt: string) =>
      Deferred.fail(gate(prompt), new Failure({ reason: new ProviderFailed({ status: 529, detail: "" }) }))
  }
}
