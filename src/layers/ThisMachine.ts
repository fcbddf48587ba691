/**
 * The machine that this process runs on: its facts, and its files, processes and random numbers.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import { Layer, Terminal } from "effect"
import os from "node:os"
import process from "node:process"
import { isatty } from "node:tty"
import { Machine } from "../services/Machine.ts"
import { isInWorker } from "./WorkerAncestry.ts"

/** Read when the layer is built. */
const facts = Layer.suspend(() =>
  Machine.layer({
    env: process.env,
    cwd: process.cwd(),
    home: os.homedir(),
    temporary: os.tmpdir(),
    platform: process.platform,
    cores: os.availableParallelism(),
    pid: process.pid,
    node: process.execPath,
    stdinIsTerminal: isatty(0),
    stdoutIsTerminal: isatty(1),
    stderrIsTerminal: isatty(2),
    columns: process.stderr.columns ?? process.stdout.columns ?? 80,
    rows: process.stderr.rows ?? process.stdout.rows ?? 24,
    isWorker: isInWorker(process.pid, process.env)
  })
)

/** Where keys are read, none of them ends that: Escape goes back, and who is to be asked before the end is asked. */
const terminal = Layer.effect(Terminal.Terminal, NodeTerminal.make(() => false))

export const layer = Layer.mergeAll(
  facts,
  NodeServices.layer,
  terminal,
  NodeCrypto.layerSecureRandom,
  NodeCrypto.layerDigest
)
