/**
 * What the workers of a command may do: said before they do it.
 */
import { Effect } from "effect"
import type { ChainDefinition } from "../domain/ChainDefinition.ts"
import { Permissions } from "../domain/Permissions.ts"
import { stepKind } from "../domain/StepKind.ts"
import { Configuration } from "../services/Configuration.ts"
import { note } from "./Format.ts"

const rights: { readonly [P in Permissions]: (directory: string) => string } = {
  "read-only": (directory) => `reads files in ${directory}, changes none, runs no commands`,
  "edit": (directory) => `reads and changes files in ${directory}, runs no commands`,
  "full": (directory) => `reads and changes files in ${directory}, runs any command`
}

/** What a command asks for beside the settings, which `undefined` leaves it to. */
export interface Asked {
  /** Who asks. */
  readonly by: string
  readonly permissions: ReadonlyArray<Permissions | undefined>
}

/** Of every step that has a worker: a check has one only to mend its failure. */
export const askedByChain = ({ defaults, steps }: ChainDefinition): Asked => ({
  by: "steps",
  permissions: steps
    .filter((step) => stepKind(step) !== "check" || typeof step.onFailure === "object")
    .map((step) => step.permissions ?? defaults?.permissions)
})

/** The most that any worker may do, and what decides that. */
const permissionsLine = ({ by, permissions }: Asked, usual: Permissions, directory: string): string => {
  const given = new Set(permissions.map((asked) => asked ?? usual))
  const most = Permissions.literals.findLast((one) => given.has(one)) ?? usual
  const others = Permissions.literals.filter((other) => other !== most)
  const decided = most === usual && permissions.includes(undefined)
    ? `--permissions ${others.join("|")} to change`
    : `as its ${by} say`
  return `permissions: ${given.size > 1 ? "at most " : ""}${most} — ${rights[most](directory)}; ${decided}`
}

/** `directory` is where they work. */
export const notePermissions = (
  directory: string,
  asked: Asked = { by: "", permissions: [undefined] }
): Effect.Effect<void, never, Configuration> =>
  Effect.gen(function*() {
    const { settings } = yield* Configuration
    if (asked.permissions.length > 0) yield* note(permissionsLine(asked, settings.permissions, directory))
    if (settings.simulate) yield* note("simulated: the answer comes from the built-in simulator")
  })
