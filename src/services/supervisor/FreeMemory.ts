/**
 * Holds work back while the machine has too little free memory for it. Nothing that runs is ended for that.
 */
import { Effect, Ref } from "effect"
import { roughBytes } from "../../domain/ByteSize.ts"
import type { Holds } from "../Holds.ts"
import type { Processes } from "../Processes.ts"

/** So much more than the least has to be free before work goes on: else it would go on and stop all the time. */
const slack = 1.25

export const makeFreeMemory = Effect.fnUntraced(function*(
  least: number,
  processes: Processes["Service"],
  holds: Holds["Service"]
) {
  const free = yield* Ref.make<number | null>(null)
  const isHeld = yield* Ref.make(false)

  const look = Effect.gen(function*() {
    const { availableBytes, totalBytes } = yield* processes.memory
    yield* Ref.set(free, availableBytes)
    const held = yield* Ref.get(isHeld)
    if (!held && availableBytes < least) {
      yield* holds.place({
        cause: "memory",
        detail: `${roughBytes(availableBytes)} of ${roughBytes(totalBytes)} are free, less than ${roughBytes(least)}`,
        hint: "end other programs or use fewer slots; --min-free-memory says how much has to be free",
        probeAfter: null
      })
      yield* Ref.set(isHeld, true)
    }
    if (held && availableBytes >= least * slack) {
      yield* holds.lift("memory")
      yield* Ref.set(isHeld, false)
    }
  })

  return { look, free: Ref.get(free), isHeld: Ref.get(isHeld) }
})
