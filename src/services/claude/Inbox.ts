/**
 * What a worker is told while it works. The CLI takes a message in between two steps of the turn, or begins a further
 * turn for it when the one before has ended: so the end of a turn is not always the end of the work (measured on 2.1.329).
 */
import { Deferred, Effect, Ref, Semaphore } from "effect"
import type { SecureRandom } from "effect/crypto"
import { type ClaudeEvent, isCommandLifecycle, isResult } from "../../domain/ClaudeEvent.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { ToldMessage } from "../ClaudeCli.ts"
import type { CliProcess } from "./CliProcess.ts"

/** How a turn has ended: which messages were settled by then. What is settled later belongs to a further turn. */
export type Settled = ReadonlySet<string>

export interface Inbox {
  /** The work begins: from here on the worker can be told something. */
  readonly open: Effect.Effect<void>
  /** True once the message is part of the conversation; false when the work has ended without it. */
  readonly tell: (process: CliProcess, message: ToldMessage) => Effect.Effect<boolean>
  /** To be called with every event, in order. At the end of a turn it closes, unless there is a message left. */
  readonly after: (event: ClaudeEvent) => Effect.Effect<void>
  readonly settled: Effect.Effect<Settled>
  /** After the end of a turn: whether the worker goes on with a further one, for the sake of what it was told. */
  readonly goesOn: (process: CliProcess, settled: Settled) => Effect.Effect<boolean, Failure>
  /** The work ends: what is not taken in by now is taken back. */
  readonly close: (process: CliProcess) => Effect.Effect<void, Failure>
}

/** `sent`: the CLI has not said a word of it. `queued`: it will be taken in. */
type Stage = "sent" | "queued" | "taken" | "lost"

interface Told {
  readonly uuid: string
  readonly stage: Stage
  readonly isTaken: Deferred.Deferred<boolean>
}

interface State {
  readonly isOpen: boolean
  readonly told: ReadonlyMap<string, Told>
}

const isPending = ({ stage }: Told): boolean => stage === "sent" || stage === "queued"

const pendingOf = ({ told }: State): ReadonlyArray<Told> => [...told.values()].filter(isPending)

const settledOf = ({ told }: State): Settled =>
  new Set([...told.values()].filter((one) => !isPending(one)).map(({ uuid }) => uuid))

const stages: Readonly<Record<string, Stage>> = {
  queued: "queued",
  started: "taken",
  completed: "taken",
  cancelled: "lost"
}

/** Moves the messages with these names on; a message that is taken in stays so. */
const move = (state: State, uuids: ReadonlyArray<string>, stage: Stage): State => ({
  ...state,
  told: new Map(
    [...state.told].map(([id, one]) => [id, isPending(one) && uuids.includes(one.uuid) ? { ...one, stage } : one])
  )
})

export const makeInbox = Effect.fnUntraced(function*(random: SecureRandom.SecureRandom["Service"]) {
  const state = yield* Ref.make<State>({ isOpen: false, told: new Map() })
  // A message counts as told once it is on its way: nothing is concluded between the one and the other.
  const writing = yield* Semaphore.make(1)

  const advance = Effect.fnUntraced(function*(uuids: ReadonlyArray<string>, stage: Stage) {
    const after = yield* Ref.updateAndGet(state, (before) => move(before, uuids, stage))
    for (const one of after.told.values()) {
      if (!isPending(one)) yield* Deferred.succeed(one.isTaken, one.stage === "taken")
    }
  })

  const send = Effect.fnUntraced(function*(process: CliProcess, { id, text }: ToldMessage) {
    const fresh: Told = { uuid: yield* random.uuidV4(), stage: "sent", isTaken: yield* Deferred.make<boolean>() }
    const one = yield* Ref.modify(state, (before): readonly [Told | null, State] => {
      const known = before.told.get(id)
      if (!before.isOpen) return [null, before]
      if (known !== undefined && known.stage !== "lost") return [known, before]
      return [fresh, { ...before, told: new Map(before.told).set(id, fresh) }]
    })
    if (one === fresh) yield* process.send({ ...userMessage(plainText("Message", text)), uuid: fresh.uuid })
    return one
  })

  const tell = Effect.fn("Worker.tell")(function*(process: CliProcess, message: ToldMessage) {
    const told = yield* writing.withPermit(send(process, message))
    if (told === null) return false
    return yield* Effect.raceFirst(Deferred.await(told.isTaken), Effect.as(process.ended, false))
  })

  const after = Effect.fnUntraced(function*(event: ClaudeEvent) {
    if (isCommandLifecycle(event)) {
      const stage = stages[event.state]
      if (stage !== undefined) yield* advance([event.command_uuid], stage)
    }
    if (isResult(event)) {
      yield* advance(event.user_message_uuids ?? [], "taken")
      yield* Ref.update(state, (before) => pendingOf(before).length === 0 ? { ...before, isOpen: false } : before)
    }
  })

  const goesOn = Effect.fnUntraced(function*(process: CliProcess, settled: Settled) {
    while (true) {
      const { told } = yield* writing.withPermit(Ref.get(state))
      const rest = [...told.values()].filter(({ uuid }) => !settled.has(uuid))
      if (rest.some(({ stage }) => stage === "queued" || stage === "taken")) return true
      const unheard = rest.filter(({ stage }) => stage === "sent").map(({ uuid }) => uuid)
      if (unheard.length === 0) {
        const isDone = yield* Ref.modify(
          state,
          (before) => pendingOf(before).length === 0 ? [true, { ...before, isOpen: false }] : [false, before]
        )
        if (isDone) return false
        continue
      }
      // Lines are read in order: when this is answered, the CLI has said what it knows of the messages before it.
      yield* process.request({ subtype: "get_binary_version" })
      const still = pendingOf(yield* Ref.get(state)).filter(({ stage, uuid }) =>
        stage === "sent" && unheard.includes(uuid)
      )
      yield* advance(still.map(({ uuid }) => uuid), "lost")
    }
  })

  const close = Effect.fnUntraced(function*(process: CliProcess) {
    const closed = Ref.updateAndGet(state, (before) => ({ ...before, isOpen: false }))
    const pending = pendingOf(yield* writing.withPermit(closed)).map(({ uuid }) => uuid)
    yield* Effect.forEach(pending, (message_uuid) => process.request({ subtype: "cancel_async_message", message_uuid }))
      .pipe(Effect.ensuring(Effect.suspend(() => advance(pending, "lost"))))
  })

  return {
    open: Ref.update(state, (before) => ({ ...before, isOpen: true })),
    tell,
    after,
    settled: Effect.map(Ref.get(state), settledOf),
    goesOn,
    close
  } satisfies Inbox as Inbox
})

/** The line that hands the CLI a text of its host's: it looks for no commands and no file names in it. */
export const userMessage = (content: string) => ({
  type: "user",
  message: { role: "user", content },
  parent_tool_use_id: null,
  client_composed: true
})

/** A text must not begin with what the CLI reads as a command, a file or a shell: a line before it makes it plain text. */
export const plainText = (heading: string, text: string): string =>
  /^\s*[/@!#&-]/.test(text) ? `${heading}:\n${text}` : text
