/**
 * What Node makes of the program's modules is the same for all tests: kept in one place, it is made once, and not in every
 * test's own home.
 */
import { fileURLToPath } from "node:url"

const directory = fileURLToPath(new URL("../../node_modules/.cache/node", import.meta.url))

/** For the environment of a process that runs the program. */
export const compileCache: Readonly<Record<string, string>> = { NODE_COMPILE_CACHE: directory }
