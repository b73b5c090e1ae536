/** The program of the test server that talks over its standard input and output. */

import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createMcpServer } from "./mcp_server.ts";

await createMcpServer().connect(new StdioServerTransport());
