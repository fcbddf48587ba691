/**
 * The plans that come with the program, by name, as the texts of files: they can be copied, read and changed as such.
 */
import { audit } from "./Audit.ts"
import { implement } from "./Implement.ts"
import { planThenExecute } from "./PlanThenExecute.ts"
import { triage } from "./Triage.ts"

export const shippedPlans: { readonly [name: string]: string } = {
  audit,
  implement,
  "plan-then-execute": planThenExecute,
  triage
}
