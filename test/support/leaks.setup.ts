/**
 * The census of every test file: what a test has made and not taken away fails it. Each worker of the test runner has a
 * temporary directory of its own, by which its files and its processes are known from those of the others.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest"
import { Leaks } from "./Leaks.ts"

/** Its name is short: sockets that are made in it must have short paths. */
const own = realpathSync(mkdtempSync(join(tmpdir(), "t-")))
const outside = process.env["TMPDIR"]
process.env["TMPDIR"] = own

let before = Leaks.take(own)

beforeAll(async () => {
  // The first process that is started opens what the runtime keeps for all of them.
  await once(spawn("true", { stdio: "ignore" }), "close")
})

beforeEach(() => {
  before = Leaks.take(own)
})

afterEach(async () => {
  const found = await Leaks.settled(own, before)
  if (found.length > 0) throw new Error(`the test has left behind:\n${found.join("\n")}`)
})

afterAll(() => {
  if (outside === undefined) delete process.env["TMPDIR"]
  else process.env["TMPDIR"] = outside
  const left = readdirSync(own)
  const alive = Leaks.alive(own)
  rmSync(own, { recursive: true, force: true })
  if (left.length + alive.length > 0) {
    throw new Error(`the test file has left behind: ${[...left, ...alive.map((pid) => `process ${pid}`)].join(", ")}`)
  }
})
