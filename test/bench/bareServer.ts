/**
 * An MCP server of the official SDK that has one tool, and always the same answer: what `mcp.ts` measures the pool's server
 * against. `node bareServer.ts stdio|http <the answer's structured content>`; over HTTP it says its port on stderr.
 */
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js"
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js"
import { randomUUID } from "node:crypto"
import { createServer } from "node:http"

const [transport, text = "{}"] = process.argv.slice(2)

const structuredContent = JSON.parse(text) as Record<string, unknown>

const makeServer = (): Server => {
  const server = new Server({ name: "bare", version: "1" }, { capabilities: { tools: {} } })
  server.setRequestHandler(CallToolRequestSchema, () => ({ content: [{ type: "text", text }], structuredContent }))
  return server
}

if (transport === "stdio") await makeServer().connect(new StdioServerTransport())
else {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const http = createServer((request, response) => {
    void (async () => {
      const id = request.headers["mcp-session-id"]
      const known = typeof id === "string" ? sessions.get(id) : undefined
      if (known !== undefined) return known.handleRequest(request, response)
      const made: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (name) => void sessions.set(name, made)
      })
      await makeServer().connect(made as Parameters<Server["connect"]>[0])
      return made.handleRequest(request, response)
    })()
  })
  http.listen(0, "127.0.0.1", () => process.stderr.write(`at ${JSON.stringify(http.address())}\n`))
}
