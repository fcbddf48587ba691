import { defineConfig } from "vitest/config"

/** What kills and starves whole pools takes minutes, and has a run of its own. */
const faults = [
  "test/Kill.test.ts",
  "test/ChainKills.test.ts",
  "test/ContainmentKill.test.ts",
  "test/MergeDeskProof.test.ts",
  "test/faults/*Matrix.test.ts"
]

/** So do random lives of workspaces. */
const cycles = ["test/faults/Cycles.test.ts"]

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    // Tests start real processes: two at a time keep two cores busy, and more only wait for each other.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "suite", include: ["test/**/*.test.ts"], exclude: [...faults, ...cycles] } },
      { extends: true, test: { name: "faults", include: faults } },
      { extends: true, test: { name: "cycles", include: cycles } }
    ],
    // After each test: what it has left behind fails it.
    setupFiles: ["test/support/leaks.setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
