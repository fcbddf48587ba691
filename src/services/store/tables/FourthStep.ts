/**
 * Workspaces, patches and landings. A workspace outlives the tasks that worked in it: it refers to nothing.
 */

export const fourthStep: ReadonlyArray<string> = [
  `CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Making', 'Ready', 'Kept', 'Away')),
    body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX workspaces_of_holder ON workspaces (holder)`,
  `CREATE TABLE patches (
    task INTEGER PRIMARY KEY REFERENCES tasks (seq),
    body TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE merges (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
  ) STRICT`
]
