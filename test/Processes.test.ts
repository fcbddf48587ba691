/**
 * The processes of this machine, as they are, and of Linux, by its files.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import * as MachineProcesses from "../src/layers/MachineProcesses.ts"
import { linuxTable } from "../src/layers/processes/LinuxTable.ts"
import { markerIn, parseStat } from "../src/layers/processes/ProcFiles.ts"
import { Processes } from "../src/services/Processes.ts"
import { Census } from "./support/Census.ts"

/** A process that waits, with a marker of its own, until the test has ended. */
const begin = (marker: string | null, program = "/bin/sleep") =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const env = { HOME: "/", ...(marker === null ? {} : { CLAUDE_POOL_MARKER: marker }) }
      const child = spawn(program, ["600"], { stdio: "ignore", env })
      await once(child, "spawn")
      return child
    }),
    (child) => Effect.promise(() => end(child))
  )

/** A program that has begun its work, and with it has taken its memory; it waits for a line. */
const beginWork = (marker: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const env = { HOME: "/", CLAUDE_POOL_MARKER: marker }
      const child = spawn("/bin/sh", ["-c", "echo; read it"], { stdio: ["pipe", "pipe", "ignore"], env })
      await once(child.stdout, "data")
      return child
    }),
    (child) => Effect.promise(() => end(child))
  )

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGKILL")
  await ended
}

const unique = (() => {
  let count = 0
  return () => `test-${process.pid}-${count++}`
})()

const onThisMachine = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(Effect.provide(MachineProcesses.layer), Effect.scoped)

describe("the processes of this machine", () => {
  it.live("are found by the beginning of their marker, and by nothing else", () =>
    Effect.gen(function*() {
      const processes = yield* Processes
      const marker = unique()
      const [one, two] = [yield* begin(`${marker}-a`), yield* begin(`${marker}-b`)]
      yield* begin(`x${marker}`)
      yield* begin(null)
      const found = yield* processes.marked(marker)
      assert.sameMembers(found.map(({ pid }) => pid), [one.pid, two.pid])
      assert.deepStrictEqual((yield* processes.marked(`${marker}-a`)).map(({ pid }) => pid), [one.pid])
    }).pipe(onThisMachine))

  it.live("are signalled while they are what was seen, and carry the marker", () =>
    Effect.gen(function*() {
      const processes = yield* Processes
      const marker = unique()
      const child = yield* begin(`${marker}-a`)
      const [seen] = yield* processes.marked(marker)
      assert.isFalse(yield* processes.signal({ ...seen!, startedAt: "1" }, marker, "SIGKILL"))
      assert.isFalse(yield* processes.signal(seen!, `${marker}-b`, "SIGKILL"))
      assert.isFalse(yield* processes.signal({ ...seen!, pid: -child.pid! }, marker, "SIGKILL"))
      assert.isFalse(yield* processes.signal({ ...seen!, pid: process.pid }, marker, "SIGKILL"))
      assert.isNull(child.signalCode)
      const ended = once(child, "exit")
      assert.isTrue(yield* processes.signal(seen!, marker, "SIGTERM"))
      assert.deepStrictEqual(yield* Effect.promise(() => ended), [null, "SIGTERM"])
      assert.isFalse(yield* processes.signal(seen!, marker, "SIGKILL"))
      assert.deepStrictEqual(yield* processes.marked(marker), [])
    }).pipe(onThisMachine))

  it.live("are none when they are dead and wait to be collected", () =>
    Effect.gen(function*() {
      const processes = yield* Processes
      const marker = unique()
      // The shell collects nothing as long as it waits for a line. Its child says who it is once it has begun its program:
      // before, it may have no environment yet.
      const child = "CLAUDE_POOL_MARKER=$MARK sh -c 'echo $$; read line <&3'"
      const parent = yield* Effect.acquireRelease(
        Effect.sync(() =>
          spawn("sh", ["-c", `exec 3<&0; ${child} & read line`], {
            stdio: ["pipe", "pipe", "ignore"],
            env: { PATH: process.env["PATH"], MARK: marker }
          })
        ),
        (child) => Effect.promise(() => end(child))
      )
      const [text] = yield* Effect.promise(() => once(parent.stdout!, "data"))
      const pid = Number(String(text))
      const look = () => readFileSync(`/proc/${pid}/stat`, "utf8")
      assert.strictEqual((yield* processes.marked(marker)).length, 1)
      process.kill(pid, "SIGKILL")
      while (!look().includes(") Z ")) yield* Effect.sleep(0)
      assert.deepStrictEqual(yield* processes.marked(marker), [])
      assert.strictEqual((yield* processes.usage([marker]))[0]?.processes, 0)
    }).pipe(onThisMachine))

  it.live("are not hidden by a name with spaces and brackets in it", () =>
    Effect.gen(function*() {
      const processes = yield* Processes
      const directory = yield* Census.directory("processes-")
      const named = join(directory, ") Z 1 (")
      symlinkSync("/bin/sleep", named)
      const marker = unique()
      const child = yield* begin(marker, named)
      const [seen] = yield* processes.marked(marker)
      assert.strictEqual(seen?.pid, child.pid)
      assert.isTrue(yield* processes.signal(seen!, marker, "SIGKILL"))
    }).pipe(onThisMachine))

  it.live("are added up for each marker", () =>
    Effect.gen(function*() {
      const processes = yield* Processes
      const [one, other] = [unique(), unique()]
      yield* beginWork(`${one}-a`)
      const second = yield* beginWork(`${one}-b`)
      yield* beginWork(`${other}-a`)
      const [first, last, none] = yield* processes.usage([`${one}-`, `${other}-`, unique()])
      assert.strictEqual(first?.processes, 2)
      assert.strictEqual(last?.processes, 1)
      assert.isAbove(last!.rssBytes, 4096)
      assert.isAbove(first!.rssBytes, last!.rssBytes)
      assert.deepStrictEqual(none, { processes: 0, rssBytes: 0, cpuMs: 0 })
      yield* Effect.promise(() => end(second))
      assert.strictEqual((yield* processes.usage([`${one}-`]))[0]?.processes, 1)
    }).pipe(onThisMachine))

  it.live("have used the time that they have worked", () =>
    Effect.gen(function*() {
      const processes = yield* Processes
      const marker = unique()
      yield* Effect.acquireRelease(
        Effect.sync(() => spawn("sh", ["-c", "while :; do :; done"], { env: { CLAUDE_POOL_MARKER: marker } })),
        (child) => Effect.promise(() => end(child))
      )
      const used = Effect.map(processes.usage([marker]), ([usage]) => usage?.cpuMs ?? 0)
      while ((yield* used) < 50) yield* Effect.sleep(0)
    }).pipe(onThisMachine))

  it.live("are inside of a directory that they work in, or have a file of open", () =>
    Effect.gen(function*() {
      const processes = yield* Processes
      const directory = yield* Census.directory("inside-")
      mkdirSync(join(directory, "deep"))
      mkdirSync(`${directory}-beside`)
      assert.deepStrictEqual(yield* processes.inside(directory), [])
      yield* Effect.scoped(Effect.gen(function*() {
        const start = (script: string, cwd: string) =>
          Effect.acquireRelease(
            Effect.promise(async () => {
              const child = spawn("/bin/sh", ["-c", `${script} echo; read it`], {
                cwd,
                stdio: ["pipe", "pipe", "ignore"]
              })
              await once(child.stdout, "data")
              return child
            }),
            (child) => Effect.promise(() => end(child))
          )
        const works = yield* start("", join(directory, "deep"))
        const writes = yield* start(`exec 3> ${directory}/log;`, "/")
        yield* start("", `${directory}-beside`)
        assert.sameMembers([...yield* processes.inside(directory)], [works.pid!, writes.pid!])
        assert.isString(yield* processes.startOf(works.pid!))
      }))
      rmdirSync(`${directory}-beside`)
      assert.deepStrictEqual(yield* processes.inside(directory), [])
      assert.isNull(yield* processes.startOf(2 ** 30))
    }).pipe(onThisMachine))

  it.live("have a memory", () =>
    Effect.gen(function*() {
      const { availableBytes, totalBytes } = yield* (yield* Processes).memory
      assert.isAbove(availableBytes, 0)
      assert.isAbove(totalBytes, availableBytes)
    }).pipe(onThisMachine))
})

describe("a process table of Linux", () => {
  const stat = (pid: number, name: string, start: number, state = "S") =>
    `${pid} (${name}) ${state} 1 ${pid} ${pid} 0 -1 4194304 0 0 0 0 7 3 0 0 20 0 1 0 ${start} 1000 25 18446744073709551615\n`

  /** Files as the kernel shows them. */
  const recorded = (directory: string) => (pid: number, line: string, environment: string) => {
    mkdirSync(join(directory, String(pid)), { recursive: true })
    writeFileSync(join(directory, String(pid), "stat"), line)
    writeFileSync(join(directory, String(pid), "statm"), "250 40 30 6 0 50 0\n")
    writeFileSync(join(directory, String(pid), "environ"), environment)
  }

  it.live("believes that a process has no marker only once it is some seconds old, and then reads it no more", () =>
    Effect.gen(function*() {
      const root = yield* Census.directory("proc-")
      writeFileSync(join(root, "uptime"), "100.00 100.00\n")
      const record = recorded(root)
      const table = linuxTable(root)
      const count = () => table.usage(["m"])[0]?.processes
      // Ten seconds and a bit of age, and half a second.
      record(1001, stat(1001, "old", 8900), "PATH=/\0")
      record(1002, stat(1002, "young", 9950), "PATH=/\0")
      assert.strictEqual(count(), 0)
      record(1001, stat(1001, "old", 8900), "CLAUDE_POOL_MARKER=m\0")
      record(1002, stat(1002, "young", 9950), "CLAUDE_POOL_MARKER=m\0")
      assert.strictEqual(count(), 1)
      // A marker that was seen stays; another process of that id is asked anew; what is to be ended always is.
      record(1002, stat(1002, "young", 9950), "PATH=/\0")
      assert.strictEqual(count(), 1)
      assert.deepStrictEqual(table.marked("m").map(({ pid }) => pid), [1001])
      record(1002, stat(1002, "other", 9960), "PATH=/\0")
      assert.strictEqual(count(), 0)
    }).pipe(Effect.scoped))

  it.live("says what a process uses, in bytes and milliseconds, with the memory that is exact", () =>
    Effect.gen(function*() {
      const root = yield* Census.directory("proc-")
      recorded(root)(7, stat(7, "a) S 9 (b", 5), "A=1\0CLAUDE_POOL_MARKER=m-1\0B=2\0")
      // In `stat` there are 25 pages, of which some processor has not told yet.
      assert.deepStrictEqual(linuxTable(root).usage(["m"]), [{ processes: 1, rssBytes: 40 * 4096, cpuMs: 100 }])
      rmSync(join(root, "7", "statm"))
      assert.deepStrictEqual(linuxTable(root).usage(["m"]), [{ processes: 0, rssBytes: 0, cpuMs: 0 }])
    }).pipe(Effect.scoped))

  it("reads a line of stat whatever the program is called", () => {
    for (const name of ["sleep", "a b", ") Z 1 (", "))", "x\ny"]) {
      assert.deepInclude(parseStat(stat(42, name, 77)), { pid: 42, parent: 1, startedAt: "77", isDead: false })
      assert.isTrue(parseStat(stat(42, name, 77, "Z"))?.isDead)
    }
    assert.isNull(parseStat(""))
  })

  it("takes only a whole variable for the marker", () => {
    const read = (text: string) => markerIn(Buffer.from(text))
    assert.strictEqual(read("CLAUDE_POOL_MARKER=abc\0X=1\0"), "abc")
    assert.strictEqual(read("X=1\0CLAUDE_POOL_MARKER=abc"), "abc")
    for (const text of ["", "MY_CLAUDE_POOL_MARKER=abc\0", "X=CLAUDE_POOL_MARKER=abc\0", "CLAUDE_POOL_MARKERS=abc\0"]) {
      assert.isNull(read(text), text)
    }
  })
})
