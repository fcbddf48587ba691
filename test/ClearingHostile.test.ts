/**
 * Workspaces in which a worker has left pipes and links where the pool looks for files of git's.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { execFileSync } from "node:child_process"
import { away, inWorkspace, textIn } from "./support/ClearedWorkspaces.ts"
import { writeFiles } from "./support/Repositories.ts"

describe("a workspace with pipes and links for files of git's", () => {
  it.live("is put away with its work kept, and nothing is read or written through them", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, repository, top, workspace } = place
        const { gitDir, path } = workspace
        const mine = { "mine.txt": "mine\n", "empty.txt": "" }
        yield* writeFiles(directory, mine)
        yield* writeFiles(path, { "new.txt": "work\n" })
        yield* fs.remove(`${path}/.git`)
        yield* fs.symlink(`${directory}/mine.txt`, `${path}/.git`)
        yield* fs.symlink(`${directory}/mine.txt`, `${gitDir}/claude-pool-index`)
        execFileSync("mkfifo", [`${gitDir}/ORIG_HEAD`])
        for (const name of ["one", "two"]) yield* fs.makeDirectory(`${repository.common}/worktrees/${name}`)
        yield* fs.symlink(`${directory}/empty.txt`, `${repository.common}/worktrees/one/commondir`)
        execFileSync("mkfifo", [`${repository.common}/worktrees/two/commondir`])
        const [rescue = ""] = yield* away(place, workspace)
        assert.strictEqual(textIn(top, rescue, "new.txt"), "work\n")
        for (const [name, text] of Object.entries(mine)) {
          assert.strictEqual(yield* fs.readFileString(`${directory}/${name}`), text, name)
        }
      })
    ))

  it.live("is kept where its index is one, and none is waited for", () =>
    inWorkspace(({ clearing, workspace }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* fs.remove(`${workspace.gitDir}/index`)
        execFileSync("mkfifo", [`${workspace.gitDir}/index`])
        assert.strictEqual((yield* clearing.putAway(workspace))._tag, "Kept")
        assert.isTrue(yield* fs.exists(`${workspace.path}/.git`))
      })
    ))
})
