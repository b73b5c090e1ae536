/** The part of a client of the Model Context Protocol that is used: `Client` of its SDK has it. */

/** A connected client of an MCP server. */
export interface McpClient {
  /** One page of what the server offers. */
  listTools(
    params?: { cursor?: string },
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly tools: readonly McpTool[]; readonly nextCursor?: string | undefined }>;
  /** Calls a tool of the server. */
  callTool(
    params: { name: string; arguments?: Record<string, unknown> },
    resultSchema?: undefined,
    options?: { signal?: AbortSignal; timeout?: number },
  ): Promise<unknown>;
}

/** A tool as its server describes it. All of it is the server's word. */
export interface McpTool {
  /** The server's name for it. */
  readonly name: string;
  /** A name for people. */
  readonly title?: string | undefined;
  /** What it does, for the model. */
  readonly description?: string | undefined;
  /** The arguments, as a JSON Schema. */
  readonly inputSchema: object;
  /** What the server says of its behaviour. */
  readonly annotations?: McpToolAnnotations | undefined;
}

/** Hints of a server on what a tool does; nothing holds it to them. */
export interface McpToolAnnotations {
  /** A name for people. */
  readonly title?: string | undefined;
  /** It changes nothing. */
  readonly readOnlyHint?: boolean | undefined;
  /** It may destroy something. */
  readonly destructiveHint?: boolean | undefined;
  /** Doing it twice changes nothing more. */
  readonly idempotentHint?: boolean | undefined;
  /** It deals with the world outside of the server. */
  readonly openWorldHint?: boolean | undefined;
}
