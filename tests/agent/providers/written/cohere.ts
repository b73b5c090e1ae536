/** Cohere, version 2 of its API: https://docs.cohere.com/v2/reference/chat-stream */

import { createCohere } from "@ai-sdk/cohere";
import { said, type Written } from "./turns.ts";

const events = (...values: (Readonly<Record<string, unknown>> & { type: string })[]) =>
  values.map((value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`);

const start = { type: "message-start", id: "m1", delta: { message: { role: "assistant" } } };
const block = (index: number, content: Record<string, string>, deltas: object[]) => [
  { type: "content-start", index, delta: { message: { content } } },
  ...deltas.map((delta) => ({
    type: "content-delta",
    index,
    delta: { message: { content: delta } },
  })),
  { type: "content-end", index },
];
const end = (
  finish_reason: string,
  input_tokens: number,
  output_tokens: number,
  cached_tokens: number,
) => ({
  type: "message-end",
  delta: {
    finish_reason,
    usage: {
      billed_units: { input_tokens, output_tokens },
      tokens: { input_tokens, output_tokens },
      cached_tokens,
    },
  },
});
const args = JSON.stringify(said.args);

/** Cohere, of which the client counts neither the cache nor the thinking apart. */
export const cohere: Written = {
  name: "@ai-sdk/cohere",
  model: (baseURL) => createCohere({ baseURL, apiKey: "k" })("command-a-reasoning-08-2025"),
  turns: [
    events(
      start,
      ...block(0, { type: "thinking", thinking: "" }, [{ thinking: said.reasoning }]),
      ...block(1, { type: "text", text: "" }, [{ text: said.before }]),
      {
        type: "tool-call-start",
        index: 0,
        delta: {
          message: {
            tool_calls: {
              id: "c1",
              type: "function",
              function: { name: said.tool, arguments: "" },
            },
          },
        },
      },
      ...[args.slice(0, 5), args.slice(5)].map((text) => ({
        type: "tool-call-delta",
        index: 0,
        delta: { message: { tool_calls: { function: { arguments: text } } } },
      })),
      { type: "tool-call-end", index: 0 },
      end("TOOL_CALL", 40, 20, 10),
    ),
    events(
      start,
      ...block(0, { type: "text", text: "" }, said.after.map((text) => ({ text }))),
      end("COMPLETE", 60, 5, 40),
    ),
  ],
  stopReasons: ["TOOL_CALL", "COMPLETE"],
  tokens: [100, 25, 0, 0],
};
