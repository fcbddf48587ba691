/**
 * What is finished may be thrown away, and what it has cost stays: the ledger refers to tasks by their numbers alone, which
 * never come back, and its sum is kept beside it. The log bounds itself.
 */

/** How many events the log keeps; the oldest go, a thousand at a time. */
const eventsKept = 200_000

const figures = ["cost", "inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "turns"]

const ledger = [
  `CREATE TABLE ledger_anew (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    task INTEGER NOT NULL,
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
  `INSERT INTO ledger_anew SELECT * FROM ledger ORDER BY seq`,
  `DROP TABLE ledger`,
  `ALTER TABLE ledger_anew RENAME TO ledger`,
  `CREATE INDEX ledger_by_session ON ledger (session) WHERE session IS NOT NULL`,
  `CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END`,
  `CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END`,
  `CREATE TABLE spending (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    lines INTEGER NOT NULL,
    ${figures.map((figure) => `${figure} INTEGER NOT NULL`).join(", ")},
    exact INTEGER NOT NULL
  ) STRICT`,
  `INSERT INTO spending SELECT 1, count(*), ${figures.map((figure) => `coalesce(sum(${figure}), 0)`).join(", ")},
    coalesce(min(exact), 1) FROM ledger`,
  `CREATE TRIGGER ledger_grows AFTER INSERT ON ledger BEGIN
    UPDATE spending SET lines = lines + 1,
      ${figures.map((figure) => `${figure} = ${figure} + NEW.${figure}`).join(", ")},
      exact = min(exact, NEW.exact);
  END`
]

/** `continues` is whose session goes on in a task: that task is kept for as long as this one has not ended. */
const tasks = [
  `ALTER TABLE tasks ADD COLUMN continues TEXT`,
  `UPDATE tasks SET continues = body ->> '$.options.continueFrom' WHERE finished_at IS NULL`,
  `CREATE INDEX tasks_continuing ON tasks (continues) WHERE continues IS NOT NULL AND finished_at IS NULL`,
  `CREATE INDEX tasks_finished ON tasks (finished_at, seq) WHERE parent IS NULL AND finished_at IS NOT NULL`,
  `CREATE INDEX groups_finished ON groups (finished_at, seq) WHERE within IS NULL AND finished_at IS NOT NULL`,
  `CREATE INDEX chains_finished ON chains (finished_at, seq) WHERE finished_at IS NOT NULL`,
  // Without it, each task that goes would be looked for among all members.
  `CREATE INDEX members_of_task ON members (task)`,
  `CREATE INDEX attempts_by_session ON attempts (session) WHERE session IS NOT NULL`,
  `CREATE TRIGGER listing_removed AFTER DELETE ON listings BEGIN
    UPDATE tally SET tasks = tasks - 1 WHERE tag = OLD.tag AND name = OLD.name AND state = OLD.state;
    DELETE FROM tally WHERE tag = OLD.tag AND name = OLD.name AND state = OLD.state AND tasks = 0;
  END`
]

/** `condemned` has what is gone already but for its tasks, of which there may be many: they go in parts. */
const pruning = [
  `CREATE TABLE condemned (parent TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`,
  `DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ${eventsKept}`,
  `CREATE TRIGGER events_bounded AFTER INSERT ON events WHEN NEW.seq % 1000 = 0 BEGIN
    DELETE FROM events WHERE seq <= NEW.seq - ${eventsKept};
  END`
]

/** What is written to see whether the disk takes it, and is taken out again. */
const probe = [`CREATE TABLE probe (body BLOB NOT NULL) STRICT`]

export const thirdStep: ReadonlyArray<string> = [...ledger, ...tasks, ...pruning, ...probe]
