/**
 * Where the prompt comes from: the argument, or stdin with `-` or without an argument.
 */
import { Effect, Option, Stdio } from "effect"
import { Argument } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { readStdin } from "./Stdin.ts"

const hint = "give it as an argument, as in `claude-pool run \"write a haiku\"`, or pipe it in"

export const promptArgument = Argument.String("prompt").pipe(
  Argument.withDescription("What the worker is asked to do; - or no prompt reads it from stdin"),
  Argument.optional
)

export const readPrompt = (argument: Option.Option<string>): Effect.Effect<string, Failure, Stdio.Stdio> =>
  Effect.gen(function*() {
    const stdio = yield* Stdio.Stdio
    const said = Option.getOrElse(argument, () => "-")
    if (Option.isNone(argument) && (yield* stdio.stdinIsTerminal)) {
      return yield* fail(new InvalidRequest({ issues: ["there is no prompt"], hint }))
    }
    const prompt = said === "-" ? yield* readStdin(hint) : said
    if (prompt.trim() === "") return yield* fail(new InvalidRequest({ issues: ["the prompt is empty"], hint }))
    return prompt
  })
