/**
 * The door: what a request must be before it is accepted, and what the settings add to it. Nothing is spent here.
 */
import { Cache, DateTime, Effect, Exit, FileSystem, Option, Path, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { Failure } from "../../domain/Failure.ts"
import { issueLines } from "../../domain/Issues.ts"
import type { Parent } from "../../domain/Parent.ts"
import { isWithin, type Permissions } from "../../domain/Permissions.ts"
import { idBytes } from "../../domain/RandomId.ts"
import { InvalidRequest, NotFound, PermissionRefused } from "../../domain/RequestFailure.ts"
import { acceptTask, type Task } from "../../domain/Task.ts"
import { type TaskId, taskIdFrom } from "../../domain/TaskId.ts"
import {
  type AcceptedOptions,
  SlotOption,
  type TaskDefaults,
  type TaskOptions,
  TaskRequest
} from "../../domain/TaskRequest.ts"
import { SessionLost } from "../../domain/WorkerFailure.ts"
import { Store } from "../Store.ts"

export interface AdmissionOptions {
  readonly defaults: TaskDefaults
  /** The most that a request may ask for. */
  readonly maxPermissions: Permissions
  /** The roles that its slots have at the moment; null where it has no slots, and does not know. */
  readonly roles: (() => ReadonlyArray<string>) | null
}

const decode = Schema.decodeUnknownEffect(Schema.toType(TaskRequest), { errors: "all", onExcessProperty: "error" })

const invalid = (issues: ReadonlyArray<string>, hint: string) =>
  new Failure({ reason: new InvalidRequest({ issues, hint }) })

/** Rights that a profile does not give by itself: tools by name, servers that run commands, no questions asked. */
const widens = (options: AcceptedOptions): boolean =>
  options.permissionMode === "bypassPermissions" || (options.allowedTools?.length ?? 0) > 0 ||
  Object.keys(options.mcpServers ?? {}).length > 0

/** Makes a task of a request, or says what is wrong with it. */
export const makeAdmission = Effect.fnUntraced(function*({ defaults, maxPermissions, roles }: AdmissionOptions) {
  const store = yield* Store
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const random = yield* SecureRandom.SecureRandom

  const mustAllow = (options: AcceptedOptions) => {
    const asked = widens(options) ? "full" : options.permissions
    return isWithin(asked, maxPermissions)
      ? Effect.void
      : new Failure({ reason: new PermissionRefused({ asked, ceiling: maxPermissions }) })
  }

  const mustHaveSlot = ({ role }: AcceptedOptions) => {
    if (role === undefined || roles === null) return Effect.void
    const now = roles()
    if (now.includes(role)) return Effect.void
    const there = now.length === 0 ? "there are none" : `there are ${now.join(", ")}`
    return invalid(
      [`role: no slot has the role ${role}; ${there}`],
      "name a role that there is, or leave it out; the setting slot_profiles gives roles to slots"
    )
  }

  const checkDirectory = Effect.fnUntraced(function*(cwd: string) {
    if (!path.isAbsolute(cwd)) {
      return yield* invalid([`cwd: ${cwd} is not an absolute path`], "give the whole path of the working directory")
    }
    const info = yield* Effect.option(fs.stat(cwd))
    if (Option.isNone(info) || info.value.type !== "Directory") {
      return yield* invalid([`cwd: ${cwd} is not a directory`], "name an existing directory with --cwd")
    }
  })

  // The tasks of a group come all at once and mostly for one directory: it is looked at once.
  const directories = yield* Cache.makeWith(checkDirectory, {
    capacity: 100,
    timeToLive: (exit) => Exit.isSuccess(exit) ? "1 second" : "0 seconds"
  })

  /** The task to go on from: its directory is taken over, for a session belongs to one. */
  const earlier = Effect.fnUntraced(function*(id: TaskId): Effect.fn.Return<Pick<TaskOptions, "cwd">, Failure> {
    const found = yield* store.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
    if (!found.value.isFinished) {
      return yield* invalid([`continueFrom: ${id} has not finished`], `wait for ${id} first`)
    }
    if (Option.isNone(yield* store.sessionOf(id))) {
      return yield* new Failure({ reason: new SessionLost({ session: `of task ${id}` }) })
    }
    return { cwd: found.value.options.cwd }
  })

  return Effect.fn("Tasks.prepare")(function*(
    input: TaskRequest,
    parent: Parent | null
  ): Effect.fn.Return<Task, Failure> {
    const { key, prompt, ...asked } = yield* Effect.mapError(
      decode(input),
      (error) => invalid(issueLines(error), "correct the fields named and submit again")
    )
    const from: Pick<TaskOptions, "cwd"> = asked.continueFrom === undefined ? {} : yield* earlier(asked.continueFrom)
    const said = { ...from, ...asked }
    const unsaid = SlotOption.literals.filter((name) => said[name] === undefined)
    const options: AcceptedOptions = { ...defaults, ...said, ...(unsaid.length === 0 ? {} : { unsaid }) }
    yield* mustAllow(options)
    yield* mustHaveSlot(options)
    yield* Cache.get(directories, options.cwd)
    const id = taskIdFrom(yield* random.randomBytes(idBytes))
    return acceptTask({ id, prompt, key: key ?? null, options, parent, now: yield* DateTime.now })
  })
})
