/** A server of the Model Context Protocol for tests, made with its SDK. */

import { Server } from "@modelcontextprotocol/sdk/server";
// The export map leads Deno to no types.
// @ts-types="../../../node_modules/@modelcontextprotocol/sdk/dist/esm/types.d.ts"
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { McpTool } from "../../../src/agent/mod.ts";

/** A server that offers these tools, two a page. */
export function createMcpServer(): Server {
  const server = new Server({ name: "test", version: "1" }, { capabilities: { tools: {} } });
  const waiting = { begun: 0, cancelled: 0 };
  server.setRequestHandler(ListToolsRequestSchema, ({ params }: ListRequest) => {
    const start = Number(params?.cursor ?? 0);
    const next = start + 2;
    return {
      tools: TOOLS.slice(start, next),
      ...(next < TOOLS.length && { nextCursor: String(next) }),
    };
  });
  server.setRequestHandler(
    CallToolRequestSchema,
    async ({ params }: CallRequest, { signal }: Extra) => {
      const { name, arguments: args = {} } = params;
      if (name === "wait") {
        waiting.begun++;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        waiting.cancelled++;
      }
      if (name === "waiting") return text(JSON.stringify(waiting));
      return ANSWERS[name]?.(args) ?? { content: [] };
    },
  );
  return server;
}

interface ListRequest {
  params?: { cursor?: string };
}

interface CallRequest {
  params: { name: string; arguments?: Record<string, unknown> };
}

interface Extra {
  signal: AbortSignal;
}

interface Result {
  [key: string]: unknown;
  content: readonly { readonly type: string; readonly [key: string]: unknown }[];
  structuredContent?: unknown;
  isError?: boolean;
}

type Answer = (args: Record<string, unknown>) => Result;

/** 70 bytes that are an image. */
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const ANSWERS: Record<string, Answer> = {
  "text/echo": ({ words }) => text(`You said: ${words}`),
  media: () => ({
    content: [
      { type: "text", text: "Two of them:" },
      { type: "image", data: "aGVsbG8=", mimeType: "image/png" },
      { type: "audio", data: "aGVsbG8h", mimeType: "audio/wav" },
      { type: "resource_link", name: "notes", uri: "file:///notes.txt" },
      { type: "resource", resource: { uri: "file:///a.txt", text: "inside" } },
      { type: "resource", resource: { uri: "file:///b.bin", blob: "aGk=" } },
    ],
  }),
  weather: () => ({
    content: [{ type: "text", text: '{"unit":"C","degrees":18}' }],
    structuredContent: { degrees: 18, unit: "C" },
  }),
  // The same image in its content, in its structured content, and in the text of that.
  chart: () => {
    const structuredContent = {
      title: "Sales",
      image: PNG,
      pages: [{ mimeType: "application/pdf", blob: "JVBE" }],
    };
    return {
      content: [
        { type: "text", text: JSON.stringify(structuredContent) },
        { type: "image", data: PNG, mimeType: "image/png" },
      ],
      structuredContent,
    };
  },
  silent: () => ({ content: [], structuredContent: { degrees: 18 } }),
  fail: () => ({ ...text("No such file\n  try: list_files"), isError: true }),
};

function text(text: string): Result {
  return { content: [{ type: "text", text }] };
}

const TOOLS: readonly McpTool[] = [
  {
    name: "text/echo",
    description: "Says it again.\u{e0041}\u200b",
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { words: { type: "string", if: { minLength: 5 }, then: { maxLength: 9 } } },
      required: ["words"],
    },
    annotations: { readOnlyHint: true },
  },
  ...["media", "weather", "silent", "chart", "fail", "wait", "waiting"].map((name): McpTool => ({
    name,
    inputSchema: { type: "object" },
  })),
];
