/** The program of the test server that talks over its standard input and output. */

// The export map of this package leads Deno to no types.
// @ts-types="../../../node_modules/@modelcontextprotocol/sdk/dist/esm/server/stdio.d.ts"
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createMcpServer } from "./mcp_server.ts";

await createMcpServer().connect(new StdioServerTransport());
