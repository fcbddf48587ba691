/**
 * How much of a pool is wanted: `host` runs tasks for as long as it lives; `run` has one slot, for the tasks that it is
 * given; `batch` is the same with all slots, for work of many tasks; `wait` runs what waits, or looks on where another
 * process does; `intake` accepts and stops work, and runs none; `reader` looks; `control` has the say over the pool that
 * runs, in whichever process.
 */
export type PoolMode = "host" | "run" | "batch" | "wait" | "intake" | "reader" | "control"
