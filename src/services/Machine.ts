/**
 * The facts of the machine and of this process that anything here needs to know: read once, by the entry point.
 */
import { Context, Layer } from "effect"

export class Machine extends Context.Service<Machine, {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The user's home directory. */
  readonly home: string
  /** Where temporary files belong. */
  readonly temporary: string
  /** `linux`, `darwin`, … */
  readonly platform: string
  readonly cores: number
  /** Of this very process. */
  readonly pid: number
  /** Path of the Node that runs it. */
  readonly node: string
  /** Whether somebody sits at the other end. */
  readonly stdinIsTerminal: boolean
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
  /** Width and height of the terminal, in characters. */
  readonly columns: number
  readonly rows: number
  /** Whether a worker of a pool, or something that one has started, runs this process. */
  readonly isWorker: boolean
}>()("claude-pool/services/Machine") {
  static readonly layer = (facts: Machine["Service"]): Layer.Layer<Machine> => Layer.succeed(this, facts)
}
