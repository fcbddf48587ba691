/**
 * Names that tools of this kind had before, in the program of the same name: whoever still calls them is answered by the
 * tool that does the same now. They are listed nowhere.
 */
import { Predicate } from "effect"
import type { Alias } from "../ToolRegistry.ts"

type Arguments = Readonly<Record<string, unknown>>

/** What is not there is not named. */
const only = (fields: Arguments): Arguments =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const contextOps = ["set", "get", "delete", "list"] as const

const context = (op: (typeof contextOps)[number]): ReadonlyArray<Alias> =>
  [`context_${op}`, op === "list" ? "pool_list_context" : `pool_${op}_context`].map((name) => ({
    name,
    tool: "pool_context",
    toArguments: (args) => ({ ...args, op })
  }))

/** `prefer_chain` as `chain`. */
const preferred = (prefer: unknown): unknown =>
  Predicate.isString(prefer) ? prefer.replace(/^prefer_/u, "").toLowerCase() : prefer

/** `slot-2` as 2. */
const slotNumber = (id: unknown): unknown => Predicate.isString(id) ? Number(/\d+$/u.exec(id)?.[0] ?? Number.NaN) : id

/** Hints that nothing is made of any more. */
const unusedHints = { decomposition_hints: undefined, domain: undefined, max_chain_steps: undefined }

export const poolAliases: ReadonlyArray<Alias> = [
  {
    name: "pool_auto_with_hints",
    tool: "pool_auto",
    toArguments: ({ prefer, ...same }) => only({ ...same, ...unusedHints, prefer: preferred(prefer) })
  },
  {
    name: "pool_cancel_chain",
    tool: "pool_cancel",
    toArguments: ({ task_id, ...same }) => ({ ...same, ids: [task_id] })
  },
  { name: "pool_list_tasks", tool: "pool_list" },
  { name: "pool_find_slots", tool: "pool_slots" },
  {
    name: "pool_configure_slot",
    tool: "pool_slots",
    toArguments: ({ slot_id, ...change }) => ({ set: slotNumber(slot_id), change })
  },
  ...contextOps.flatMap(context),
  {
    name: "pool_send_message",
    tool: "pool_message",
    // Whoever calls is who it is from.
    toArguments: ({ content, ...same }) => only({ ...same, from: undefined, op: "send", text: content })
  },
  {
    name: "pool_broadcast",
    tool: "pool_message",
    toArguments: ({ content, ...same }) => only({ ...same, from: undefined, op: "send", to: "all", text: content })
  },
  { name: "pool_scale_up", tool: "pool_scale", toArguments: ({ count, ...same }) => ({ ...same, by: count }) },
  {
    name: "pool_scale_down",
    tool: "pool_scale",
    toArguments: ({ count, ...same }) => ({ ...same, by: Predicate.isNumber(count) ? -count : count })
  },
  {
    name: "pool_set_target_slots",
    tool: "pool_scale",
    toArguments: ({ target, ...same }) => ({ ...same, slots: target })
  }
]
