#!/usr/bin/env node
/**
 * The entry point, and no more than has to happen before the program is loaded. V8 keeps what it makes of the program's
 * text in the user's cache directory: the next start reads it there, and is a quarter faster.
 */
// oxlint-disable-next-line import/no-unassigned-import -- it has to have happened before anything else is loaded
import "./layers/NodeVersion.ts"
// As a whole: an older Node, which is to be told so, lacks the function, and would refuse to load its name.
import module from "node:module"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import process from "node:process"
import metadata from "../package.json" with { type: "json" }

const cacheHome = process.env["XDG_CACHE_HOME"] ?? ""
const program = import.meta.url.endsWith(".ts") ? "./program.ts" : "./program.js"

if (process.argv.length === 3 && process.argv[2] === "--version") {
  process.stdout.write(`${metadata.name} v${metadata.version}\n`)
} else {
  module.enableCompileCache(join(isAbsolute(cacheHome) ? cacheHome : join(homedir(), ".cache"), metadata.name))
  await import(new URL(program, import.meta.url).href)
}
