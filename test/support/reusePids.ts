/**
 * Run as the first process of a PID namespace of its own: gives the id of a worker's process that has ended to a stranger,
 * again and again, and has the process table signal the one that it remembers. Prints what came of it.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { linuxTable } from "../../src/layers/processes/LinuxTable.ts"

const marker = "0123456789abcdef0123456789abcdef"
const others = "fedcba9876543210fedcba9876543210"
const [rounds = 10_000, seconds = 20] = process.argv.slice(2).map(Number)
const table = linuxTable()

/** `env -i`, but for the mark: half of the strangers are another pool's. */
const begin = async (mark: string | null): Promise<ChildProcess> => {
  const child = spawn("/bin/sleep", ["600"], {
    stdio: "ignore",
    env: mark === null ? {} : { CLAUDE_POOL_MARKER: mark }
  })
  await once(child, "spawn")
  return child
}

const end = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, "exit")
  child.kill("SIGKILL")
  await ended
}

/** In a namespace of ours we may; elsewhere the ids go round by themselves. */
const forceNextPid = (pid: number): void => {
  if (process.pid !== 1) return
  writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1))
}

const deadline = performance.now() + seconds * 1000
const figures = { rounds: 0, reused: 0, wrong: 0, missed: 0 }
// oxlint-disable eslint/no-await-in-loop -- one after the other, for there is but one id
while (figures.rounds < rounds && performance.now() < deadline) {
  figures.rounds++
  const worker = await begin(marker)
  // One that has only just begun its program may have no environment yet: a sweep looks twice, too.
  const first = table.marked(marker)
  const seen = first.length > 0 ? first : table.marked(marker)
  // What a sweep does to the right one; that it is found and ended shows that the rest says something.
  if (seen.length !== 1 || seen[0]?.pid !== worker.pid) figures.missed++
  await end(worker)
  forceNextPid(worker.pid!)
  const stranger = await begin(figures.rounds % 2 === 0 ? others : null)
  if (stranger.pid === worker.pid) figures.reused++
  for (const it of seen) if (table.signal(it, marker, "SIGKILL")) figures.wrong++
  if (stranger.exitCode !== null || stranger.signalCode !== null) figures.wrong++
  await end(stranger)
}
// oxlint-enable eslint/no-await-in-loop
const last = await begin(marker)
const ended = once(last, "exit")
while (table.marked(marker).length === 0);
for (const it of table.marked(marker)) if (!table.signal(it, marker, "SIGKILL")) figures.missed++
await ended
process.stdout.write(`${JSON.stringify(figures)}\n`)
