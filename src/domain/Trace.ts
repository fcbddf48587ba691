/**
 * Where works stand in traces. The ids come from the works' own, which are random: parts that end in different processes
 * have the same trace and parents, and a span that is sent again is the same one.
 */
import type { Chain } from "./Chain.ts"
import type { Group } from "./Group.ts"
import type { Task } from "./Task.ts"
import type { WorkId } from "./WorkId.ts"

/** 64 bits, FNV-1a. */
const hashOf = (text: string): string => {
  let hash = 0xcbf29ce484222325n
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n)
  }
  // Nothing but zeros is no id.
  return (hash === 0n ? 1n : hash).toString(16).padStart(16, "0")
}

/** Of all that belongs to one work that is a part of nothing. */
export const traceIdOf = (root: WorkId): string => hashOf(`trace ${root}`) + hashOf(root)

/** A part of a work, or its run after it was taken up again, has its own; the first run has the bare id's. */
const spanIdOf = (name: string, run = 0): string => hashOf(run === 0 ? `span ${name}` : `span ${name}#${run}`)

export interface SpanPlace {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | null
}

/** The chain, and of its runs the one that was meant, by the key of a step's task or group. */
const readKey = (key: string | null, chain: string): { readonly step: string; readonly run: number } | null => {
  if (key === null || !key.startsWith(`${chain}/`)) return null
  const parts = key.split("/")
  const run = Number(parts.at(-1))
  return { step: parts[1] ?? "", run: Number.isSafeInteger(run) ? run : 0 }
}

export const placeOfChain = ({ id, resumes }: Pick<Chain, "id" | "resumes">): SpanPlace => ({
  traceId: traceIdOf(id),
  spanId: spanIdOf(id, resumes),
  parentId: resumes === 0 ? null : spanIdOf(id)
})

/** `key`: a step's name, or that of one of its rounds, which begins with it: `fix/2`. */
export const placeOfStep = ({ id, resumes }: Pick<Chain, "id" | "resumes">, key: string): SpanPlace => {
  const [step = key] = key.split("/")
  return {
    traceId: traceIdOf(id),
    spanId: spanIdOf(`${id}/${key}`, resumes),
    parentId: step === key ? spanIdOf(id, resumes) : spanIdOf(`${id}/${step}`, resumes)
  }
}

type GroupParts = Pick<Group, "id" | "key" | "retries" | "within">

const parentOfGroup = ({ id, key, retries, within }: GroupParts): string | null => {
  if (within === null) return retries === 0 ? null : spanIdOf(id)
  const step = readKey(key, within)
  return step === null ? spanIdOf(within) : spanIdOf(`${within}/${step.step}`, step.run)
}

export const placeOfGroup = (group: GroupParts): SpanPlace => ({
  traceId: traceIdOf(group.within ?? group.id),
  spanId: spanIdOf(group.id, group.retries),
  parentId: parentOfGroup(group)
})

/** `group`: the one that it is a part of. */
export const placeOfTask = (
  { id, key, parent }: Pick<Task, "id" | "key" | "parent">,
  group: Pick<Group, "within"> | null
): SpanPlace => {
  const spanId = spanIdOf(id)
  if (parent === null) return { traceId: traceIdOf(id), spanId, parentId: null }
  if (parent._tag === "Step") {
    const run = readKey(key, parent.id)?.run ?? 0
    return { traceId: traceIdOf(parent.id), spanId, parentId: spanIdOf(`${parent.id}/${parent.step}`, run) }
  }
  return { traceId: traceIdOf(group?.within ?? parent.id), spanId, parentId: spanIdOf(parent.id) }
}

export const placeOfAttempt = (task: SpanPlace, id: string, number: number): SpanPlace => ({
  traceId: task.traceId,
  spanId: spanIdOf(`${id}/${number}`),
  parentId: task.spanId
})

/** As a process is told whose part its own spans are. */
export const traceparentOf = ({ spanId, traceId }: SpanPlace): string => `00-${traceId}-${spanId}-01`
