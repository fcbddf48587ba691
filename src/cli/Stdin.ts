/**
 * The whole of stdin, as text.
 */
import { Effect, Stdio, Stream } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"

export const readStdin = (hint: string): Effect.Effect<string, Failure, Stdio.Stdio> =>
  Effect.flatMap(Stdio.Stdio, ({ stdin }) => stdin.pipe(Stream.decodeText, Stream.mkString)).pipe(
    Effect.mapError((error) => fail(new InvalidRequest({ issues: [`stdin cannot be read: ${error.message}`], hint })))
  )
