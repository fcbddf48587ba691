import process from "node:process"
import { defineConfig } from "vitest/config"
import { compileCache } from "./test/support/CompileCache.ts"

// For the runner's own processes, and for what they start in their environment.
Object.assign(process.env, compileCache)

/** What kills, starves and floods whole pools, or fails disks under them, takes minutes, and has a run of its own. */
const faults = [
  "test/Kill.test.ts",
  "test/KillRecovery.test.ts",
  "test/PidReuse.test.ts",
  "test/StoreDegraded.test.ts",
  "test/SupervisedProcess.test.ts",
  "test/real/Containment.test.ts",
  "test/real/Recovery.test.ts",
  "test/HostKill.test.ts",
  "test/HostUpgrade.test.ts",
  "test/ChainKills.test.ts",
  "test/ContainmentKill.test.ts",
  "test/Endings.test.ts",
  "test/FanOutScale.test.ts",
  "test/MergeDeskProof.test.ts",
  "test/faults/*Matrix.test.ts"
]

/** So do random lives of workspaces. */
const cycles = ["test/faults/Cycles.test.ts"]

/** So do clients that nobody here wrote, which have to be installed first, and what needs them. */
const clients = [
  "test/conformance/*.test.ts",
  "test/mcp/CoordinatorLegacy.test.ts",
  "test/mcp/CoordinatorTasks.test.ts",
  "test/mcp/HttpInterleaved.test.ts"
]

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    // Tests start real processes: two at a time keep two cores busy, and more only wait for each other.
    maxWorkers: 2,
    // What a file imports is not evaluated anew for the next one: nothing in `src` keeps a state of its own.
    isolate: false,
    projects: [
      { extends: true, test: { name: "suite", include: ["test/**/*.test.ts"], exclude: [...faults, ...cycles, ...clients] } },
      { extends: true, test: { name: "faults", include: faults } },
      { extends: true, test: { name: "cycles", include: cycles } },
      { extends: true, test: { name: "clients", include: clients, globalSetup: ["test/conformance/install.ts"] } }
    ],
    // After each test: what it has left behind fails it.
    setupFiles: ["test/support/leaks.setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
