/**
 * What the reaper has been told to watch, and how it ends that.
 */
import type { ProcessTable } from "../layers/processes/ProcessTable.ts"

/** As a pool makes them: half of one must not be taken for a whole one, for it would fit others' processes too. */
const order = /^([+-])([0-9a-f]{32})$/

/**
 * How long nothing has to be found. A process that the pool had just begun to start when it was killed carries its marker
 * only with its own program: that takes less than a millisecond, and a few hundred on a machine that is out of breath.
 */
const quietMs = 500

const pauseMs = 10

/** What is not gone by then waits for a disk or the like, and the next pool on the same store looks for it. */
const givesUpMs = 10_000

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

export class Watch {
  readonly #markers = new Set<string>()
  readonly #table: ProcessTable

  constructor(table: ProcessTable) {
    this.#table = table
  }

  /** A line without its end. False where it says nothing that is understood. */
  obey(line: string): boolean {
    const [, sign, marker] = order.exec(line) ?? []
    if (marker === undefined) return false
    if (sign === "+") this.#markers.add(marker)
    else this.#markers.delete(marker)
    return true
  }

  /** One look: how many there were. All of them have been told to end. */
  #strike(): number {
    let found = 0
    for (const marker of this.#markers) {
      for (const it of this.#table.marked(marker)) {
        found++
        this.#table.signal(it, marker, "SIGKILL")
      }
    }
    return found
  }

  /** Ends all that carries one of the markers, until nothing has been found for a while. */
  async end(): Promise<void> {
    if (this.#markers.size === 0) return
    const began = performance.now()
    let lastFound = began
    for (let now = began; now - lastFound < quietMs && now - began < givesUpMs; now = performance.now()) {
      if (this.#strike() > 0) lastFound = performance.now()
      // oxlint-disable-next-line eslint/no-await-in-loop -- one look after the other
      await after(pauseMs)
    }
  }
}
