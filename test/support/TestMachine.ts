/**
 * A machine that is the same everywhere: no environment, nobody at the terminal.
 */
import type { Machine } from "../../src/services/Machine.ts"

export const testMachine: Machine["Service"] = {
  env: {},
  cwd: "/project",
  home: "/home/user",
  temporary: "/tmp",
  platform: "linux",
  cores: 2,
  pid: 1,
  node: "/usr/bin/node",
  stdinIsTerminal: false,
  stdoutIsTerminal: false,
  stderrIsTerminal: false,
  columns: 80,
  rows: 24,
  isWorker: false
}
