/**
 * The processes of macOS, by `ps`. It tells the start of a process to the second only; the marker, which is asked in the
 * same look, tells apart what started within one. What the look costs is spared where it was had a moment ago, except
 * before a signal.
 */
import { execFileSync } from "node:child_process"
import { addUp, type ProcessTable, sendSignal } from "./ProcessTable.ts"
import { parsePs, psColumns, type PsProcess } from "./PsText.ts"

/** Runs a program and answers with what it says; empty where it fails. */
export type RunText = (program: string, words: ReadonlyArray<string>) => string

/** `ps` looks at everything in some 50 ms: a machine that takes longer is not waited for without end. */
const lookWithin = 10_000

/** The names of days and months would else be those of the user's language. */
const inEnglish = { LC_ALL: "C" }

export const runText: RunText = (program, words) => {
  try {
    return execFileSync(program, [...words], {
      encoding: "utf8",
      env: inEnglish,
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: lookWithin
    })
  } catch {
    return ""
  }
}

/** How long what was seen for figures is still good for figures. */
const freshMs = 1000

const common = ["-E", "-ww", "-o", psColumns]

export const darwinTable = (run: RunText = runText, now: () => number = () => performance.now()): ProcessTable => {
  let seen: { readonly at: number; readonly processes: ReadonlyArray<PsProcess> } | null = null

  const look = (words: ReadonlyArray<string>) =>
    parsePs(run("/bin/ps", [...words, ...common])).filter((it) => !it.isDead)

  const lookAtAll = () => {
    seen = { at: now(), processes: look(["-A"]) }
    return seen.processes
  }

  const marked: ProcessTable["marked"] = (marker) =>
    lookAtAll().filter((it) => it.marker?.startsWith(marker) === true)
      .map(({ pid, startedAt }) => ({ pid, startedAt }))

  const signal: ProcessTable["signal"] = (it, marker, signal) =>
    look(["-p", String(it.pid)]).some((found) =>
      found.pid === it.pid && found.startedAt === it.startedAt && found.marker?.startsWith(marker) === true
    ) && sendSignal(it.pid, signal)

  const usage: ProcessTable["usage"] = (markers) => {
    const processes = seen !== null && now() - seen.at < freshMs ? seen.processes : lookAtAll()
    return addUp(markers, processes.flatMap((it) => it.marker === null ? [] : [{ ...it, marker: it.marker }]))
  }

  return { marked, signal, usage }
}
