/**
 * What workers said and did, and how far readers of the log have come.
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
  ) STRICT, WITHOUT ROWID`
]
