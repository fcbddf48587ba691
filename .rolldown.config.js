// Five bundles, each of one file: the command's first steps, the program that they load, the simulator, the reaper, and
// the library.
import { fileURLToPath } from "node:url"
import { defineConfig } from "rolldown"
import { planSchema } from "./src/domain/PlanSchema.ts"

const node = { platform: "node", treeshake: true }
/** See there: it makes the program start a tenth faster. */
const segmenter = fileURLToPath(new URL("./src/cli/Segmenter.ts", import.meta.url))
const transform = { inject: { "Intl.Segmenter": [segmenter, "Segmenter"] } }
const minified = { format: "esm", minify: true, comments: false, codeSplitting: false }

/** What editors check plan files with. */
const schema = {
  name: "plan-schema",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "plan.schema.json", source: `${JSON.stringify(planSchema(), null, 2)}\n` })
  }
}

export default defineConfig([
  { ...node, plugins: [schema], input: "src/main.ts", output: { ...minified, file: "dist/claude-pool.js" } },
  { ...node, transform, input: "src/program.ts", output: { ...minified, file: "dist/program.js" } },
  { ...node, input: "src/simulator.ts", output: { ...minified, file: "dist/simulator.js" } },
  { ...node, input: "src/reaper.ts", output: { ...minified, file: "dist/reaper.js" } },
  {
    ...node,
    input: "src/index.ts",
    external: [/^effect/, /^yaml$/, /^@effect\//, /^@modelcontextprotocol\//],
    output: { format: "esm", file: "dist/index.js", codeSplitting: false }
  }
])
