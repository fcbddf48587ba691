/**
 * The file that is run as this program: it lies beside the bundle, and one folder up from this source.
 */
import { fileURLToPath } from "node:url"

export const programFile = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../main.ts" : "./claude-pool.js", import.meta.url)
)
