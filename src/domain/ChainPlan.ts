/**
 * A chain that has been checked: its order is known, its templates are parsed, and whatever they refer to is there.
 */
import type { Duration } from "effect"
import type { ParsedCondition } from "./Condition.ts"
import type { OnItemFailure } from "./FanOut.ts"
import type { Reference } from "./Reference.ts"
import type { RetryLimits, TaskOptions } from "./TaskRequest.ts"
import type { Template } from "./Template.ts"

/** What a step does. */
export type StepWork =
  | {
    readonly kind: "prompt"
    readonly prompt: Template
    readonly options: TaskOptions
    /** The step whose session goes on. */
    readonly continues: string | null
  }
  | {
    readonly kind: "items"
    /** The list: one item for each element. */
    readonly over: Reference
    readonly prompt: Template
    readonly options: TaskOptions
    readonly concurrency: number | null
    readonly onItemFailure: OnItemFailure
    readonly reduce: Template | null
  }
  /** Its parts are text of the shell's and references to variables that are one word or number. */
  | { readonly kind: "check"; readonly command: Template; readonly retry: RetryLimits }

export interface PlannedLoop {
  /** One of the two says when it is over. */
  readonly until: { readonly check: Template } | { readonly condition: ParsedCondition }
  readonly max: number
}

export interface PlannedStep {
  readonly name: string
  /** The steps that come before it, told explicitly or not. */
  readonly after: ReadonlyArray<string>
  readonly when: ParsedCondition | null
  readonly work: StepWork
  readonly onFailure: "abort" | "skip" | "continue" | { readonly recover: Template }
  /** For all attempts and rounds together. */
  readonly timeout: Duration.Duration | null
  readonly loop: PlannedLoop | null
}

export interface ChainPlan {
  /** In an order in which each comes after all that it needs. */
  readonly steps: ReadonlyArray<PlannedStep>
}
