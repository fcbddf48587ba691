/**
 * Spans of time that flags say.
 */
import { type Duration, Effect, Schema } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { age } from "../domain/Setting.ts"

export const readSpan = (flag: string) => (written: string): Effect.Effect<Duration.Duration, Failure> =>
  Schema.decodeEffect(age.text)(written).pipe(
    Effect.mapError(() =>
      fail(
        new InvalidRequest({
          issues: [`${flag}: ${JSON.stringify(written)} is not ${age.allowed}`],
          hint: "write it with its unit: 30s, 10m, 12h, 30d"
        })
      )
    )
  )
