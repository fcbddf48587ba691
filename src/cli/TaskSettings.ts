/**
 * The settings that commands show in their help, because they matter there.
 */
import type { SettingName } from "../domain/Settings.ts"

type Shown = { readonly [Name in SettingName]?: string | true }

/** Where the store is: for every command that reads it. */
export const storeSettings: Shown = { store: true }

/** What a task that is handed in is given. */
export const taskSettings: Shown = {
  model: true,
  effort: true,
  fallbackModel: true,
  maxTurns: true,
  permissions: true,
  inherit: true,
  timeout: true,
  isolation: true,
  simulate: true,
  claude: true,
  ...storeSettings
}

/** Where worktrees are, and how much they may take. */
export const worktreeSettings: Shown = { workspaces: true, workspaceBytes: true, minFreeDisk: true, ...storeSettings }

/** What a pool is like. */
export const poolSettings: Shown = { slots: true, poolBudgetUsd: true, taskBudgetUsd: true, ...taskSettings }
