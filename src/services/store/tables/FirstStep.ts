/**
 * The first tables: tasks, what was tried for them, what it cost, and what happened.
 */

/**
 * `listings` answers a list, and `tally` a count, without looking at a task: a task is listed once for each way to ask
 * for it, which is by tag or by any, with name or with any. The empty string means "any": no tag or name is empty.
 */
export const firstStep: ReadonlyArray<string> = [
  `CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Queued', 'Running', 'Done', 'Failed', 'Cancelled')),
    name TEXT,
    submitted_at INTEGER NOT NULL,
    finished_at INTEGER,
    not_before INTEGER,
    body TEXT NOT NULL
  ) STRICT`,
  `CREATE INDEX tasks_queued ON tasks (seq, id, not_before) WHERE state = 'Queued'`,

  `CREATE TABLE listings (
    tag TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    task INTEGER NOT NULL REFERENCES tasks (seq),
    PRIMARY KEY (tag, name, state, task)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX listings_of_task ON listings (task)`,
  `CREATE TRIGGER task_moved AFTER UPDATE OF state ON tasks WHEN OLD.state <> NEW.state BEGIN
    UPDATE listings SET state = NEW.state WHERE task = NEW.seq;
  END`,

  `CREATE TABLE tally (
    tag TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    tasks INTEGER NOT NULL,
    PRIMARY KEY (tag, name, state)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TRIGGER listing_added AFTER INSERT ON listings BEGIN
    INSERT INTO tally VALUES (NEW.tag, NEW.name, NEW.state, 1) ON CONFLICT DO UPDATE SET tasks = tasks + 1;
  END`,
  `CREATE TRIGGER listing_moved AFTER UPDATE OF state ON listings BEGIN
    UPDATE tally SET tasks = tasks - 1 WHERE tag = OLD.tag AND name = OLD.name AND state = OLD.state;
    INSERT INTO tally VALUES (NEW.tag, NEW.name, NEW.state, 1) ON CONFLICT DO UPDATE SET tasks = tasks + 1;
  END`,

  `CREATE TABLE attempts (
    task INTEGER NOT NULL REFERENCES tasks (seq),
    number INTEGER NOT NULL,
    session TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (task, number)
  ) STRICT, WITHOUT ROWID`,

  `CREATE TABLE outputs (
    task INTEGER PRIMARY KEY REFERENCES tasks (seq),
    body TEXT NOT NULL
  ) STRICT`,

  `CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    task INTEGER NOT NULL REFERENCES tasks (seq),
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    session TEXT,
    cost INTEGER NOT NULL,
    inputTokens INTEGER NOT NULL,
    outputTokens INTEGER NOT NULL,
    cacheReadTokens INTEGER NOT NULL,
    cacheWriteTokens INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    exact INTEGER NOT NULL,
    UNIQUE (task, attempt)
  ) STRICT`,
  `CREATE INDEX ledger_by_session ON ledger (session) WHERE session IS NOT NULL`,
  `CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END`,
  `CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END`,

  `CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT`
]
