/**
 * What a worktree of the pool's is locked with: so it tells whose it is, to every other pool and to people.
 */

export interface LockOwner {
  readonly pid: number
  /** When that process started, as `Processes.startOf` says it. */
  readonly startedAt: string
  /** The directory of its store. */
  readonly store: string
}

/** Such as `claude-pool 4711 938172 /home/ada/project/.claude-pool`. A start holds no space in it. */
export const lockReason = ({ pid, startedAt, store }: LockOwner): string =>
  `claude-pool ${pid} ${startedAt.replaceAll(" ", "_")} ${store}`

/** Null: it is no reason of ours, or none that names its owner. */
export const readLockReason = (reason: string): LockOwner | null => {
  const [, pid, startedAt, store] = /^claude-pool (\d+) (\S+) (.+)$/.exec(reason) ?? []
  return pid === undefined || startedAt === undefined || store === undefined
    ? null
    : { pid: Number(pid), startedAt, store }
}

/** Whether a process that is there, and started then, is that owner. */
export const isOwner = (owner: LockOwner, startedAt: string | null): boolean =>
  startedAt !== null && startedAt.replaceAll(" ", "_") === owner.startedAt
