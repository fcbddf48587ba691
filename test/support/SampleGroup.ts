/**
 * Groups and chains to try a store with.
 */
import { Array } from "effect"
import { Chain, ChainState } from "../../src/domain/Chain.ts"
import type { ChainDefinition } from "../../src/domain/ChainDefinition.ts"
import { chainIdFrom } from "../../src/domain/ChainId.ts"
import { Group, GroupState } from "../../src/domain/Group.ts"
import { groupIdFrom } from "../../src/domain/GroupId.ts"
import { Parent } from "../../src/domain/Parent.ts"
import { idBytes } from "../../src/domain/RandomId.ts"
import { Task } from "../../src/domain/Task.ts"
import type { AcceptedOptions } from "../../src/domain/TaskRequest.ts"
import type { Member } from "../../src/services/store/GroupStore.ts"
import { at, sampleTask } from "./SampleTask.ts"

const bytes = (number: number) => Uint8Array.from({ length: idBytes }, () => number)

export const sampleGroupId = (number: number) => groupIdFrom(bytes(number))
export const sampleChainId = (number: number) => chainIdFrom(bytes(number))

export const sampleGroup = (number: number, size: number, more: Partial<Group> = {}): Group =>
  new Group({
    id: sampleGroupId(number),
    key: null,
    name: null,
    size,
    onFailure: "continue",
    concurrency: null,
    budget: null,
    reduce: null,
    defaults: {},
    within: null,
    submittedAt: at(number),
    state: GroupState.cases.Running.make({}),
    reducer: null,
    retries: 0,
    version: 1,
    ...more
  })

/** A task for an item of a group, known by `content`. */
export const sampleMember = (
  group: Group,
  index: number,
  number: number,
  more: { readonly content?: string; readonly options?: Partial<AcceptedOptions> } = {}
): Member => ({
  index,
  task: new Task({
    ...sampleTask(number, { options: more.options ?? {} }),
    parent: Parent.cases.Item.make({ id: group.id, index, content: more.content ?? `content ${index}` })
  })
})

/** A task for each item, numbered from `first` on. */
export const sampleMembers = (group: Group, first: number): ReadonlyArray<Member> =>
  Array.makeBy(group.size, (index) => sampleMember(group, index, first + index))

export const sampleDefinition: ChainDefinition = { steps: [{ name: "one", prompt: "do it" }] }

export const sampleChain = (number: number, more: Partial<Chain> = {}): Chain =>
  new Chain({
    id: sampleChainId(number),
    key: null,
    name: null,
    definition: sampleDefinition,
    vars: {},
    cwd: "/w",
    defaults: {},
    context: {},
    budget: null,
    submittedAt: at(number),
    state: ChainState.cases.Running.make({}),
    resumes: 0,
    version: 1,
    ...more
  })
