/**
 * Workers that do what their prompts say: a prompt that begins with `bad` fails for good, one with `hold` goes on until it
 * is let go, any other is answered at once. It is noted which prompts were run, in order, and how many at once.
 */
import { Deferred, Effect } from "effect"
import { Failure } from "../../src/domain/Failure.ts"
import { RequestRejected } from "../../src/domain/WorkerFailure.ts"
import type { Turn } from "../../src/services/ClaudeCli.ts"
import { answer, type Script } from "./ScriptedClaude.ts"
import { settle } from "./Time.ts"

export const refusal = new RequestRejected({ status: 400, detail: "bad" })

export const groupScript = () => {
  const prompts: Array<string> = []
  const gates = new Map<string, Deferred.Deferred<void>>()
  const mended = new Set<string>()
  const count = { now: 0, most: 0 }

  const gateOf = (prompt: string) => {
    const gate = gates.get(prompt) ?? Deferred.makeUnsafe<void>()
    gates.set(prompt, gate)
    return gate
  }

  const work = ({ prompt }: Turn) => {
    if (prompt.startsWith("bad") && !mended.has(prompt)) return Effect.fail(new Failure({ reason: refusal }))
    const done = Effect.succeed(answer(`did ${prompt}`))
    return prompt.startsWith("hold") ? Effect.andThen(Deferred.await(gateOf(prompt)), done) : done
  }

  const run: Script["run"] = (turn) =>
    Effect.suspend(() => {
      prompts.push(turn.prompt)
      count.now++
      count.most = Math.max(count.most, count.now)
      return Effect.ensuring(work(turn), Effect.sync(() => count.now--))
    })

  return {
    run,
    prompts,
    count,
    /** From now on, it does not fail any more. */
    mend: (prompt: string) => mended.add(prompt),
    letGo: (prompt: string) => Effect.andThen(Deferred.succeed(gateOf(prompt), undefined), settle)
  }
}
