/**
 * Tasks a second through sixteen slots, against a bare script that keeps as many of the same workers busy; and how long
 * eight slots take until all of them have a worker that is ready, against eight bare starts.
 */
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { makeWorld } from "../faults/World.ts"
import type { Figure } from "./Figure.ts"

const slots = 16
const tasks = 128
const few = 8
const simulator = fileURLToPath(new URL("../../dist/simulator.js", import.meta.url))
const flags = ["--print", "--verbose", "--input-format=stream-json", "--output-format=stream-json"]
const prompt = "[[say:ok]]"

const startBare = (directory: string): ChildProcess =>
  spawn(process.execPath, [simulator, ...flags], {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory },
    stdio: ["pipe", "pipe", "ignore"]
  })

const initialize = JSON.stringify({ type: "control_request", request_id: "1", request: { subtype: "initialize" } })

/** Waits for a line that has this in it. */
const lineWith = async (child: ChildProcess, text: string): Promise<void> => {
  for await (const line of createInterface(child.stdout!)) if (line.includes(text)) return
}

/** One worker for one prompt, from its start to its end. */
const bareTask = async (directory: string): Promise<void> => {
  const child = startBare(directory)
  const ended = once(child, "close")
  child.stdin?.end(`${JSON.stringify({ type: "user", message: { role: "user", content: prompt } })}\n`)
  await lineWith(child, "\"type\":\"result\"")
  child.stdout?.resume()
  await ended
}

const bareRate = async (directory: string): Promise<number> => {
  const start = performance.now()
  let left = tasks
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one task after the other in each lane
      await bareTask(directory)
    }
  }
  await Promise.all(Array.from({ length: slots }, lane))
  return tasks / (performance.now() - start) * 1000
}

const bareStarts = async (directory: string): Promise<number> => {
  const start = performance.now()
  const children = Array.from({ length: few }, () => startBare(directory))
  await Promise.all(children.map((child) => {
    child.stdin?.write(`${initialize}\n`)
    return lineWith(child, "control_response")
  }))
  const time = performance.now() - start
  await Promise.all(children.map((child) => {
    child.stdin?.end()
    child.stdout?.resume()
    return once(child, "close")
  }))
  return time
}

const poolRate = Effect.gen(function*() {
  const world = yield* makeWorld
  const pool = yield* world.open({ slots, flags: ["--hot-spares=false"] })
  const start = performance.now()
  const prompts = Array.from({ length: tasks / 2 }, () => prompt)
  const groups = [yield* pool.ask("pool_fan_out", { prompts }), yield* pool.ask("pool_fan_out", { prompts })]
  yield* pool.ask("pool_wait", { ids: groups.map(({ id }) => id), wait_s: 44 })
  const rate = tasks / (performance.now() - start) * 1000
  yield* pool.close
  return { directory: world.directory, rate, bare: yield* Effect.promise(() => bareRate(world.directory)) }
}).pipe(Effect.scoped)

const slotStarts = Effect.gen(function*() {
  const world = yield* makeWorld
  const start = performance.now()
  const pool = yield* world.open({ slots: few })
  yield* world.logged((log) => log.filter(({ event }) => event === "start").length >= few)
  const time = performance.now() - start
  yield* pool.close
  return { time, bare: yield* Effect.promise(() => bareStarts(world.directory)) }
}).pipe(Effect.scoped)

export const throughputFigures = Effect.gen(function*() {
  const { bare, rate } = yield* poolRate
  const starts = yield* slotStarts
  return [
    {
      name: `${tasks} tasks, ${slots} simulator slots`,
      value: rate,
      unit: "/s",
      baseline: { name: "a bare script", value: bare },
      aim: "at least 0.9 x"
    },
    {
      name: `start of a pool until ${few} slots are ready`,
      value: starts.time,
      unit: "ms",
      baseline: { name: `${few} bare starts`, value: starts.bare },
      aim: ""
    }
  ] satisfies ReadonlyArray<Figure>
})
