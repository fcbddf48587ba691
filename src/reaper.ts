#!/usr/bin/env node
/**
 * The reaper: ends what a pool has left running. Its input is a pipe from the pool, which tells it the marks of its slots
 * (`services/containment/Reaper.ts`); when that ends, however the pool did, it ends every process that carries one of
 * them, and leaves. It is nobody's tool by itself.
 */
import { StringDecoder } from "node:string_decoder"
import { machineTable } from "./layers/processes/MachineTable.ts"
import { Watch } from "./reaper/Watch.ts"

const watch = new Watch(machineTable())
const decoder = new StringDecoder("utf8")
let rest = ""

// What ends a pool and everything around it is what this is there for.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined)
// The pool may be gone before it has read the last answer.
process.stdout.on("error", () => undefined)

let isEnding = false
const end = () => {
  if (isEnding) return
  isEnding = true
  // The last line was cut in the middle if it has no end, and is none.
  void watch.end().then(() => process.exit(0))
}

process.stdin.on("data", (chunk: Buffer) => {
  const lines = (rest + decoder.write(chunk)).split("\n")
  rest = lines.pop() ?? ""
  for (const line of lines) if (watch.obey(line)) process.stdout.write(`${line}\n`)
})
process.stdin.on("end", end)
process.stdin.on("error", end)
