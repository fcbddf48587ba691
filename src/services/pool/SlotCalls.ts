/**
 * The calls of a pool about its slots: which there are, how many, and who they are.
 */
import { Effect, Option } from "effect"
import type { SlotFilter } from "../../domain/CallOptions.ts"
import { fail, type Failure } from "../../domain/Failure.ts"
import type { ScaleReply, SlotsReply, SlotView } from "../../domain/PoolView.ts"
import { InvalidRequest, NotFound } from "../../domain/RequestFailure.ts"
import { formatSlotId, type SlotId } from "../../domain/SlotId.ts"
import type { SlotChange } from "../../domain/SlotProfile.ts"
import { Slots } from "../Slots.ts"
import { Store } from "../Store.ts"
import { makeSlotViews } from "./SlotViews.ts"

const fits = ({ name, role, states }: SlotFilter) => (slot: SlotView): boolean =>
  (role === undefined || slot.role === role) && (name === undefined || slot.name === name) &&
  (states === undefined || states.includes(slot.state))

const noSlots = fail(
  new InvalidRequest({
    issues: ["slots: this pool only takes work in, and has none"],
    hint: "ask the pool that runs it: `claude-pool status` says whether there is one"
  })
)

/** Back to the same number of slots is no change, and nobody means less than one. */
const mustBeCount = (count: number): Effect.Effect<void, Failure> =>
  Number.isInteger(count) && count >= 1 ? Effect.void : fail(
    new InvalidRequest({
      issues: [`slots: ${count} is not a whole number from 1 up`],
      hint: "say how many slots there are to be more, or less"
    })
  )

export const makeSlotCalls = Effect.gen(function*() {
  const store = yield* Store
  const found = yield* Effect.serviceOption(Slots)
  const slots = Option.match(found, {
    onNone: (): Effect.Effect<Slots["Service"], Failure> => noSlots,
    onSome: (slots) => Effect.succeed(slots)
  })

  const slotViews = yield* makeSlotViews
  const views = Effect.flatMap(store.running, (running) => slotViews(running.map(([task]) => task)))

  const scaleBy = Effect.fnUntraced(function*(count: number, direction: 1 | -1): Effect.fn.Return<ScaleReply, Failure> {
    yield* mustBeCount(count)
    return yield* (yield* slots).scaleBy(count * direction)
  })

  return {
    slots: Effect.fn("Pool.slots")(function*(filter: SlotFilter = {}): Effect.fn.Return<SlotsReply, Failure> {
      if (Option.isNone(found)) return { slots: [], target: 0 }
      const target = yield* found.value.target
      return { slots: (yield* views).filter(fits(filter)), target }
    }),
    scaleUp: Effect.fn("Pool.scaleUp")((count: number) => scaleBy(count, 1)),
    scaleDown: Effect.fn("Pool.scaleDown")((count: number) => scaleBy(count, -1)),
    setTargetSlots: Effect.fn("Pool.setTargetSlots")((target: number) =>
      Effect.flatMap(slots, ({ scale }) => scale(target))
    ),
    configureSlot: Effect.fn("Pool.configureSlot")(function*(slot: SlotId, change: SlotChange) {
      const service = yield* slots
      yield* service.configure(slot, change)
      const view = (yield* views).find((one) => one.slot === formatSlotId(slot))
      return view ?? (yield* fail(new NotFound({ id: formatSlotId(slot) })))
    })
  }
})
