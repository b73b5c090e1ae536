/**
 * Sessions of the [Claude Agent SDK](https://docs.claude.com/en/api/agent-sdk/typescript) as runs of Locus: {@linkcode watchQuery} reads along with
 * a `query()`, and shows its agents and sub-agents, model calls with their tokens, tools, hooks and retries.
 *
 * @example Watch a program that you already have
 * ```ts ignore
 * import { query } from "@anthropic-ai/claude-agent-sdk";
 * import { watchQuery } from "@locus/core/bridges/claude-agent";
 *
 * const options = { includePartialMessages: true, forwardSubagentText: true };
 * for await (const message of watchQuery(query({ prompt: "Fix the tests", options }))) console.log(message.type);
 * ```
 *
 * @module
 */
export { watchQuery } from "./claude_agent/watch_query.ts";
export type { BridgeOptions } from "./recorder/record_call.ts";
