/**
 * Groups, chains, reviews, shared context and messages. What a CHECK allows cannot be altered in SQLite: `tasks` is made
 * anew, with a state more and with what each task is a part of, and takes the place of the old table.
 */

/**
 * What every task has from now on is added to those of before. Their results were never to be reviewed: their hash is of
 * nothing, and names none.
 */
const tasks = [
  `CREATE TABLE tasks_anew (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Queued', 'Running', 'InReview', 'Done', 'Failed', 'Cancelled')),
    name TEXT,
    parent TEXT,
    content TEXT,
    role TEXT,
    submitted_at INTEGER NOT NULL,
    finished_at INTEGER,
    not_before INTEGER,
    body TEXT NOT NULL
  ) STRICT`,
  `INSERT INTO tasks_anew (seq, id, key, version, state, name, submitted_at, finished_at, not_before, body)
    SELECT seq, id, key, version, state, name, submitted_at, finished_at, not_before, CASE state
      WHEN 'Done' THEN json_set(body, '$.parent', NULL, '$.rejections', json('[]'),
        '$.state.result.hash', '${"0".repeat(64)}')
      ELSE json_set(body, '$.parent', NULL, '$.rejections', json('[]'))
    END FROM tasks ORDER BY seq`,
  `DROP TABLE tasks`,
  `ALTER TABLE tasks_anew RENAME TO tasks`,
  `CREATE INDEX tasks_queued ON tasks (seq, id, parent, role, not_before) WHERE state = 'Queued'`,
  `CREATE INDEX tasks_of_parent ON tasks (parent, content) WHERE parent IS NOT NULL`,
  `CREATE TRIGGER task_moved AFTER UPDATE OF state ON tasks WHEN OLD.state <> NEW.state BEGIN
    UPDATE listings SET state = NEW.state WHERE task = NEW.seq;
  END`
]

/** `members` says which task stands for an item now; the ones before it are still the group's, by their parent. */
const groups = [
  `CREATE TABLE groups (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Running', 'Reducing', 'Done', 'Failed', 'Cancelled')),
    within TEXT,
    submitted_at INTEGER NOT NULL,
    finished_at INTEGER,
    body TEXT NOT NULL
  ) STRICT`,
  `CREATE INDEX groups_open ON groups (seq) WHERE state IN ('Running', 'Reducing')`,
  `CREATE INDEX groups_within ON groups (within) WHERE within IS NOT NULL`,
  `CREATE TABLE members (
    parent INTEGER NOT NULL REFERENCES groups (seq),
    idx INTEGER NOT NULL,
    task INTEGER NOT NULL REFERENCES tasks (seq),
    PRIMARY KEY (parent, idx)
  ) STRICT, WITHOUT ROWID`
]

/** A step that is recorded again goes to the end of its chain's journal. */
const chains = [
  `CREATE TABLE chains (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    version INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Running', 'Done', 'Failed', 'Cancelled')),
    submitted_at INTEGER NOT NULL,
    finished_at INTEGER,
    body TEXT NOT NULL
  ) STRICT`,
  `CREATE INDEX chains_open ON chains (seq) WHERE state = 'Running'`,
  `CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    chain INTEGER NOT NULL REFERENCES chains (seq),
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (chain, key)
  ) STRICT`
]

const context = [
  `CREATE TABLE context (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID`
]

const messages = [
  `CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('Waiting', 'Delivered', 'Acknowledged', 'Expired')),
    expires_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    fate TEXT NOT NULL
  ) STRICT`,
  `CREATE INDEX messages_waiting ON messages (mailbox, seq) WHERE state = 'Waiting'`,
  `CREATE INDEX messages_of_mailbox ON messages (mailbox, seq)`,
  `CREATE INDEX messages_by_expiry ON messages (expires_at)`
]

export const secondStep: ReadonlyArray<string> = [...tasks, ...groups, ...chains, ...context, ...messages]
