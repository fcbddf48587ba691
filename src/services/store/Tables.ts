/**
 * The tables of the store, as the steps that made them: a step that has been released is never changed again.
 *
 * Whole values are kept as JSON with a seal; beside them stand the columns that a question needs, of this program or of a
 * person. What is sealed is no JSON to SQLite: no statement looks into it.
 */
import { fifthStep } from "./tables/FifthStep.ts"
import { firstStep } from "./tables/FirstStep.ts"
import { fourthStep } from "./tables/FourthStep.ts"
import { secondStep } from "./tables/SecondStep.ts"
import { thirdStep } from "./tables/ThirdStep.ts"

export const steps: ReadonlyArray<ReadonlyArray<string>> = [firstStep, secondStep, thirdStep, fourthStep, fifthStep]
