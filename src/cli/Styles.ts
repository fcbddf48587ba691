/**
 * Colour, where there is somebody to see it: on a terminal, and not with NO_COLOR.
 */
import { Context } from "effect"
import type { Machine } from "../services/Machine.ts"

export type Style = (text: string) => string

export interface Palette {
  readonly good: Style
  readonly warn: Style
  readonly bad: Style
  readonly strong: Style
  readonly faint: Style
}

const sgr = (code: number): Style => (text) => `\u001b[${code}m${text}\u001b[0m`
const plain: Style = (text) => text

const colour: Palette = { good: sgr(32), warn: sgr(33), bad: sgr(31), strong: sgr(1), faint: sgr(2) }
const none: Palette = { good: plain, warn: plain, bad: plain, strong: plain, faint: plain }

export interface Styles {
  readonly stdout: Palette
  readonly stderr: Palette
  /** For what brings a palette of its own. */
  readonly colours: boolean
}

export const Styles = Context.Reference<Styles>("claude-pool/cli/Styles", {
  defaultValue: () => ({ stdout: none, stderr: none, colours: false })
})

export const stylesOf = (machine: Machine["Service"]): Styles => {
  const wanted = (machine.env["NO_COLOR"] ?? "") === "" && machine.env["TERM"] !== "dumb"
  return {
    stdout: wanted && machine.stdoutIsTerminal ? colour : none,
    stderr: wanted && machine.stderrIsTerminal ? colour : none,
    colours: wanted && machine.stdoutIsTerminal
  }
}
