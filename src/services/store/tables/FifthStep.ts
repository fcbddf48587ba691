/**
 * What workers said and did, how far readers of the log have come, and tasks by when they ended.
 */

export const fifthStep: ReadonlyArray<string> = [
  `CREATE TABLE turns (
    task INTEGER NOT NULL REFERENCES tasks (seq),
    seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (task, seq)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE readers (
    name TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX tasks_ended ON tasks (finished_at, seq) WHERE finished_at IS NOT NULL`
]
