/**
 * The tables of the store, as the steps that made them: a step that has been released is never changed again.
 *
 * Whole values are kept as JSON; beside them stand the columns that a question needs, of this program or of a person.
 */
import { firstStep } from "./tables/FirstStep.ts"
import { secondStep } from "./tables/SecondStep.ts"

export const steps: ReadonlyArray<ReadonlyArray<string>> = [firstStep, secondStep]
