/**
 * What a slot may be told to be: rights within those of the pool, and a directory that is there.
 */
import { Effect, FileSystem, Option, Path, Schema } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { issueLines } from "../../domain/Issues.ts"
import { isWithin, type Permissions } from "../../domain/Permissions.ts"
import { InvalidRequest, PermissionRefused } from "../../domain/RequestFailure.ts"
import { SlotChange } from "../../domain/SlotProfile.ts"

const decode = Schema.decodeUnknownEffect(Schema.toType(SlotChange), { errors: "all", onExcessProperty: "error" })

const invalid = (issues: ReadonlyArray<string>, hint: string) =>
  new Failure({ reason: new InvalidRequest({ issues, hint }) })

export const makeSlotCheck = Effect.fnUntraced(function*(maxPermissions: Permissions) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  return Effect.fnUntraced(function*(asked: SlotChange): Effect.fn.Return<SlotChange, Failure> {
    const change = yield* Effect.mapError(
      decode(asked),
      (error) => invalid(issueLines(error), "correct the fields named")
    )
    const { cwd = null, permissions = null } = change
    if (permissions !== null && !isWithin(permissions, maxPermissions)) {
      return yield* new Failure({ reason: new PermissionRefused({ asked: permissions, ceiling: maxPermissions }) })
    }
    if (cwd === null) return change
    if (!path.isAbsolute(cwd)) {
      return yield* invalid([`cwd: ${cwd} is not an absolute path`], "give the whole path of the slot's directory")
    }
    const info = yield* Effect.option(fs.stat(cwd))
    return Option.isSome(info) && info.value.type === "Directory"
      ? change
      : yield* invalid([`cwd: ${cwd} is not a directory`], "name a directory that there is")
  })
})
