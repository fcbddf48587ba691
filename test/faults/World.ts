/**
 * A directory in which pools are run one after the other, through the built program, with a client that writes down all
 * that it asks and is told.
 */
import { Effect, type Scope } from "effect"
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync, statSync, watch } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { call, driveServer, initialize, type Message, type StdioDriver } from "../mcp/StdioDriver.ts"
import { Census } from "../support/Census.ts"
import { compileCache } from "../support/CompileCache.ts"
import type { ClientEntry, History, LogEntry } from "./checker/History.ts"
import { readStore } from "./checker/StoreFile.ts"

export const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

/** What is asked of a pool: a call of a tool. `token` stands in its prompts and in no other's. */
export interface Work {
  readonly key: string
  readonly token: string
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
}

export type Reply = Readonly<Record<string, unknown>>

export interface Connection {
  readonly driver: StdioDriver
  /** Hands out work, and does not wait for what comes of it. */
  readonly start: (work: Work) => Effect.Effect<number>
  /** Calls a tool, and waits for the reply. */
  readonly ask: (tool: string, args?: Readonly<Record<string, unknown>>) => Effect.Effect<Reply>
  /** Hands out work, and waits for the reply. */
  readonly run: (work: Work) => Effect.Effect<Reply>
  readonly reply: (id: number) => Effect.Effect<Reply>
  /** How many calls have been answered. */
  readonly answered: () => number
  /** The pool is killed, and what it had said until then is written down. */
  readonly kill: Effect.Effect<void>
  /** The client goes away, and the pool ends in good order. */
  readonly close: Effect.Effect<void>
}

export interface OpenOptions {
  readonly slots?: number
  readonly flags?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  /** Goes before the command itself, as `prlimit` does. */
  readonly wrapper?: ReadonlyArray<string>
}

export interface World {
  readonly directory: string
  readonly store: string
  readonly entries: ReadonlyArray<ClientEntry>
  readonly note: (entry: Entry) => void
  readonly open: (options?: OpenOptions) => Effect.Effect<Connection, never, Scope.Scope>
  /** What the simulators have written down. */
  readonly log: () => ReadonlyArray<LogEntry>
  /** Waits until the log has what it is asked for. */
  readonly logged: (fits: (log: ReadonlyArray<LogEntry>) => boolean) => Effect.Effect<void>
  readonly history: (end: History["end"], rules?: Partial<History["rules"]>) => Effect.Effect<History>
}

type Entry = ClientEntry extends infer E ? E extends ClientEntry ? Omit<E, "seq"> : never : never

const isReply = (value: unknown): value is Reply => typeof value === "object" && value !== null && !Array.isArray(value)

/** Everything in a reply that says of some work where it stands. */
const toldIn = (value: unknown): ReadonlyArray<Entry> => {
  if (Array.isArray(value)) return value.flatMap(toldIn)
  if (!isReply(value)) return []
  const { id, state, summary } = value
  const own: ReadonlyArray<Entry> = typeof id === "string" && typeof state === "string" && /^[tgc]_/.test(id)
    ? [{ kind: "told", id, state, ...(typeof summary === "string" && id.startsWith("t_") ? { answer: summary } : {}) }]
    : []
  return [...own, ...Object.values(value).flatMap(toldIn)]
}

const contentOf = ({ result }: Message): Reply => {
  const content = result?.["structuredContent"]
  return isReply(content) ? content : {}
}

const connect = (driver: StdioDriver, note: (entry: Entry) => void): Connection => {
  const works = new Map<number, Work>()
  const asked = new Set<number>()
  let read = 0
  let next = 1

  /** Writes down what has been said since it was last looked. */
  const harvest = Effect.sync(() => {
    for (; read < driver.lines.length; read++) {
      const line = driver.lines[read] ?? ""
      const message = line.startsWith("{") ? JSON.parse(line) as Message : {}
      if (message.id === undefined || !asked.has(message.id)) continue
      const content = contentOf(message)
      const work = works.get(message.id)
      if (work !== undefined && typeof content["id"] === "string") {
        note({ kind: "acknowledged", key: work.key, id: content["id"] })
      }
      for (const told of toldIn(content)) note(told)
    }
  })

  /** Each time that it is run it is another call, also where it is run again. */
  const send = (tool: string, args: Readonly<Record<string, unknown>>, work?: Work) =>
    Effect.suspend(() => {
      const id = next++
      asked.add(id)
      if (work !== undefined) works.set(id, work)
      return Effect.as(driver.send(call(id, tool, { ...args })), id)
    })
  const reply: Connection["reply"] = (id) => Effect.tap(Effect.map(driver.reply(id), contentOf), () => harvest)
  const start: Connection["start"] = (work) =>
    Effect.suspend(() => {
      note({ kind: "sent", key: work.key, token: work.token })
      return send(work.tool, { ...work.args, key: work.key }, work)
    })

  return {
    driver,
    start,
    ask: (tool, args = {}) => Effect.flatMap(send(tool, args), reply),
    run: (work) => Effect.flatMap(start(work), reply),
    reply,
    answered: () =>
      driver.lines.filter((line) => {
        const id = /"id":(\d+)\}$/.exec(line)?.[1]
        return id !== undefined && asked.has(Number(id))
      }).length,
    kill: Effect.andThen(Effect.andThen(driver.signal("SIGKILL"), driver.ended), harvest),
    close: Effect.andThen(Effect.andThen(driver.hangUp, driver.ended), harvest)
  }
}

/** A log that others write: each look reads on from where the last one ended. */
const followed = (file: string) => {
  const entries: Array<LogEntry> = []
  let read = 0
  return (): ReadonlyArray<LogEntry> => {
    if (!existsSync(file) || statSync(file).size === read) return entries
    const lines = readFrom(file, read).split("\n")
    // The last one may not be whole yet.
    for (const line of lines.slice(0, -1)) {
      read += Buffer.byteLength(line) + 1
      const { appendSystemPrompt, cost, event, prompt, session, usd } = JSON.parse(line) as LogEntry & {
        readonly appendSystemPrompt?: string | null
      }
      entries.push({
        event,
        ...(session === undefined ? {} : { session }),
        ...(prompt === undefined ? {} : { prompt }),
        ...(appendSystemPrompt == null ? {} : { briefing: appendSystemPrompt }),
        ...(cost === undefined ? {} : { cost }),
        ...(usd === undefined ? {} : { usd })
      })
    }
    return entries
  }
}

const readFrom = (file: string, start: number): string => {
  const descriptor = openSync(file, "r")
  try {
    const bytes = Buffer.alloc(Math.max(0, statSync(file).size - start))
    return bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, bytes.length, start))
  } finally {
    closeSync(descriptor)
  }
}

/** What a pool that has ended well takes away: its lock's note, its temporary directories, its sockets. */
const leftIn = (directory: string, store: string): ReadonlyArray<string> => [
  ...readdirSync(join(directory, "tmp")).map((name) => join(directory, "tmp", name)),
  ...["owner.json", "temporary"].map((name) => join(store, name)).filter((file) => existsSync(file)),
  ...(existsSync(store)
    ? readdirSync(store, { withFileTypes: true }).filter((entry) => entry.isSocket()).map(({ name }) =>
      join(store, name)
    )
    : [])
]

const usualRules: History["rules"] = { maxAttempts: 3, maxCrashes: 3, cap: null, reservation: 0 }

export const makeWorld: Effect.Effect<World, never, Scope.Scope> = Effect.gen(function*() {
  const directory = yield* Census.directory("faults-")
  const [store, logFile] = [join(directory, "store"), join(directory, "logs", "log")]
  for (const name of ["tmp", "logs"]) mkdirSync(join(directory, name))
  const entries: Array<ClientEntry> = []
  const note = (entry: Entry) => void entries.push({ ...entry, seq: entries.length } as ClientEntry)

  const log = followed(logFile)

  const open: World["open"] = Effect.fnUntraced(function*({ env = {}, flags = [], slots = 2, wrapper = [] } = {}) {
    const [node = process.execPath, ...words] = [...wrapper, process.execPath]
    const driver = yield* driveServer(
      [...words, command, "mcp", "--simulate", "--slots", `${slots}`, "--store", store, ...flags],
      {
        program: node,
        cwd: directory,
        env: {
          PATH: "/usr/local/bin:/usr/bin:/bin",
          HOME: directory,
          TMPDIR: join(directory, "tmp"),
          ...compileCache,
          CLAUDE_POOL_SIMULATOR_LOG: logFile,
          CLAUDE_POOL_IN_PROCESS: "true",
          ...env
        }
      }
    )
    yield* driver.send(...initialize)
    yield* Effect.raceFirst(driver.reply(0), driver.ended)
    return connect(driver, note)
  })

  const logged: World["logged"] = (fits) =>
    Effect.callback<void>((resume) => {
      const end = Effect.sync(() => watcher.close())
      const look = () => {
        if (fits(log())) resume(end)
      }
      const watcher = watch(join(directory, "logs"), look)
      look()
      return end
    })

  const history: World["history"] = Effect.fnUntraced(function*(end, rules = {}) {
    return {
      client: [...entries],
      store: readStore(join(store, "store.db")),
      log: log(),
      remains: { processes: yield* Census.survivorsOf(directory), files: leftIn(directory, store) },
      end,
      rules: { ...usualRules, ...rules }
    }
  })

  return { directory, store, entries, note, open, log, logged, history }
})
