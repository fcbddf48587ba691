/**
 * Who waits for the end of groups. They are told once it is on record.
 */
import { Deferred, Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Group } from "../../domain/Group.ts"
import type { GroupId } from "../../domain/GroupId.ts"

export const makeGroupEnds = () => {
  const waits = new Map<GroupId, Deferred.Deferred<Group, Failure>>()

  const close = (id: GroupId, outcome: Effect.Effect<Group, Failure>) =>
    Effect.suspend(() => {
      const wait = waits.get(id)
      waits.delete(id)
      return wait === undefined ? Effect.void : Effect.asVoid(Deferred.completeWith(wait, outcome))
    })

  return {
    /** From now on, the end of a group is not missed. */
    wait: (id: GroupId) =>
      Effect.sync(() => {
        const wait = waits.get(id) ?? Deferred.makeUnsafe<Group, Failure>()
        waits.set(id, wait)
        return Deferred.await(wait)
      }),
    announce: (group: Group) => group.isFinished ? close(group.id, Effect.succeed(group)) : Effect.void,
    /** Tells whoever waits that nobody will know the end. */
    giveUp: (id: GroupId, failure: Failure) => close(id, Effect.fail(failure))
  }
}

export type GroupEnds = ReturnType<typeof makeGroupEnds>
