/**
 * `config` and `doctor`: how a pool would be, and whether it could be.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { CliMissing, StoreUnusable } from "../../src/domain/EnvironmentFailure.ts"
import { fail } from "../../src/domain/Failure.ts"
import { settingNames } from "../../src/domain/Settings.ts"
import { ClaudeCli } from "../../src/services/ClaudeCli.ts"
import { Configuration } from "../../src/services/Configuration.ts"
import { type Check, Doctor } from "../../src/services/Doctor.ts"
import { Processes } from "../../src/services/Processes.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"

describe("claude-pool config", () => {
  const config = claudePoolIn({
    machine: { env: { CLAUDE_POOL_PASS_ENV: "A, B" } },
    files: { "/project/.claude-pool/settings.json": `{"timeout": "90 minutes"}` }
  })

  it.effect("prints each value with its origin", () =>
    Effect.gen(function*() {
      const { stdout } = yield* config("--slots", "8", "config")
      const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | "))
      assert.strictEqual(lines.length, settingNames.length + 1)
      assert.include(lines, "slots | 8 | flag --slots")
      assert.include(lines, "pass_env | A,B | variable CLAUDE_POOL_PASS_ENV")
      assert.include(lines, "timeout | 1h30m | project file /project/.claude-pool/settings.json")
      assert.include(lines, "model | none | default")
    }))

  it.effect("prints them as a file would say them, with --json", () =>
    Effect.gen(function*() {
      const printed = JSON.parse((yield* config("config", "--json")).stdout) as Record<string, unknown>
      assert.deepStrictEqual(printed["pass_env"], { value: ["A", "B"], origin: "variable CLAUDE_POOL_PASS_ENV" })
      assert.deepStrictEqual(printed["model"], { value: null, origin: "default" })
      assert.deepStrictEqual(printed["task_budget_usd"], { value: 5, origin: "default" })
    }))
})

describe("claude-pool doctor", () => {
  const well: Check = { name: "claude", status: "ok", detail: "/bin/claude (2.0.0)", hint: "" }
  const warned: Check = { name: "git", status: "warn", detail: "git was not found", hint: "install git" }
  const ill: Check = { name: "login", status: "fail", detail: "no login", hint: "log in" }

  it.effect("prints a line for each check, and how to mend it", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ doctor: { examine: Effect.succeed([well, warned]) } })("doctor")
      assert.deepStrictEqual(told.stdout.split("\n"), [
        "ok    claude       /bin/claude (2.0.0)",
        "warn  git          git was not found",
        "                   install git"
      ])
      assert.strictEqual(told.exitCode, 0)
    }))

  it.effect("exits 6 if something is missing", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ doctor: { examine: Effect.succeed([well, ill]) } })("doctor", "--json")
      assert.deepStrictEqual(JSON.parse(told.stdout), { ok: false, checks: [well, ill] })
      assert.strictEqual(told.exitCode, 6)
    }))
})

const checksOf = (
  claude: Partial<ClaudeCli["Service"]>,
  inspectStore: Parameters<typeof Doctor.layer>[0]["inspectStore"],
  simulate = false,
  free = 4 * 2 ** 30
) =>
  Effect.flatMap(Doctor, (doctor) => doctor.examine).pipe(
    Effect.provide(
      Doctor.layer({
        inspectStore,
        freeDisk: () => Effect.succeed(free)
      }).pipe(Layer.provide([
        Layer.mock(ClaudeCli, claude),
        Layer.mock(Processes, { memory: Effect.succeed({ totalBytes: 4 * free, availableBytes: free }) }),
        Configuration.layer({ store: "/s", simulate }),
        NodeServices.layer
      ]))
    )
  )

const examine = (...args: Parameters<typeof checksOf>) =>
  Effect.map(
    checksOf(...args),
    (checks) => Object.fromEntries(checks.map(({ detail, name, status }) => [name, `${status}: ${detail}`]))
  )

describe("Doctor", () => {
  it.effect("finds everything well", () =>
    Effect.gen(function*() {
      const found = yield* examine(
        {
          installation: Effect.succeed({ command: "/bin/claude", prefix: [], version: "2.0.0" }),
          login: Effect.succeed({ method: "api-key", source: "ANTHROPIC_API_KEY" }),
          containment: Effect.succeed("pid-namespace")
        },
        () => Effect.succeed({ exists: true, schemaVersion: 3, owner: { pid: 42 } })
      )
      assert.strictEqual(found["settings"], "ok: no file; defaults, variables and flags")
      assert.strictEqual(found["claude"], "ok: /bin/claude (2.0.0)")
      assert.strictEqual(found["login"], "ok: api-key, from ANTHROPIC_API_KEY")
      assert.strictEqual(found["store"], "ok: /s: schema 3, run by process 42")
      assert.match(found["containment"] ?? "", /^ok: pid-namespace: the kernel /)
      assert.strictEqual(found["disk"], "ok: 4 GiB free for the store")
      assert.strictEqual(found["memory"], "ok: 4 GiB free, for 4 slots")
      assert.strictEqual(found["supervision"], "ok: on; a slot may use 8 GiB of memory")
      assert.match(found["git"] ?? "", /^ok: git version |^warn: /)
    }))

  it.effect("says who runs the store", () =>
    Effect.gen(function*() {
      const storeOf = (owner: string) =>
        Effect.map(
          examine(
            {
              installation: fail(new CliMissing({ searched: [] })),
              login: Effect.succeed({ method: "none", source: "" }),
              containment: Effect.succeed("pid-namespace")
            },
            () => Effect.succeed({ exists: true, schemaVersion: 5, owner: { pid: 42, owner } })
          ),
          ({ store }) => store
        )
      assert.strictEqual(
        yield* storeOf("claude-pool serve"),
        "ok: /s: schema 5, run by its host, process 42; all commands share it"
      )
      assert.strictEqual(
        yield* storeOf("claude-pool, as a library"),
        "ok: /s: schema 5, run by process 42 (claude-pool, as a library)"
      )
    }))

  it.effect("goes on after what is wrong", () =>
    Effect.gen(function*() {
      const found = yield* examine(
        {
          installation: fail(new CliMissing({ searched: ["PATH"] })),
          login: Effect.succeed({ method: "none", source: "" }),
          containment: Effect.succeed("marker-sweep")
        },
        (directory) => fail(new StoreUnusable({ directory, problem: "corrupt", detail: "page 7" })),
        false,
        2 ** 20
      )
      assert.match(found["disk"] ?? "", /^warn: only 1 MiB free for the store/)
      assert.match(found["memory"] ?? "", /^warn: only 1 MiB free: no task is started below 512 MiB/)
      assert.match(found["claude"] ?? "", /^fail: the claude CLI was not found/)
      assert.match(found["login"] ?? "", /^fail: /)
      assert.strictEqual(found["store"], "fail: the store /s cannot be used (corrupt): page 7")
      assert.match(found["containment"] ?? "", /^warn: marker-sweep: /)
    }))

  it.effect("says what a containment guarantees, and the way to a stronger one", () =>
    Effect.gen(function*() {
      for (const level of ["pid-namespace", "reaper", "marker-sweep"] as const) {
        const checks = yield* checksOf({
          installation: fail(new CliMissing({ searched: [] })),
          login: Effect.succeed({ method: "none", source: "" }),
          containment: Effect.succeed(level)
        }, () => Effect.succeed({ exists: false, schemaVersion: 0, owner: null }))
        const check = checks.find(({ name }) => name === "containment")
        assert.include(check?.detail, `${level}: `)
        assert.strictEqual(check?.hint === "", level === "pid-namespace")
      }
    }))

  it.effect("asks no login of the simulator, and no store before the first task", () =>
    Effect.gen(function*() {
      const found = yield* examine(
        {
          installation: Effect.succeed({ command: "node", prefix: ["simulator.js"], version: "simulated" }),
          containment: Effect.succeed("pid-namespace")
        },
        () => Effect.succeed({ exists: false, schemaVersion: 0, owner: null }),
        true
      )
      assert.strictEqual(found["login"], "ok: the simulator needs none")
      assert.strictEqual(found["store"], "ok: /s: does not exist yet; the first task makes it")
    }))
})
