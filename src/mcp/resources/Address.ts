/**
 * The addresses of what a client can read of a pool: `pool://…`.
 */
import { Data } from "effect"
import type { TaskId } from "../../domain/TaskId.ts"
import { isChainId, isGroupId, isTaskId, type WorkId } from "../../domain/WorkId.ts"

export const statusAddress = "pool://status"
export const configAddress = "pool://config"
export const optionsAddress = "pool://help/options"

export const workAddress = (id: WorkId): string =>
  `pool://${isTaskId(id) ? "tasks" : isGroupId(id) ? "groups" : "chains"}/${id}`

export const outputAddress = (id: TaskId): string => `${workAddress(id)}/output`

/** The templates, by what their ids are of. */
export const templates = {
  task: "pool://tasks/{id}",
  output: "pool://tasks/{id}/output",
  chain: "pool://chains/{id}",
  group: "pool://groups/{id}"
} as const

export type Address = Data.TaggedEnum<{
  Status: {}
  Config: {}
  Options: {}
  Work: { readonly id: WorkId }
  Output: { readonly id: TaskId }
}>
export const Address = Data.taggedEnum<Address>()

const pattern = /^pool:\/\/(tasks|groups|chains)\/([a-z0-9_]+)(\/output)?$/

const isOf = { tasks: isTaskId, groups: isGroupId, chains: isChainId }

const isFolder = (name: string): name is keyof typeof isOf => Object.hasOwn(isOf, name)

/** Undefined: nothing can ever be there. */
export const parseAddress = (uri: string): Address | undefined => {
  if (uri === statusAddress) return Address.Status()
  if (uri === configAddress) return Address.Config()
  if (uri === optionsAddress) return Address.Options()
  const [, folder = "", id = "", output] = pattern.exec(uri) ?? []
  if (!isFolder(folder)) return undefined
  const isOne: (id: string) => id is WorkId = isOf[folder]
  if (!isOne(id)) return undefined
  if (output === undefined) return Address.Work({ id })
  return isTaskId(id) ? Address.Output({ id }) : undefined
}
