/**
 * All cells, all faults that there have to be, and what is left out.
 */
import type { Cell, Excluded } from "./Cell.ts"
import { migrationCells } from "./MigrationCells.ts"
import { poolCells } from "./PoolCells.ts"
import { pressureCells } from "./PressureCells.ts"
import { storeCells } from "./StoreCells.ts"
import { workerCells } from "./WorkerCells.ts"
import { workspaceCells } from "./WorkspaceCells.ts"
import { worldCells } from "./WorldCells.ts"

export const cells: ReadonlyArray<Cell> = [
  ...workerCells,
  ...poolCells,
  ...migrationCells,
  ...workspaceCells,
  ...worldCells,
  ...pressureCells,
  ...storeCells
]

const ofPool = new Set([...poolCells, ...migrationCells, ...workspaceCells])

export const isOfPool = (cell: Cell): boolean => ofPool.has(cell)

/** Every fault that has to be met. */
export const faults: ReadonlyArray<string> = [
  "SIGKILL of the pool",
  "CLI exits 0 without a result",
  "success that is an error",
  "result, then the process stays",
  "stdout stops, transcript grows",
  "total silence",
  "announced retries, far apart",
  "429",
  "529, then well",
  "credentials",
  "stream is cut",
  "broken lines",
  "stderr flood",
  "deaf to every signal",
  "daemons",
  "many processes, much memory, full disk",
  "wrong start",
  "CLI cannot be used",
  "budget is reached",
  "owner is frozen",
  "told to end",
  "write fails",
  "write is cut off",
  "clock jumps",
  "cancelled",
  "approved and rejected",
  "SIGKILL of the CLI",
  "output of a step",
  "client reads no more",
  "no descriptors left",
  "power cut",
  "second pool, same store",
  "stdin is never read",
  "others use the store",
  "scale storm",
  "callers that say nothing",
  "shared context changes"
]

export const excluded: ReadonlyArray<Excluded> = [
  {
    fault: "malformed server-sent events",
    moments: "m5",
    reason:
      "the simulator speaks no HTTP: the real CLI meets answers that are none, and cut streams, in real/Failures.test.ts"
  },
  {
    fault: "total silence",
    moments: "m4",
    reason:
      "a start that hangs is bounded by a minute; SupervisedProcess.test.ts meets it on both CLIs with a shorter bound"
  },
  {
    fault: "byte flip, truncated file, stale journal",
    moments: "m14",
    reason:
      "StoreDamage.test.ts flips every byte of a store, cuts its file and its journal, and puts older ones in their place"
  },
  {
    fault: "schema newer, SQLITE_CORRUPT, SQLITE_NOTADB",
    moments: "m14",
    reason:
      "StoreDirectory.test.ts refuses a newer store, and a file that is damaged or no store, each in its own words"
  },
  {
    fault: "10,000 clients over HTTP",
    moments: "m8",
    reason: "there is no HTTP: an MCP server has one client on its own pipes, and its socket is met by 200 callers here"
  }
]
