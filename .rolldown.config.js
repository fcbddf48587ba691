// Five bundles: the command's first steps, the program that they load, the simulator, the reaper, and the library. The
// program has parts of its own for what only some commands need, which are loaded when they do; all else is one file.
import { fileURLToPath } from "node:url"
import { defineConfig } from "rolldown"
import { planSchema } from "./src/domain/PlanSchema.ts"

const node = { platform: "node", treeshake: true }
/** See there: it makes the program start a tenth faster. */
const segmenter = fileURLToPath(new URL("./src/cli/Segmenter.ts", import.meta.url))
/** See there, too. */
const resolve = { alias: { "node:process": fileURLToPath(new URL("./src/layers/GlobalProcess.ts", import.meta.url)) } }
const transform = { inject: { "Intl.Segmenter": [segmenter, "Segmenter"] } }
const minified = { format: "esm", minify: true, comments: false, codeSplitting: false }

/** All that every command starts with, and what is loaded later, by where that begins. They lie beside each other. */
const parts = [
  { name: "program", tags: ["$initial"], priority: 3 },
  { name: "socket", test: /src[\\/]layers[\\/](PoolSocket|HostPool|HostControl)\.ts$|src[\\/]services[\\/]pool[\\/]Remote\.ts$|[\\/](CanonicalJson\.ts|FiberSet\.js)$/, priority: 2 },
  { name: "pool", test: /src[\\/]layers[\\/](OwnPool|Examination)\.ts$|src[\\/]services[\\/]pool[\\/]Working\.ts$/, priority: 1 },
  { name: "plan", test: /src[\\/]domain[\\/]Plan(Text|Schema)\.ts$/, priority: 1 },
  { name: "mcp", test: /src[\\/](layers[\\/]McpStdio|mcp[\\/]PoolOffer)\.ts$/, priority: 1 },
  { name: "mcp-http", test: /src[\\/]layers[\\/]McpHttp\.ts$/ },
  { name: "otlp", test: /src[\\/]layers[\\/]OtlpTelemetry\.ts$/ },
  { name: "watch", test: /src[\\/]cli[\\/]watch[\\/]/ },
  { name: "init", test: /src[\\/]cli[\\/]init[\\/]/ }
]
const inParts = { ...minified, dir: "dist", chunkFileNames: "[name].js", codeSplitting: { groups: parts } }

/** What editors check plan files with. */
const schema = {
  name: "plan-schema",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "plan.schema.json", source: `${JSON.stringify(planSchema(), null, 2)}\n` })
  }
}

export default defineConfig([
  { ...node, plugins: [schema], resolve, input: "src/main.ts", output: { ...minified, file: "dist/claude-pool.js" } },
  { ...node, resolve, transform, input: "src/program.ts", output: inParts },
  { ...node, input: "src/simulator.ts", output: { ...minified, file: "dist/simulator.js" } },
  { ...node, input: "src/reaper.ts", output: { ...minified, file: "dist/reaper.js" } },
  {
    ...node,
    input: "src/index.ts",
    external: [/^effect/, /^yaml$/, /^@effect\//, /^@modelcontextprotocol\//],
    output: { format: "esm", file: "dist/index.js", codeSplitting: false }
  }
])
