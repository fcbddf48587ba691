/**
 * TCP ports that workspaces have to themselves. Each is noted in a file of its own beside the worktrees, so that no other
 * pool of this user's leases it too; the note says for which worktree, and is void once that is gone.
 */
import { Effect, FileSystem, Path } from "effect"

/** How many ports are looked at for each that is wanted. */
const looks = 20

export interface PortsOptions {
  readonly directory: string
  readonly freePort: Effect.Effect<number | null>
}

export const makePorts = Effect.fnUntraced(function*({ directory, freePort }: PortsOptions) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const noteOf = (port: number | string) => path.join(directory, String(port))

  /** Noted as a whole or not at all, and never over another note. */
  const note = (port: number, worktree: string) => {
    const own = path.join(directory, `.${path.basename(worktree)}`)
    return fs.writeFileString(own, worktree, { mode: 0o600 }).pipe(
      Effect.andThen(fs.link(own, noteOf(port))),
      Effect.as(true),
      Effect.orElseSucceed(() => false),
      Effect.ensuring(Effect.ignore(fs.remove(own, { force: true })))
    )
  }

  const drop = (port: number | string) => Effect.ignore(fs.remove(noteOf(port), { force: true }))

  /** As many as are wanted, or none: null. The worktree is there already. */
  const lease = Effect.fnUntraced(function*(worktree: string, count: number) {
    if (count === 0) return []
    yield* Effect.ignore(fs.makeDirectory(directory, { recursive: true, mode: 0o700 }))
    const leased: Array<number> = []
    for (let look = 0; look < count * looks && leased.length < count; look++) {
      const port = yield* freePort
      if (port !== null && (yield* note(port, worktree))) leased.push(port)
    }
    if (leased.length === count) return leased
    yield* Effect.forEach(leased, drop, { discard: true })
    return null
  })

  const release = (ports: ReadonlyArray<number>, worktree: string) =>
    Effect.forEach(ports, (port) =>
      Effect.flatMap(
        Effect.orElseSucceed(fs.readFileString(noteOf(port)), () => ""),
        (said) => said === worktree ? drop(port) : Effect.void
      ), { discard: true })

  /** Takes away the notes of worktrees that are gone. */
  const sweep = Effect.gen(function*() {
    const names = yield* Effect.orElseSucceed(fs.readDirectory(directory), () => [])
    for (const name of names.filter((one) => /^\d+$/.test(one))) {
      const worktree = yield* Effect.orElseSucceed(fs.readFileString(noteOf(name)), () => "")
      const isThere = yield* Effect.orElseSucceed(fs.exists(worktree), () => true)
      if (!isThere) yield* drop(name)
    }
  })

  return { lease, release, sweep }
})

export type Ports = Effect.Success<ReturnType<typeof makePorts>>

/** As workers and commands see them. */
export const portVariables = (ports: ReadonlyArray<number>): Readonly<Record<string, string>> =>
  Object.fromEntries(ports.map((port, at) => [`CLAUDE_POOL_PORT_${at}`, String(port)]))
