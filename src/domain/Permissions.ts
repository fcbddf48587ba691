/**
 * What a worker may do without asking. There is nobody to ask, so what a profile does not allow is denied.
 */
import { Schema } from "effect"

/** From least to most: each profile includes the ones before it. */
export const Permissions = Schema.Literals(["read-only", "edit", "full"]).annotate({
  description:
    "read-only: read and search files; edit: also change files in the working directory; full: also run commands"
})
export type Permissions = typeof Permissions.Type

/** The CLI's own permission modes; one may replace the mode that the profile implies. */
export const PermissionMode = Schema.Literals(["acceptEdits", "dontAsk", "plan", "bypassPermissions"])
export type PermissionMode = typeof PermissionMode.Type

const order = Permissions.literals

/** Whether `asked` gives no more rights than `ceiling`. */
export const isWithin = (asked: Permissions, ceiling: Permissions): boolean =>
  order.indexOf(asked) <= order.indexOf(ceiling)
