/**
 * The whole command: every subcommand, each over as much of a pool as it needs.
 */
import type { Effect, Layer } from "effect"
import { Command } from "effect/cli"
import type { Failure } from "../domain/Failure.ts"
import type { PoolMode } from "../domain/PoolMode.ts"
import type { SettingTexts } from "../domain/Settings.ts"
import type { Clients } from "../services/Clients.ts"
import type { Configuration } from "../services/Configuration.ts"
import type { Doctor } from "../services/Doctor.ts"
import { Foreground } from "../services/Foreground.ts"
import type { Host } from "../services/Host.ts"
import type { Plans } from "../services/Plans.ts"
import type { Pool } from "../services/Pool.ts"
import { approve } from "./approve.ts"
import { auto } from "./auto.ts"
import { cancel } from "./cancel.ts"
import { chain } from "./chain.ts"
import { chainResume } from "./chain/resume.ts"
import { chainSchema } from "./chain/schema.ts"
import { config } from "./config.ts"
import { context } from "./context.ts"
import { contextDelete } from "./context/delete.ts"
import { contextGet } from "./context/get.ts"
import { contextList } from "./context/list.ts"
import { contextSet } from "./context/set.ts"
import { diff } from "./diff.ts"
import { doctor } from "./doctor.ts"
import { drain } from "./drain.ts"
import { explain } from "./explain.ts"
import { fanOut } from "./fan-out.ts"
import { init } from "./init.ts"
import { list } from "./list.ts"
import { logs } from "./logs.ts"
import { checkServer, mcp } from "./mcp.ts"
import { merge } from "./merge.ts"
import { mergeList } from "./merge/list.ts"
import { mergeUndo } from "./merge/undo.ts"
import { message } from "./message.ts"
import { messageList } from "./message/list.ts"
import { messageRead } from "./message/read.ts"
import { messageSend } from "./message/send.ts"
import { metrics } from "./metrics.ts"
import { notForWorkers } from "./NotForWorkers.ts"
import { output } from "./output.ts"
import { plan } from "./plan.ts"
import { plans } from "./plans.ts"
import { prune } from "./prune.ts"
import { reject } from "./reject.ts"
import { result } from "./result.ts"
import { resume } from "./resume.ts"
import { retry } from "./retry.ts"
import { root } from "./Root.ts"
import { route } from "./route.ts"
import { mayAsk } from "./RouteFlags.ts"
import { run } from "./run.ts"
import { scale } from "./scale.ts"
import { serve } from "./serve.ts"
import { settingTexts } from "./SettingFlags.ts"
import { slots } from "./slots.ts"
import { slotsSet } from "./slots/set.ts"
import { status } from "./status.ts"
import { stop } from "./stop.ts"
import { submit } from "./submit.ts"
import { wait } from "./wait.ts"
import { watch } from "./watch.ts"
import { worktrees } from "./worktrees.ts"
import { worktreesPrune } from "./worktrees/prune.ts"
import { worktreesRescue } from "./worktrees/rescue.ts"
import { worktreesShow } from "./worktrees/show.ts"

export interface Wiring<A, B, C, D, E, F> {
  /** From what the flags say, and all else that can say a setting. */
  readonly configuration: (flags: SettingTexts) => Layer.Layer<Configuration, Failure, A>
  readonly pool: (mode: PoolMode) => Layer.Layer<Pool, Failure, B>
  /** The pool of the process that has it for all. */
  readonly host: Layer.Layer<Pool | Clients, Failure, B>
  /** That process, from the outside. */
  readonly control: Layer.Layer<Host, Failure, F>
  readonly doctor: Layer.Layer<Doctor, Failure, C>
  readonly plans: Layer.Layer<Plans, Failure, D>
  /** The MCP server: until its client goes. */
  readonly serve: Effect.Effect<void, Failure, E>
  /** The file that is run as this program. */
  readonly script: string
  /** The same over HTTP: until it is told to end. */
  readonly serveHttp: (port: number) => Effect.Effect<void, Failure, E>
}

export const claudePool = <A, B, C, D, E, F>(wiring: Wiring<A, B, C, D, E, F>) => {
  const reader = wiring.pool("reader")
  const intake = wiring.pool("intake")
  const accept = wiring.pool("accept")
  const batch = wiring.pool("batch")
  const control = wiring.pool("control")
  /** Waits for its work, unless it only hands it in. */
  const worked = (detach: boolean) => detach ? accept : batch
  /** What is only looked at needs no more than a reader. */
  const planned = ({ detach, dryRun }: { readonly detach: boolean; readonly dryRun: boolean }) =>
    dryRun ? reader : worked(detach)
  return root.pipe(
    Command.withSubcommands([
      {
        group: "WORK",
        commands: [
          run.pipe(Command.provide(wiring.pool("run"))),
          submit.pipe(Command.provide(accept)),
          fanOut.pipe(Command.provide(({ detach }) => worked(detach))),
          chain.pipe(
            Command.provide((flags) => planned(flags)),
            Command.withSubcommands([{
              group: "COMMANDS",
              commands: [
                chainResume.pipe(
                  Command.provide((flags) => planned(flags)),
                  Command.provideEffectDiscard(notForWorkers("take up a chain again"))
                ),
                chainSchema
              ]
            }])
          ),
          plan.pipe(
            Command.provide((flags) => planned(flags)),
            Command.provide(wiring.plans)
          ),
          auto.pipe(Command.provide(({ detach }) => worked(detach))),
          wait.pipe(Command.provide(wiring.pool("wait"))),
          cancel.pipe(Command.provide(intake)),
          retry.pipe(
            Command.provide(({ detach }) => worked(detach)),
            Command.provideEffectDiscard(notForWorkers("run work again"))
          ),
          mcp({ stdio: wiring.serve, http: wiring.serveHttp }).pipe(
            Command.provide(wiring.pool("coordinator")),
            Command.provideEffectDiscard(checkServer)
          )
        ]
      },
      {
        group: "REVIEW",
        commands: [
          approve.pipe(Command.provide(accept), Command.provideEffectDiscard(notForWorkers("approve a result"))),
          reject.pipe(Command.provide(accept), Command.provideEffectDiscard(notForWorkers("reject a result"))),
          diff.pipe(Command.provide(reader)),
          merge.pipe(
            Command.provide(control),
            Command.provide(Foreground.layer),
            Command.provideEffectDiscard(notForWorkers("merge branches")),
            Command.withSubcommands([{
              group: "COMMANDS",
              commands: [
                mergeUndo.pipe(
                  Command.provide(control),
                  Command.provideEffectDiscard(notForWorkers("take a landing back"))
                ),
                mergeList.pipe(Command.provide(control))
              ]
            }])
          )
        ]
      },
      {
        group: "LOOK",
        commands: [
          // What a task waits for, the pool knows that runs it.
          result.pipe(Command.provide(control)),
          output.pipe(Command.provide(reader)),
          // From the store itself: so it goes on over the end of a pool, and the beginning of another.
          logs.pipe(Command.provide(reader)),
          explain.pipe(Command.provide(control)),
          list.pipe(Command.provide(control)),
          status.pipe(Command.provide(control)),
          metrics.pipe(Command.provide(reader)),
          watch(control),
          plans.pipe(Command.provide(wiring.plans)),
          route.pipe(Command.provide((flags) => mayAsk(flags) ? wiring.pool("run") : reader))
        ]
      },
      {
        group: "POOL",
        commands: [
          serve.pipe(Command.provide(wiring.host), Command.provideEffectDiscard(notForWorkers("run a pool"))),
          stop.pipe(Command.provide(wiring.control), Command.provideEffectDiscard(notForWorkers("end the pool"))),
          slots.pipe(
            Command.provide(control),
            Command.withSubcommands([{
              group: "COMMANDS",
              commands: [
                slotsSet.pipe(Command.provide(control), Command.provideEffectDiscard(notForWorkers("change a slot")))
              ]
            }])
          ),
          scale.pipe(Command.provide(control), Command.provideEffectDiscard(notForWorkers("scale the pool"))),
          drain.pipe(Command.provide(control), Command.provideEffectDiscard(notForWorkers("drain the pool"))),
          resume.pipe(Command.provide(control), Command.provideEffectDiscard(notForWorkers("resume the pool"))),
          prune.pipe(Command.provide(control), Command.provideEffectDiscard(notForWorkers("throw work away"))),
          worktrees.pipe(
            Command.provide(control),
            Command.withSubcommands([{
              group: "COMMANDS",
              commands: [
                worktreesShow.pipe(Command.provide(control)),
                worktreesRescue.pipe(
                  Command.provide(control),
                  Command.provideEffectDiscard(notForWorkers("rescue what is in a worktree"))
                ),
                worktreesPrune.pipe(
                  Command.provide(control),
                  Command.provideEffectDiscard(notForWorkers("put worktrees away"))
                )
              ]
            }])
          )
        ]
      },
      {
        group: "TELL",
        commands: [
          context.pipe(Command.withSubcommands([{
            group: "COMMANDS",
            commands: [
              contextSet.pipe(Command.provide(intake), Command.provideEffectDiscard(notForWorkers("set context"))),
              contextGet.pipe(Command.provide(reader)),
              contextDelete.pipe(
                Command.provide(intake),
                Command.provideEffectDiscard(notForWorkers("delete context"))
              ),
              contextList.pipe(Command.provide(reader))
            ]
          }])),
          message.pipe(
            Command.withSubcommands([{
              group: "COMMANDS",
              commands: [
                messageSend.pipe(Command.provide(intake)),
                messageRead.pipe(Command.provide(({ peek }) => peek ? reader : intake)),
                messageList.pipe(Command.provide(reader))
              ]
            }]),
            Command.provideEffectDiscard(notForWorkers("send or read messages but with the tools that it is given"))
          )
        ]
      },
      {
        group: "SET UP",
        commands: [
          init(wiring.script).pipe(Command.provideEffectDiscard(notForWorkers("set up a project"))),
          config,
          doctor.pipe(Command.provide(wiring.doctor))
        ]
      }
    ]),
    Command.provide(({ settings }) => wiring.configuration(settingTexts(settings)))
  )
}
