/**
 * What is known of a pool's life from outside: what its clients were told, what its store holds, what its workers did,
 * and what was left behind. Nothing here is shared with the program.
 */

/** One thing that a client did or was told, in the order in which it was. */
export type ClientEntry =
  /** It asked for work. `token` stands in the prompts of that work and nowhere else. */
  | { readonly seq: number; readonly kind: "sent"; readonly key: string; readonly token: string }
  /** It was told that the work is accepted. */
  | { readonly seq: number; readonly kind: "acknowledged"; readonly key: string; readonly id: string }
  /** It was told where a task stands; `answer` is how its answer begins. */
  | {
    readonly seq: number
    readonly kind: "told"
    readonly id: string
    readonly state: string
    readonly answer?: string
  }
  /** It has asked for ended work to be taken up again. */
  | { readonly seq: number; readonly kind: "reopened"; readonly id: string }

export interface StoredTask {
  readonly seq: number
  readonly id: string
  readonly key: string | null
  readonly state: string
  readonly prompt: string
  readonly parent: string | null
  readonly attempts: number
  readonly crashes: number
  readonly rejections: number
  /** The attempt after which it was last sent back. */
  readonly rejectedAfter: number
  /** The sum of the tries that it allows by itself, by class; 0 where it says nothing. */
  readonly ownTries: number
  readonly summary: string | null
  readonly spent: number
}

export interface StoredAttempt {
  readonly task: number
  readonly number: number
  readonly slot: number
  readonly outcome: string
  /** Of an interrupted one: what cut it off. */
  readonly by: string | null
  readonly cost: number
}

export interface LedgerLine {
  readonly task: number
  readonly attempt: number
  readonly session: string | null
  readonly cost: number
  readonly exact: boolean
}

export interface StoredEvent {
  readonly seq: number
  readonly tag: string
  readonly id: string | null
  readonly attempt: number | null
  readonly slot: number | null
  readonly step: string | null
  readonly state: string | null
}

export interface StoredChain {
  readonly seq: number
  readonly id: string
  readonly key: string | null
  readonly state: string
  readonly resumes: number
  readonly steps: ReadonlyArray<{ readonly name: string; readonly after: ReadonlyArray<string> }>
}

export interface StoredGroup {
  readonly id: string
  readonly key: string | null
  readonly state: string
  readonly within: string | null
}

export interface StepRow {
  readonly chain: number
  readonly key: string
  readonly outcome: string
}

export interface StoreContents {
  /** What SQLite itself says of its pages. */
  readonly integrity: string
  readonly tasks: ReadonlyArray<StoredTask>
  readonly attempts: ReadonlyArray<StoredAttempt>
  readonly ledger: ReadonlyArray<LedgerLine>
  readonly events: ReadonlyArray<StoredEvent>
  readonly chains: ReadonlyArray<StoredChain>
  readonly groups: ReadonlyArray<StoredGroup>
  readonly journal: ReadonlyArray<StepRow>
}

/** A line of the simulator's log. */
export interface LogEntry {
  readonly event: string
  readonly session?: string
  readonly prompt?: string
  /** Of a prompt: what the worker was told besides. */
  readonly briefing?: string
  /** Of a result, in dollars: what was spent since the one before. */
  readonly cost?: number
  /** Of a cost, in dollars: what its process has spent so far. */
  readonly usd?: number
}

/** What there was after the pool had ended. */
export interface Remains {
  readonly processes: ReadonlyArray<string>
  /** Temporary directories, locks and sockets. */
  readonly files: ReadonlyArray<string>
}

export interface History {
  readonly client: ReadonlyArray<ClientEntry>
  readonly store: StoreContents
  readonly log: ReadonlyArray<LogEntry>
  readonly remains: Remains
  /** How the last pool ended: a killed one may leave what the next one puts in order. */
  readonly end: "closed" | "killed"
  readonly rules: {
    readonly maxAttempts: number
    readonly maxCrashes: number
    /** In micro-dollars; null: there is no cap. */
    readonly cap: number | null
    readonly reservation: number
  }
}
