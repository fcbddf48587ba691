/**
 * Amounts that flags say.
 */
import { Effect, Schema } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import type { MicroUsd } from "../domain/MicroUsd.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { money } from "../domain/Setting.ts"

const aboveZero = money.text.check(Schema.isGreaterThan(0))

/** US dollars, above zero. */
export const readUsd = (flag: string) => (written: string): Effect.Effect<MicroUsd, Failure> =>
  Schema.decodeEffect(aboveZero)(written).pipe(
    Effect.mapError(() =>
      fail(
        new InvalidRequest({
          issues: [`${flag}: ${JSON.stringify(written)} is not ${money.allowed}, above zero`],
          hint: "write it as a plain number of dollars"
        })
      )
    )
  )
