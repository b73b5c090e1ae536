import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client";
// The export map of this package leads Deno to no types.
// @ts-types="../../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/stdio.d.ts"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
// @ts-types="../../../node_modules/@modelcontextprotocol/sdk/dist/esm/client/streamableHttp.d.ts"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
// @ts-types="../../../node_modules/@modelcontextprotocol/sdk/dist/esm/inMemory.d.ts"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
// @ts-types="../../../node_modules/@modelcontextprotocol/sdk/dist/esm/server/webStandardStreamableHttp.d.ts"
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type McpClient, mcpTools, type McpToolsOptions } from "../../../src/agent/mod.ts";
import { serve } from "../../harness/support/serve.ts";
import { toolCall } from "../../harness/support/scripted_model.ts";
import { until } from "../../harness/support/until.ts";
import { agentOf, collect, gate, only } from "../_support.ts";
import { createMcpServer, PNG } from "./mcp_server.ts";

/** Hands `use` a client that is connected to the test server, and ends both after it. */
type Connect = (use: (client: Client) => Promise<void>) => Promise<void>;

const connections: Record<string, Connect> = {
  stdio: async (use) => {
    const program = fileURLToPath(new URL("./mcp_stdio_server.ts", import.meta.url));
    const args = "Deno" in globalThis ? ["run", "--no-check", "--allow-all", program] : [program];
    const { DENO_DIR } = process.env;
    const transport = new StdioClientTransport({
      command: process.execPath,
      args,
      ...(DENO_DIR !== undefined && { env: { DENO_DIR } }),
    });
    await connected(transport, use);
  },
  "streamable HTTP": async (use) => {
    const session = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
    });
    await createMcpServer().connect(session);
    const server = await serve({ fetch: (request) => session.handleRequest(request) });
    try {
      await connected(new StreamableHTTPClientTransport(new URL(server.url)), use);
    } finally {
      await session.close();
      await server.close();
    }
  },
};

async function connected(
  transport: Parameters<Client["connect"]>[0],
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

/** With the test server in the same process. */
async function withServer(use: (client: Client) => Promise<void>): Promise<void> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  await createMcpServer().connect(there);
  await connected(here, use);
}

for (const [name, connect] of Object.entries(connections)) {
  test(`mcpTools() gives an agent the tools of a server over ${name}`, async () => {
    await connect(async (client) => {
      const tools = await mcpTools(client, { prefix: "t_" });
      const { agent, model } = agentOf([
        [toolCall("c1", "t_text_echo", { words: "hello" }), toolCall("c2", "t_fail", {})],
        ["done"],
      ], { tools });
      const { events } = await collect(agent.run("go"));

      const completes = events.flatMap((event) =>
        event.event_type === "tool_complete" ? event : []
      );
      assertEquals(completes.map(({ result }) => result), ["You said: hello", null]);
      assertEquals(completes[1]!.error, "Error: No such file try: list_files");
      assertEquals(model.calls[0]!.tools?.length, 8);
    });
  });

  test(`A cancelled run cancels the request at a server over ${name}`, async () => {
    await connect(async (client) => {
      const tools = await mcpTools(client);
      const { agent } = agentOf([[toolCall("c1", "wait", {})]], { tools });
      const abort = new AbortController();
      const count = async (of: "begun" | "cancelled") => {
        const { content } = await client.callTool({ name: "waiting" });
        return JSON.parse((content as { text: string }[])[0]!.text)[of];
      };
      const run = collect(agent.run("go", { signal: abort.signal }));
      await until("the server has the request", async () => await count("begun") === 1);
      abort.abort();
      assertEquals(only((await run).events, "tool_complete").error, "cancelled");
      await until("the server stopped", async () => await count("cancelled") === 1);
    });
  });
}

test("mcpTools() reads all pages, and shows schemas and descriptions as the server gives them", async () => {
  await withServer(async (client) => {
    const [echo, ...others] = await mcpTools(client);
    assertEquals(echo!.name, "text_echo");
    assertEquals(echo!.description, "Says it again.");
    assertEquals(echo!.parameters, {
      type: "object",
      properties: { words: { type: "string", if: { minLength: 5 }, then: { maxLength: 9 } } },
      required: ["words"],
    });
    assertEquals(others.map(({ name }) => name), [
      "media",
      "weather",
      "silent",
      "chart",
      "fail",
      "wait",
      "waiting",
    ]);
    assertEquals(others[0]!.description, "Call the media function");
  });
});

test("mcpTools() takes, names and prefixes tools as it is told", async () => {
  await withServer(async (client) => {
    const tools = await mcpTools(client, {
      prefix: "x_",
      filter: ({ annotations }) => annotations?.readOnlyHint === true,
      rename: ({ name }) => name.replace("text/", ""),
    });
    assertEquals(tools.map(({ name }) => name), ["x_echo"]);
  });
});

test("mcpTools() tells the model of each kind of content what it can read of it", async () => {
  await withServer(async (client) => {
    const tools = await mcpTools(client);
    const calls = ["media", "weather", "silent"];
    const { agent } = agentOf([calls.map((name) => toolCall(name, name, {})), ["done"]], { tools });
    const { tool_executions } = await agent.invoke("go");
    assertEquals(tool_executions.map(({ result }) => result), [
      [
        "Two of them:",
        "[image: image/png, 5 bytes]",
        "[audio: audio/wav, 6 bytes]",
        "[resource: notes, file:///notes.txt]",
        "[resource: file:///a.txt]",
        "inside",
        "[resource: file:///b.bin, unknown type, 2 bytes]",
      ].join("\n"),
      '{"unit":"C","degrees":18}',
      '{\n  "degrees": 18\n}',
    ]);
  });
});

test("McpTools() hands each image to the model once, as an image", async () => {
  await withServer(async (client) => {
    const tools = await mcpTools(client, { filter: ({ name }) => name === "chart" });
    const { agent, model } = agentOf([[toolCall("c1", "chart", {})], ["done"]], { tools });
    const { tool_executions, messages } = await agent.invoke("go");
    const image = "[image: image/png, 70 bytes]";
    const pdf = "[file: application/pdf, 3 bytes]";
    const shown = {
      title: "Sales",
      image: "[see the file: image/png]",
      pages: [{ mimeType: "application/pdf", blob: "[see the file: application/pdf]" }],
    };
    const text = JSON.stringify(shown, null, 2);
    assertEquals(tool_executions[0]!.result, `${image}\n${text}\n${pdf}`);
    assertEquals(JSON.stringify(messages).split(PNG).length - 1, 1);
    const sent = model.calls[1]!.prompt.at(-1)!.content as { type: string }[];
    assertEquals(sent.map(({ type }) => type), ["text", "file", "file"]);
  });
});

test("A call of mcpTools() that takes too long has timed out", async () => {
  await withServer(async (client) => {
    const tools = await mcpTools(client, { timeoutMs: 20 });
    const { agent } = agentOf([[toolCall("c1", "wait", {})], ["done"]], { tools });
    const { events } = await collect(agent.run("go"));
    assertEquals(only(events, "tool_complete").error, "ToolTimeoutError: wait exceeded 20 ms");
  });
});

test("A server of mcpTools() that is gone is an error of the call, not of the run", async () => {
  await withServer(async (client) => {
    const tools = await mcpTools(client);
    await client.close();
    const { agent } = agentOf([[toolCall("c1", "weather", {})], ["done"]], { tools });
    const { events } = await collect(agent.run("go"));
    assertStringIncludes(only(events, "tool_complete").error!, "Not connected");
    assertEquals(only(events, "terminate").reason, "complete");
  });
});

/** A client of a server that lists these, and is never called. */
function listing(...pages: Awaited<ReturnType<McpClient["listTools"]>>[]): McpClient {
  let page = 0;
  return {
    listTools: () => Promise.resolve(pages[Math.min(page++, pages.length - 1)]!),
    callTool: () => Promise.reject(new Error("not called")),
  };
}

const inputSchema = { type: "object" };

test("mcpTools() refuses a list that does not end", async () => {
  const circle = listing({ tools: [], nextCursor: "a" });
  await assertRejects(() => mcpTools(circle), RangeError, "does not end");
  let page = 0;
  const endless: McpClient = {
    ...listing(),
    listTools: () => Promise.resolve({ tools: [], nextCursor: String(++page) }),
  };
  await assertRejects(() => mcpTools(endless), RangeError, "does not end");
});

test("mcpTools() refuses more tools than it may take, and two of one name", async () => {
  const client = listing({ tools: [{ name: "a.b", inputSchema }, { name: "a/b", inputSchema }] });
  await assertRejects(() => mcpTools(client, { maxTools: 1 }), RangeError, "more than 1 tools");
  await assertRejects(() => mcpTools(client), TypeError, 'come to the name "a_b"');
});

test("mcpTools() refuses answers that are no list of tools", async () => {
  const bad: [object, string][] = [
    [{}, "the server's list of tools is none"],
    [{ tools: [{ inputSchema }] }, "a tool without a name"],
    [{ tools: [{ name: "a" }] }, 'the server\'s tool "a" has no "inputSchema"'],
    [{ tools: [{ name: "a", inputSchema: { type: "string" } }] }, "must describe an object"],
    [{
      tools: [{ name: "a", inputSchema: { type: "object", title: "x".repeat(100_000) } }],
    }, 'no "inputSchema" of at most 100000 characters'],
  ];
  for (const [page, message] of bad) {
    await assertRejects(() => mcpTools(listing(page as never)), TypeError, message);
  }
});

test("mcpTools() cuts long descriptions and long names", async () => {
  const name = "n".repeat(100);
  const client = listing({ tools: [{ name, description: "d".repeat(5000), inputSchema }] });
  const [tool] = await mcpTools(client, { prefix: "p_" });
  assertEquals(tool!.name, `p_${"n".repeat(62)}`);
  assertEquals(tool!.description, `${"d".repeat(4000)} […]`);
});

test("mcpTools() stops listing when its signal says so", async () => {
  const abort = new AbortController();
  const listed = gate<AbortSignal | undefined>();
  const client: McpClient = {
    ...listing(),
    listTools: (_, options) => {
      listed.resolve(options?.signal);
      abort.abort(new Error("enough"));
      return Promise.resolve({ tools: [], nextCursor: "more" });
    },
  };
  await assertRejects(() => mcpTools(client, { signal: abort.signal }), Error, "enough");
  assertEquals(await listed.promise, abort.signal);
});

test("mcpTools() refuses bad options by name", async () => {
  const client = listing({ tools: [] });
  const bad: [object, string][] = [
    [{ prefixes: "x" }, 'unknown option "prefixes"'],
    [{ prefix: "a b" }, '"prefix" must be at most 32 letters'],
    [{ filter: "read" }, '"filter" must be a function, got "read"'],
    [{ rename: {} }, '"rename" must be a function, got an object'],
    [{ signal: 5 }, '"signal" must be an AbortSignal, got 5'],
  ];
  for (const [options, message] of bad) {
    await assertRejects(() => mcpTools(client, options as McpToolsOptions), TypeError, message);
  }
  await assertRejects(() => mcpTools(client, { timeoutMs: 0 }), RangeError, '"timeoutMs"');
  await assertRejects(() => mcpTools(client, { maxTools: 0 }), RangeError, '"maxTools"');
  await assertRejects(() => mcpTools({} as McpClient), TypeError, "must have listTools()");
});
