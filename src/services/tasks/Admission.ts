/**
 * The door: what a request must be before it is accepted, and what the settings add to it. Nothing is spent here.
 */
import { Cache, DateTime, Effect, Exit, FileSystem, Option, Path, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import type { ChainId } from "../../domain/ChainId.ts"
import { expectIssues } from "../../domain/Expect.ts"
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
  isolationOf,
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

/** Rights that a profile does not give by itself: tools by name, commands and servers that run them, no questions asked. */
const widens = (options: AcceptedOptions): boolean =>
  options.permissionMode === "bypassPermissions" || (options.allowedTools?.length ?? 0) > 0 ||
  Object.keys(options.mcpServers ?? {}).length > 0 || (options.expect?.commands?.length ?? 0) > 0

/** What begins somewhere, and what can be told only of work that is alone, asks for a workspace. */
const mustBeTellable = (options: AcceptedOptions) => {
  const isolation = isolationOf(options)
  const issues = expectIssues(options)
  const base = options.base !== undefined && isolation === "shared"
    ? ["base: it says where a branch begins, and a task that shares its directory has none"]
    : []
  return issues.length + base.length === 0
    ? Effect.void
    : invalid([...base, ...issues], "give it a workspace with isolation task, or leave out what needs one")
}

/** A session goes on only where it was begun, and a workspace may be gone. */
const mustBeThere = (from: AcceptedOptions, options: AcceptedOptions) => {
  const [then, now] = [isolationOf(from), isolationOf(options)]
  const isThere = then === "shared" ? now === "shared" : from.workspaceOf === options.workspaceOf
  return isThere && (then === "shared" || from.workspaceOf !== undefined) ? Effect.void : invalid(
    ["continueFrom: it goes on from a session of another directory: a workspace of its own is not gone on with"],
    "say in the prompt what was done before, and name its branch as the base"
  )
}

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
  const earlier = Effect.fnUntraced(function*(id: TaskId): Effect.fn.Return<AcceptedOptions, Failure> {
    const found = yield* store.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
    if (!found.value.isFinished) {
      return yield* invalid([`continueFrom: ${id} has not finished`], `wait for ${id} first`)
    }
    if (Option.isNone(yield* store.sessionOf(id))) {
      return yield* new Failure({ reason: new SessionLost({ session: `of task ${id}` }) })
    }
    return found.value.options
  })

  return Effect.fn("Tasks.prepare")(function*(
    input: TaskRequest,
    parent: Parent | null,
    within: ChainId | null = parent?._tag === "Step" ? parent.id : null
  ): Effect.fn.Return<Task, Failure> {
    const { key, prompt, ...asked } = yield* Effect.mapError(
      decode(input),
      (error) => invalid(issueLines(error), "correct the fields named and submit again")
    )
    const from = asked.continueFrom === undefined ? null : yield* earlier(asked.continueFrom)
    const said: TaskOptions = { ...(from === null ? {} : { cwd: from.cwd, isolation: isolationOf(from) }), ...asked }
    const unsaid = SlotOption.literals.filter((name) => said[name] === undefined)
    const options: AcceptedOptions = {
      ...defaults,
      ...said,
      ...(unsaid.length === 0 ? {} : { unsaid }),
      ...(within !== null && (said.isolation ?? defaults.isolation) === "chain" ? { workspaceOf: within } : {})
    }
    if (from !== null) yield* mustBeThere(from, options)
    yield* mustAllow(options)
    yield* mustHaveSlot(options)
    yield* mustBeTellable(options)
    yield* Cache.get(directories, options.cwd)
    const id = taskIdFrom(yield* random.randomBytes(idBytes))
    return acceptTask({ id, prompt, key: key ?? null, options, parent, now: yield* DateTime.now })
  })
})
