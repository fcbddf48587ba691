/**
 * The tables of the README: those of the command line, and what it takes the whole program to make, its commands and tools.
 */
import { Effect, Layer } from "effect"
import type { Command } from "effect/cli"
import { claudePool } from "../../src/cli/ClaudePool.ts"
import { code, markdownTable, ownReferences, type References } from "../../src/cli/Reference.ts"
import { Toolset } from "../../src/domain/Toolset.ts"
import { poolTools } from "../../src/mcp/tools/PoolTools.ts"
import { Clients } from "../../src/services/Clients.ts"
import { Configuration } from "../../src/services/Configuration.ts"
import { Doctor } from "../../src/services/Doctor.ts"
import { Host } from "../../src/services/Host.ts"
import { Plans } from "../../src/services/Plans.ts"
import { Pool } from "../../src/services/Pool.ts"

const unused = Effect.die("only looked at")

const program = claudePool({
  configuration: () => Layer.effect(Configuration, unused),
  pool: () => Layer.effect(Pool, unused),
  host: Layer.merge(Layer.effect(Pool, unused), Layer.effect(Clients, unused)),
  control: Layer.effect(Host, unused),
  doctor: Layer.effect(Doctor, unused),
  plans: Layer.effect(Plans, unused),
  serve: unused,
  script: "",
  serveHttp: () => unused
})

const commandsIn = (command: Command.Command.Any, above = ""): ReadonlyArray<readonly [name: string, does: string]> =>
  command.subcommands.flatMap(({ commands }) => commands).flatMap((one) => {
    const name = `${above}${one.name}`
    return commandsIn(one, `${name} `).toSpliced(0, 0, [name, one.description ?? ""])
  })

/** Every command that there is, such as `context set`, with what it does. */
export const commands = commandsIn(program)

/** Every tool of the MCP server, by the set that it is in. */
export const tools = Toolset.literals.flatMap((set) => poolTools([set]).map((tool) => ({ set, tool })))

export const readmeTables: References = {
  ...ownReferences,
  commands: () => markdownTable(["command", "what it does"], commands.map(([name, does]) => [code(name), does])),
  tools: () =>
    markdownTable(
      ["tool", "what it is for", "set"],
      tools.map(({ set, tool }) => [code(tool.name), tool.title, code(set)])
    )
}
