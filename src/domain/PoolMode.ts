/**
 * What a command wants of the pool. One process has it, for all: the host of the store, which is started by whoever comes
 * first. With the setting `in_process`, and in a worker, it is the command's own process instead.
 *
 * `host` has the pool, for others, for as long as it lives. `coordinator` works with it for as long as it lives; `run` for
 * one task and `batch` for work of many, and both are told at once of what keeps all work from being done; `wait` waits for
 * what there is; `accept` hands in what is to be run, and goes.
 *
 * Those that have nothing run start no host: `intake` notes something, where a pool runs or else in the store itself;
 * `reader` looks at the store; `control` has the say over the pool that runs.
 */
export type PoolMode =
  | "host"
  | "coordinator"
  | "run"
  | "batch"
  | "wait"
  | "accept"
  | "intake"
  | "reader"
  | "control"

/** How much of a pool a process is that has it itself: `run` has one slot, `batch` all, and `intake` none. */
export type OwnPoolMode = "host" | "run" | "batch" | "wait" | "intake"

/** What a mode comes to without a host; null: such a mode has no pool of its own. */
export const ownModeOf = (mode: PoolMode): OwnPoolMode | null => {
  switch (mode) {
    case "reader":
    case "control":
      return null
    case "coordinator":
      return "host"
    case "accept":
      return "intake"
    default:
      return mode
  }
}

/** Whether it takes a pool that runs, whichever process has it. */
export const needsHost = (mode: PoolMode): boolean =>
  mode === "coordinator" || mode === "run" || mode === "batch" || mode === "wait" || mode === "accept"
