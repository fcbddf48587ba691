/**
 * Why something does not land.
 */
import { Failure } from "../../domain/Failure.ts"
import { NotMergeable } from "../../domain/WorkspaceFailure.ts"

export interface Obstacle {
  readonly detail: string
  readonly hint: string
}

export const notMergeable = (id: string, { detail, hint }: Obstacle): Failure =>
  new Failure({ reason: new NotMergeable({ id, detail, hint }) })
