#!/usr/bin/env node
/**
 * A stand-in for `claude`: speaks its protocol, needs no account and no network, and plays the scenarios that its
 * prompts contain (`simulator/Scenario.ts`). `claude-pool run --simulate` and most tests run it.
 */
import { StringDecoder } from "node:string_decoder"
import { type Options, read as readArguments, Refusal } from "./simulator/Arguments.ts"
import { uuid } from "./simulator/Identity.ts"
import { flushed, ignoreLostReaders, warn, writeLine } from "./simulator/Output.ts"
import { find, numberOf } from "./simulator/Scenario.ts"
import { Session } from "./simulator/Session.ts"
import { read as readSetting, type Setting } from "./simulator/Setting.ts"
import { exists } from "./simulator/Transcript.ts"
import { Worker } from "./simulator/Worker.ts"

const leave = async (code: number): Promise<never> => {
  await flushed()
  return process.exit(code)
}

/** The result of a process that never came to a prompt. */
const emitStartFailure = (session_id: string, error: string, fields: object = {}): void =>
  writeLine({
    subtype: "error_during_execution",
    duration_ms: 0,
    duration_api_ms: 0,
    is_error: true,
    num_turns: 0,
    stop_reason: null,
    session_id,
    total_cost_usd: 0,
    usage: {},
    modelUsage: {},
    permission_denials: [],
    uuid: uuid("start", error),
    type: "result",
    errors: [error],
    ...fields,
    result_index: 0
  })

const readOptions = async (argv: ReadonlyArray<string>, setting: Setting): Promise<Options> => {
  try {
    return readArguments(argv, { mayBypass: setting.mayBypass, warn })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    warn(error.message)
    if (setting.startupResults && error.startupReason !== undefined) {
      emitStartFailure(uuid("start"), error.message, { startup_failure_reason: error.startupReason })
    }
    return leave(1)
  }
}

/** Why the session that was asked for cannot be had. */
const problemOf = ({ options, setting, isFound }: Session): string | undefined => {
  if (!isFound) return `No conversation found with session ID: ${options.resume}`
  return options.sessionId !== undefined && options.keepsTranscript && exists(setting.config, options.sessionId)
    ? `Error: Session ID ${options.sessionId} is already in use.`
    : undefined
}

/** `isOnce`: of all that the host writes, only what comes first is read. */
const listen = (worker: Worker, isOnce: boolean): void => {
  const decoder = new StringDecoder("utf8")
  let rest = ""
  process.stdin.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) worker.receive(line)
    if (isOnce) process.stdin.pause()
  })
  process.stdin.on("end", () => {
    worker.receive(rest)
    worker.end()
  })
}

const main = async (): Promise<void> => {
  ignoreLostReaders()
  const argv = process.argv.slice(2)
  const setting = readSetting(process.env, {
    pid: process.pid,
    cwd: process.cwd(),
    isRoot: process.getuid?.() === 0
  })
  const options = await readOptions(argv, setting)
  if (options.version) {
    process.stdout.write(`${setting.version} (Claude Code simulator)\n`)
    return leave(0)
  }
  setting.log({ event: "start", pid: setting.pid, argv, cwd: setting.cwd, env: Object.keys(process.env).toSorted() })

  const failure = find(setting.start, "start-fail")
  if (failure !== undefined) {
    warn("Error: simulated failure at the start")
    return leave(numberOf(failure, 1))
  }
  const session = new Session(options, setting)
  const problem = problemOf(session)
  if (problem !== undefined) {
    warn(problem)
    if (!session.isFound && options.resume !== undefined) emitStartFailure(options.resume, problem)
    return leave(1)
  }
  const worker = new Worker(session)
  process.on("SIGTERM", () => worker.terminate(143))
  process.on("SIGHUP", () => worker.terminate(129))
  process.on("SIGINT", () => worker.interruptAndLeave())
  // A turn that waits for nothing but a promise would not keep the process alive.
  setInterval(() => undefined, 2 ** 30)
  const slow = find(setting.start, "slow-start")
  const isUnread = find(setting.start, "unread") !== undefined
  setTimeout(() => listen(worker, isUnread), slow === undefined ? 0 : numberOf(slow, 0))
}

await main()
