/**
 * Values for every setting.
 */
import { Duration } from "effect"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { Settings } from "../../src/domain/Settings.ts"

/** Four values of each setting, one for each place where it can be said. */
export const sample = (place: number): Settings => ({
  store: `/store-${place}`,
  claude: `claude-${place}`,
  simulate: false,
  slots: 10 + place,
  minSlots: place + 1,
  maxSlots: 20 + place,
  autoscale: place % 2 === 0,
  slotProfiles: [{ role: `role ${place}`, count: 2 }, { role: "other" }],
  hotSpares: place % 2 === 0,
  model: `model-${place}`,
  effort: (["low", "medium", "high", "max"] as const)[place]!,
  fallbackModel: `fallback-${place}`,
  maxTurns: 10 + place,
  permissions: (["read-only", "edit", "full", "edit"] as const)[place]!,
  maxPermissions: (["read-only", "edit", "full", "edit"] as const)[place]!,
  inherit: (["none", "project", "all", "none"] as const)[place]!,
  passEnv: [`A_${place}`, "B"],
  poolBudgetUsd: fromUsd(place + 0.25),
  taskBudgetUsd: fromUsd(place + 0.5),
  timeout: Duration.minutes(place + 1),
  stallAfter: Duration.seconds(place + 90),
  routerModel: `router-${place}`,
  routerBudgetUsd: fromUsd(place + 0.125),
  maxAttempts: place + 1,
  queueLimit: place + 1,
  startConcurrency: place + 1,
  shutdownGrace: Duration.millis(place + 1500),
  drainGrace: Duration.seconds(place + 10),
  onCrash: (["resume", "retry", "fail", "resume"] as const)[place]!,
  supervise: place % 2 === 1,
  slotMemory: (place + 1) * 2 ** 30,
  minFreeMemory: (place + 1) * 2 ** 20,
  keepFor: Duration.days(place + 1),
  keepBytes: (place + 2) * 2 ** 30,
  isolation: (["shared", "slot", "chain", "task"] as const)[place]!,
  workspaces: `/workspaces-${place}`,
  spareWorkspaces: place,
  workspaceBytes: (place + 3) * 2 ** 30,
  minFreeDisk: (place + 1) * 2 ** 28,
  workspaceSetup: `set up ${place}`,
  workspaceSetupKeys: [`lock-${place}`],
  workspaceSetupOutputs: [`made-${place}`],
  workspaceSetupTimeout: Duration.minutes(place + 2),
  workspaceCopy: [`.env.${place}`],
  workspacePorts: place + 1,
  toolsets: ([["default"], ["context"], ["messages"], ["default", "context"]] as const)[place]!
})
