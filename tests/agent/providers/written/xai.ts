/** xAI: https://docs.x.ai/docs/api-reference#create-new-response */

import { createXai } from "@ai-sdk/xai";
import { events, said, type Turn, type Written } from "./turns.ts";

const args = JSON.stringify(said.args);

/** What the model says in one response. */
function turn(items: object[], counts: object): Turn {
  const response = { id: "r1", object: "response", created_at: 1, model: "grok-4" };
  return events(
    { type: "response.created", response: { ...response, output: [], status: "in_progress" } },
    ...items,
    {
      type: "response.completed",
      response: { ...response, output: [], status: "completed", usage: counts },
    },
  );
}

function text(index: number, ...deltas: readonly string[]): object[] {
  const place = { item_id: `m_${index}`, output_index: index };
  const item = (status: string, content: object[]) => ({
    type: "message",
    id: place.item_id,
    role: "assistant",
    status,
    content,
  });
  const whole = { type: "output_text", text: deltas.join(""), annotations: [] };
  return [
    { type: "response.output_item.added", output_index: index, item: item("in_progress", []) },
    ...deltas.map((delta) => ({
      type: "response.output_text.delta",
      ...place,
      content_index: 0,
      delta,
    })),
    { type: "response.output_item.done", output_index: index, item: item("completed", [whole]) },
  ];
}

function reasoning(index: number): object[] {
  const place = { item_id: "rs_1", output_index: index };
  const item = (status: string, summary: object[]) => ({
    type: "reasoning",
    id: "rs_1",
    status,
    summary,
  });
  const part = { type: "summary_text", text: "" };
  return [
    { type: "response.output_item.added", output_index: index, item: item("in_progress", []) },
    { type: "response.reasoning_summary_part.added", ...place, summary_index: 0, part },
    {
      type: "response.reasoning_summary_text.delta",
      ...place,
      summary_index: 0,
      delta: said.reasoning,
    },
    {
      type: "response.output_item.done",
      output_index: index,
      item: item("completed", [{ ...part, text: said.reasoning }]),
    },
  ];
}

function call(index: number): object[] {
  const item = (status: string, text: string) => ({
    type: "function_call",
    id: "fc_1",
    call_id: "c1",
    name: said.tool,
    arguments: text,
    status,
  });
  return [
    { type: "response.output_item.added", output_index: index, item: item("in_progress", "") },
    {
      type: "response.function_call_arguments.delta",
      item_id: "fc_1",
      output_index: index,
      delta: args,
    },
    { type: "response.output_item.done", output_index: index, item: item("completed", args) },
  ];
}

const usage = (
  input_tokens: number,
  output_tokens: number,
  cached_tokens: number,
  reasoning_tokens: number,
) => ({
  input_tokens,
  output_tokens,
  total_tokens: input_tokens + output_tokens,
  input_tokens_details: { cached_tokens },
  output_tokens_details: { reasoning_tokens },
});

/** xAI. */
export const xai: Written = {
  name: "@ai-sdk/xai",
  model: (baseURL) => createXai({ baseURL, apiKey: "k" })("grok-4"),
  turns: [
    turn([...reasoning(0), ...text(1, said.before), ...call(2)], usage(40, 20, 10, 7)),
    turn(text(0, ...said.after), usage(60, 5, 40, 0)),
  ],
  stopReasons: ["completed", "completed"],
  tokens: [100, 25, 50, 7],
};
