/**
 * The library: the services with their layers, and the data that they speak of.
 */
export * from "./domain/CallOptions.ts"
export {
  ChainDefinition,
  ChainRequest,
  ChainStep,
  Loop,
  OnStepFailure,
  StepRetry,
  Variable,
  VariableType,
  WorkerOptions
} from "./domain/ChainDefinition.ts"
export * from "./domain/ChainId.ts"
export * from "./domain/ChainView.ts"
export { Condition, type ConditionFile } from "./domain/Condition.ts"
export { ContextKey, ContextScope, ContextValue } from "./domain/ContextEntry.ts"
export * from "./domain/Failure.ts"
export * from "./domain/FanOut.ts"
export { FanOutPlan } from "./domain/FanOutPlan.ts"
export * from "./domain/GroupId.ts"
export * from "./domain/GroupView.ts"
export * from "./domain/MicroUsd.ts"
export * from "./domain/Permissions.ts"
export { planSchema } from "./domain/PlanSchema.ts"
export { type Plan, readChain, readPlan } from "./domain/PlanText.ts"
export * from "./domain/PoolEvent.ts"
export * from "./domain/PoolView.ts"
export * from "./domain/Progress.ts"
export * from "./domain/Recipient.ts"
export * from "./domain/Route.ts"
export * from "./domain/RouteView.ts"
export * from "./domain/Settings.ts"
export * from "./domain/SlotId.ts"
export { SlotProfile } from "./domain/SlotProfile.ts"
export * from "./domain/TaskId.ts"
export * from "./domain/TaskRequest.ts"
export * from "./domain/TaskView.ts"
export * from "./domain/Toolset.ts"
export * from "./domain/WorkId.ts"
export * as PoolLayer from "./layers/App.ts"
export * as LocalPool from "./layers/LocalPool.ts"
export { Budget } from "./services/Budget.ts"
export { Chains, type ChainsOptions } from "./services/Chains.ts"
export { type Foreseen } from "./services/chains/Forecasting.ts"
export { type CheckCommand, type CheckEnd, Checks, type ChecksOptions } from "./services/Checks.ts"
export { ClaudeCli } from "./services/ClaudeCli.ts"
export { Configuration } from "./services/Configuration.ts"
export { Containment } from "./services/Containment.ts"
export { Dispatcher } from "./services/Dispatcher.ts"
export { Events } from "./services/Events.ts"
export { FanOut } from "./services/FanOut.ts"
export { Machine } from "./services/Machine.ts"
export {
  type Correspondence,
  type MessageCalls,
  Messages,
  type MessagesOptions,
  type Tell
} from "./services/Messages.ts"
export { type FoundPlan, type PlanDirectory, type PlanEntry, Plans } from "./services/Plans.ts"
export { Pool } from "./services/Pool.ts"
export { Router } from "./services/Router.ts"
export { SharedContext, type SharedContextCalls } from "./services/SharedContext.ts"
export { Slots } from "./services/Slots.ts"
export { Store } from "./services/Store.ts"
export { Tasks } from "./services/Tasks.ts"
