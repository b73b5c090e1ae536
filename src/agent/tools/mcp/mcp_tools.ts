/** The tools of an MCP server, as tools of an agent. */

import { describe, isRecord } from "../../../core/options.ts";
import type { McpClient, McpTool } from "./mcp_client.ts";
import { readMcpResult } from "./mcp_result.ts";
import type { StandardSchema } from "../../../events/standard_schema.ts";
import type { JsonSchema } from "../../json_schema/json_schema.ts";
import { type Tool, tool } from "../tool.ts";
import { checkSignal } from "../../../core/checks.ts";
import { MAX_TIMER_MS } from "../../../core/option_values.ts";
import {
  optionalFunction,
  readBy,
  type Rules,
  unchecked,
  whole,
} from "../../../core/option_rules.ts";
import { clip } from "../../state/texts.ts";

/** Options of {@linkcode mcpTools}. */
export interface McpToolsOptions {
  /** Put in front of every name, such as `files_`, so that two servers can both have a `search`. @default {""} */
  prefix?: string;
  /** Which tools to take. @default {all} */
  filter?: (tool: McpTool) => boolean;
  /**
   * What to call a tool, before the prefix.
   *
   * @default {its own name, with `_` for what providers refuse, cut to 64 characters}
   */
  rename?: (tool: McpTool) => string;
  /** How long a call may take, in milliseconds. @default {60_000} */
  timeoutMs?: number;
  /** How many tools to take at most; more are an error, not cut off. @default {128} */
  maxTools?: number;
  /** Stops the listing. */
  signal?: AbortSignal;
}

/**
 * The tools of a server of the Model Context Protocol, for an {@linkcode Agent}.
 *
 * - **The client** is yours: a connected `Client` of `@modelcontextprotocol/sdk`, over any transport.
 *   Close it when the agent is done. A server that changes its tools is asked again by calling this again.
 * - **Arguments** are checked by the server; its JSON Schema is shown to the model as it is.
 * - **Results:** text as it is, structured content as JSON if no text says the same, and of images, sound
 *   and files only what they are: `[image: image/png, 1024 bytes]`. What a server marks as an error is
 *   the call's error.
 * - **Stopping:** a cancelled run and a timeout cancel the request at the server.
 * - **Trust:** names, descriptions and schemas are the server's words, and the model reads them. Control
 *   and invisible characters are taken out of them, and long descriptions are cut; what they say is not
 *   judged. Connect to servers that you trust, and take only what you need with `filter`.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type, two tools come to the same name, or
 * the server's answer is none.
 * @throws {RangeError} If there are more than `maxTools`, or a number is out of its range.
 * @throws Whatever the client throws, and the reason of `signal`.
 *
 * @example Read only
 * ```ts
 * import { type McpClient, mcpTools } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * // In place of a `Client` of @modelcontextprotocol/sdk that is connected to a server.
 * const inputSchema = { type: "object", properties: { path: { type: "string" } } };
 * const client: McpClient = {
 *   listTools: async () => ({
 *     tools: [
 *       { name: "read", inputSchema, annotations: { readOnlyHint: true } },
 *       { name: "delete", inputSchema },
 *     ],
 *   }),
 *   callTool: async () => ({ content: [{ type: "text", text: "…" }] }),
 * };
 *
 * const tools = await mcpTools(client, {
 *   prefix: "files_",
 *   filter: ({ annotations }) => annotations?.readOnlyHint === true,
 * });
 * assertEquals(tools.map(({ name }) => name), ["files_read"]);
 * ```
 */
export async function mcpTools(client: McpClient, options: McpToolsOptions = {}): Promise<Tool[]> {
  checkClient(client);
  const { prefix, filter, timeoutMs, maxTools, signal, ...read } = readBy(OWNER, options, RULES);
  const accepted = ({ name }: McpTool) =>
    name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64 - prefix.length);
  const { rename = accepted } = read;
  checkSignal(OWNER, signal);
  const tools = new Map<string, Tool>();
  for await (const listed of listAll(client, signal)) {
    if (filter !== undefined && !filter(listed)) continue;
    if (tools.size === maxTools) {
      throw new RangeError(
        `${OWNER}: the server offers more than ${maxTools} tools; ` +
          `take fewer with "filter", or raise "maxTools"`,
      );
    }
    const made = toTool(client, listed, `${prefix}${rename(listed)}`, timeoutMs);
    if (tools.has(made.name)) {
      throw new TypeError(
        `${OWNER}: two tools of the server come to the name "${made.name}"; tell them apart with "rename"`,
      );
    }
    tools.set(made.name, made);
  }
  return [...tools.values()];
}

const OWNER = "mcpTools()";
const MAX_PAGES = 1000;
const MAX_DESCRIPTION_LENGTH = 4000;
const MAX_SCHEMA_LENGTH = 100_000;

async function* listAll(
  client: McpClient,
  signal: AbortSignal | undefined,
): AsyncGenerator<McpTool, void> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    if (signal?.aborted) throw signal.reason;
    const page = await client.listTools(cursor === undefined ? undefined : { cursor }, { signal });
    if (!isRecord(page) || !Array.isArray(page.tools)) {
      throw new TypeError(`${OWNER}: the server's list of tools is none, got ${describe(page)}`);
    }
    for (const listed of page.tools) {
      if (!isRecord(listed) || typeof listed.name !== "string") {
        throw new TypeError(`${OWNER}: the server lists a tool without a name`);
      }
      yield listed as McpTool & Record<string, unknown>;
    }
    cursor = page.nextCursor;
    // A server could send its reader round in circles, or on for ever.
    if (cursor !== undefined && (seen.has(cursor) || seen.size === MAX_PAGES)) {
      throw new RangeError(`${OWNER}: the server's list of tools does not end`);
    }
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
}

function toTool(client: McpClient, listed: McpTool, name: string, timeoutMs: number): Tool {
  const { description } = listed;
  return tool({
    name,
    ...(description && { description: visibleText(description, MAX_DESCRIPTION_LENGTH) }),
    parameters: CHECKED_BY_SERVER,
    jsonSchema: readSchema(listed),
    timeoutMs,
    execute: async (args, { signal }) => {
      // One clock is enough, and it is the agent's: it says what timed out.
      const limits = { signal, timeout: MAX_TIMER_MS };
      return readMcpResult(
        await client.callTool({ name: listed.name, arguments: args }, undefined, limits),
      );
    },
  });
}

const CHECKED_BY_SERVER: StandardSchema<Record<string, unknown>> = {
  "~standard": {
    version: 1,
    vendor: "mcp",
    validate: (value) => ({ value: value as Record<string, unknown> }),
  },
};

function readSchema({ name, inputSchema }: McpTool): JsonSchema {
  const schema = visibleJson(inputSchema);
  if (isRecord(schema) && JSON.stringify(schema).length <= MAX_SCHEMA_LENGTH) return schema;
  throw new TypeError(
    `${OWNER}: the server's tool ${describe(name)} has no "inputSchema" of at most ` +
      `${MAX_SCHEMA_LENGTH} characters; leave it out with "filter"`,
  );
}

function checkClient(client: unknown): void {
  const { listTools, callTool } = Object(client) as Partial<Record<keyof McpClient, unknown>>;
  if (typeof listTools === "function" && typeof callTool === "function") return;
  throw new TypeError(
    `${OWNER}: the client must have listTools() and callTool(), as a connected Client of ` +
      `@modelcontextprotocol/sdk has, got ${describe(client)}`,
  );
}

const RULES = /* @__PURE__ */ (() => ({
  prefix: readPrefix,
  filter: optionalFunction<NonNullable<McpToolsOptions["filter"]>>(),
  rename: optionalFunction<NonNullable<McpToolsOptions["rename"]>>(),
  timeoutMs: whole(60_000, 1, MAX_TIMER_MS),
  maxTools: whole(128, 1),
  signal: unchecked<AbortSignal | undefined>(undefined),
} satisfies Rules<McpToolsOptions>))();

function readPrefix(owner: string, name: string, value: unknown = ""): string {
  if (typeof value === "string" && /^[A-Za-z0-9_-]{0,32}$/.test(value)) return value;
  throw new TypeError(
    `${owner}: "${name}" must be at most 32 letters, digits, "_" and "-", got ${describe(value)}`,
  );
}

/**
 * `text` without control characters and invisible ones, in which instructions can hide from
 * a reviewer, and cut to `maxLength`.
 */
export function visibleText(text: string, maxLength: number): string {
  // Cut first: what is cut off need not be searched.
  const visible = clip(text, maxLength).replace(INVISIBLE, "");
  return text.length > maxLength ? `${visible} […]` : visible;
}

/** Plain data with all its texts made visible, as a copy; keys stay as they are. */
export function visibleJson(value: unknown): unknown {
  if (typeof value === "string") return value.replace(INVISIBLE, "");
  if (Array.isArray(value)) return value.map(visibleJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, visibleJson(item)]),
  );
}

// Control and format characters (but the line end and the tab), private ones, halves of surrogate pairs,
// and the selectors of variants, which can spell out text of their own.
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u{e0100}-\u{e01ef}]/gu;
