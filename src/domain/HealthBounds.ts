/**
 * How long a worker may give no sign of life, in each of its phases, before it is suspicious, and before it counts as
 * hung. Measured on 2.1.329, as far as there is something to measure.
 */
import { Context, Duration } from "effect"

export interface HealthBounds {
  /** Ready within 0.3 s on a quiet machine, and within 31 s with 16 starting at once. */
  readonly starting: {
    readonly suspicious: Duration.Duration
    readonly hung: Duration.Duration
    /** A process takes 205 MiB until it is ready: one that takes this much will not be. */
    readonly memory: number
  }
  /** The CLI gives a stream that stands still up by itself after 300 s. */
  readonly waitingModel: { readonly suspicious: Duration.Duration; readonly hung: Duration.Duration }
  /** After the time that the CLI has announced for its next try. */
  readonly backingOff: {
    readonly suspicious: Duration.Duration
    /** So many times the whole of it; and no sooner than any other answer of the model. */
    readonly hungTimes: number
  }
  /** After the tool's own limit: the CLI itself ends a command at its limit, within seconds. */
  readonly runningTool: { readonly suspicious: Duration.Duration; readonly hung: Duration.Duration }
  /** A process leaves within 50 ms of the end of its input, and is ended after a second or two. */
  readonly finishing: { readonly suspicious: Duration.Duration }
  /** How long nothing may grow any more until an answer in the transcript is taken for the last word. */
  readonly settled: Duration.Duration
  /** A transcript is written up to so long after the event that it is about. */
  readonly writing: Duration.Duration
  /**
   * The share of a core from which CPU time is a sign of life, between two looks. A process that waits for its model
   * takes 0.17 % on average, and 1.6 % at most between two looks five seconds apart, when it collects its garbage.
   */
  readonly busy: number
  /**
   * The same over the whole silence, for the model alone: taking in an answer word by word costs little, 2.2 % at 30
   * words a second and 0.8 % at 5, and shows on stdout only at the end of a block. Waiting takes 0.27 % over 330 s.
   */
  readonly busyThroughout: number
}

export const healthBounds: HealthBounds = {
  starting: { suspicious: Duration.seconds(20), hung: Duration.seconds(60), memory: 2 ** 30 },
  waitingModel: { suspicious: Duration.seconds(90), hung: Duration.seconds(330) },
  backingOff: { suspicious: Duration.seconds(15), hungTimes: 2 },
  runningTool: { suspicious: Duration.seconds(30), hung: Duration.seconds(60) },
  finishing: { suspicious: Duration.seconds(2) },
  settled: Duration.seconds(15),
  writing: Duration.seconds(2),
  busy: 0.05,
  busyThroughout: 0.01
}

/** The bounds in use: tests shorten them. */
export const HealthBounds = Context.Reference<HealthBounds>("claude-pool/domain/HealthBounds", {
  defaultValue: () => healthBounds
})
