/**
 * What has to happen before anything else is loaded: an old Node is told so in plain words, and a new one keeps quiet
 * about SQLite, which Node 22 still calls an experiment. The entry point imports this first.
 */
import process from "node:process"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `error: claude-pool needs Node 22.19 or newer, and this is ${process.versions.node}\n` +
      "hint: install a newer one from https://nodejs.org\n"
  )
  process.exit(6)
}

process.emitWarning = new Proxy(process.emitWarning, {
  apply: (emit, self, args) =>
    String(args[0]).includes("SQLite is an experimental feature") ? undefined : Reflect.apply(emit, self, args)
})
