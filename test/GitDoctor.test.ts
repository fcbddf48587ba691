import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { ClaudeCli } from "../src/services/ClaudeCli.ts"
import { Configuration } from "../src/services/Configuration.ts"
import { Doctor } from "../src/services/Doctor.ts"
import type { Git } from "../src/services/Git.ts"
import { footing } from "../src/services/git/Footing.ts"
import { Processes } from "../src/services/Processes.ts"
import { inRepository, plainGit, reasonOf, writeFiles } from "./support/Repositories.ts"

const gitCheck = (git: Git["Service"], directory: string, isolation: "shared" | "task") =>
  Effect.flatMap(Doctor, ({ examine }) => examine).pipe(
    Effect.map((checks) => checks.find(({ name }) => name === "git")!),
    Effect.provide(
      Doctor.layer({
        inspectStore: () => Effect.succeed({ exists: false, schemaVersion: 0, owner: null }),
        freeDisk: () => Effect.succeed(null),
        workspaces: footing(git, directory)
      }).pipe(Layer.provide([
        Layer.mock(ClaudeCli, {
          installation: Effect.succeed({ command: "/bin/claude", prefix: [], version: "2.0.0" }),
          containment: Effect.succeed("pid-namespace" as const)
        }),
        Layer.mock(Processes, { memory: Effect.succeed({ totalBytes: 2 ** 32, availableBytes: 2 ** 32 }) }),
        Configuration.layer({ store: "/s", simulate: true, isolation }),
        NodeServices.layer
      ]))
    )
  )

describe("doctor's look at git", () => {
  it.live("says whether tasks can have workspaces, and why not", () =>
    inRepository(({ directory, git, repository }) =>
      Effect.gen(function*() {
        const well = yield* gitCheck(git, repository, "task")
        assert.match(well.detail, /^git version \S.*; tasks here can have workspaces$/)
        assert.strictEqual(well.status, "ok")
        const nowhere = yield* gitCheck(git, directory, "task")
        assert.strictEqual(nowhere.status, "warn")
        assert.match(nowhere.detail, /there can be no workspace for .*: it is in no git repository$/)
        assert.match(nowhere.hint, /--isolation shared/)
        assert.strictEqual((yield* gitCheck(git, directory, "shared")).status, "ok")
        yield* writeFiles(repository, { ".gitattributes": "*.bin filter=lfs\n", "a.bin": "", "b.bin": "" })
        plainGit(repository, "add", "-A")
        plainGit(repository, "commit", "-q", "-m", "filters")
        assert.match((yield* gitCheck(git, repository, "task")).detail, /the filters of a\.bin and 1 more are programs/)
        plainGit(directory, "init", "-q", "unborn")
        assert.strictEqual(yield* reasonOf(footing(git, `${directory}/unborn`)), "IsolationImpossible no-commit")
      })
    ))
})
