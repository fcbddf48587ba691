/**
 * `pool://help/options`: what a task may be given, made from the schemas of the tools that start work and from the
 * settings that fill in what nobody says.
 */
import { Predicate, Schema } from "effect"
import { defaultSettings, formatSetting, keyOf, type SettingName, settingsTable } from "../../domain/Settings.ts"
import { formatOrigin } from "../../services/Configuration.ts"
import { TaskInput } from "../TaskInput.ts"
import type { Tool } from "../Tool.ts"
import type { Settled } from "./ConfigText.ts"

/** What the settings give to tasks, and what they allow. */
const givers: ReadonlyArray<SettingName> = [
  "model",
  "effort",
  "fallbackModel",
  "maxTurns",
  "permissions",
  "maxPermissions",
  "inherit",
  "taskBudgetUsd",
  "timeout",
  "stallAfter",
  "maxAttempts",
  "onCrash",
  "isolation"
]

const documented = new Map(
  Object.entries(TaskInput.fields).map(([name, field]) => [name, Schema.resolveAnnotations(field)?.documentation])
)

const inText = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value)

/** The values that a JSON Schema allows, in few words. */
const valuesOf = (schema: unknown): string => {
  if (!Predicate.isObject(schema)) return "any"
  const { enum: choices, items, type } = schema as { readonly [keyword: string]: unknown }
  if (Array.isArray(choices)) return choices.map(inText).join(", ")
  return type === "array" ? `array of ${valuesOf(items)}` : inText(type ?? "any")
}

const descriptionOf = (schema: unknown): string | undefined =>
  Predicate.hasProperty(schema, "description") ? inText(schema.description) : undefined

interface Option {
  readonly values: string
  readonly meaning: string
  readonly tools: ReadonlyArray<string>
}

/** Options by their names, and which tools take them. */
const optionsOf = (tools: ReadonlyArray<Tool>): ReadonlyMap<string, Option> => {
  const options = new Map<string, Option>()
  for (const tool of tools) {
    for (const [name, schema] of Object.entries(tool.input["properties"] ?? {})) {
      const known = options.get(name)
      options.set(name, {
        values: known?.values ?? valuesOf(schema),
        meaning: documented.get(name) ?? known?.meaning ?? descriptionOf(schema) ?? "",
        tools: [...known?.tools ?? [], tool.name]
      })
    }
  }
  return options
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/\s+/gu, " ")

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const [head = [], ...body] = rows
  return [head, head.map(() => "---"), ...body].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")
}

export const optionsText = (tools: ReadonlyArray<Tool>, settled: Settled | undefined): string => {
  const starting = tools.filter(({ input }) => Predicate.hasProperty(input["properties"], "model"))
  const options = [...optionsOf(starting)].map(([name, { meaning, tools, values }]) => [
    name,
    values,
    meaning,
    tools.length === starting.length ? "all" : tools.join(", ")
  ])
  const settings = givers.map((name) => [
    keyOf(name),
    formatSetting(name, (settled?.settings ?? defaultSettings)[name]) || "none",
    settled === undefined ? "default" : formatOrigin(settled.origins[name]),
    settingsTable[name].allowed,
    settingsTable[name].description
  ])
  return [
    "# What a task may be given",
    table([["option", "value", "meaning", "tools"], ...options]),
    "# What the settings say of tasks",
    table([["setting", "in force", "said by", "allowed", "meaning"], ...settings])
  ].join("\n\n")
}
