/**
 * The doctor, over this machine: it looks, and leaves nothing behind.
 */
import { Effect, FileSystem, Layer, type Path } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { Configuration } from "../services/Configuration.ts"
import { Doctor } from "../services/Doctor.ts"
import { Git } from "../services/Git.ts"
import { footing } from "../services/git/Footing.ts"
import { Machine } from "../services/Machine.ts"
import type { Platform } from "./App.ts"
import { freeDisk } from "./FreeDisk.ts"
import * as MachineProcesses from "./MachineProcesses.ts"
import * as RepositoryWorkspaces from "./RepositoryWorkspaces.ts"
import * as StoreDirectory from "./StoreDirectory.ts"
import { claudeCli } from "./Workers.ts"

export const layer: Layer.Layer<Doctor, Failure, Configuration | Machine | Platform> = Layer.unwrap(
  Effect.gen(function*() {
    const { project, settings } = yield* Configuration
    const machine = yield* Machine
    const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
    const inspectStore = (directory: string) => Effect.provideContext(StoreDirectory.inspect(directory), context)
    const fs = yield* FileSystem.FileSystem
    const looking = Layer.unwrap(Effect.gen(function*() {
      const git = yield* Git
      return Doctor.layer({ inspectStore, freeDisk, workspaces: footing(git, project) })
    }))
    const seats = fs.makeTempDirectoryScoped({ directory: machine.temporary, prefix: "claude-pool-git-" }).pipe(
      Effect.orDie
    )
    return looking.pipe(
      Layer.provide(Layer.unwrap(Effect.map(seats, (directory) => RepositoryWorkspaces.git(directory, machine)))),
      Layer.provide([claudeCli(settings, machine.temporary), MachineProcesses.layer])
    )
  })
)
