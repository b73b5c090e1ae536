/** A run whose model calls say what they were told: a long system prompt, some turns, and one that is new. */

import { type Line, type ScriptedRun, scriptRun } from "./_script.ts";

/** The ids of its agent, and of its two model calls. */
const [AGENT, FIRST, SECOND] = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"];

export const RULES = `${
  "Answer briefly, and never promise a date. ".repeat(60)
}The code word is plum.`;

/** The run, with `turns` turns before the two calls. */
export function promptRun(now: number, turns = 4): ScriptedRun {
  const history = Array.from({ length: turns }, (_, turn) => [
    say("user", `Question ${turn}: where is order ${1_000 + turn}?`),
    say("assistant", `Order ${1_000 + turn} has left the warehouse.`),
  ]).flat();
  const first = [say("system", RULES), ...history, say("user", "And order 42?")];
  const call = {
    role: "assistant",
    parts: [{ type: "tool_call", id: "c1", name: "find_order", arguments: { id: 42 } }],
  };
  const result = {
    role: "tool",
    parts: [{ type: "tool_call_response", id: "c1", response: "42 is on its way" }],
  };
  const lines: Line[] = [
    [0, "run.started", { name: "Where is my order?", input_preview: "And order 42?", tags: {} }],
    [0, "span.started", agent()],
    [
      1,
      "span.content",
      content(AGENT!, "input", "tools", [
        { name: "find_order", description: "Finds an order", parameters: { type: "object" } },
      ]),
    ],
    [2, "span.started", model(FIRST!)],
    [3, "span.content", content(FIRST!, "input", "messages", first)],
    [900, "span.content", content(FIRST!, "output", "messages", [call])],
    [901, "span.completed", { ...model(FIRST!), ...end(899) }],
    [910, "span.started", model(SECOND!)],
    [911, "span.content", {
      ...content(SECOND!, "input", "messages", [result]),
      base_span_id: FIRST,
      from_index: first.length + 1,
    }],
    [
      1_700,
      "span.content",
      content(SECOND!, "output", "messages", [
        say("assistant", "Order 42 is on its way."),
      ]),
    ],
    [1_701, "span.completed", { ...model(SECOND!), ...end(790) }],
    [1_710, "span.completed", { ...agent(), ...end(1_710) }],
    [1_711, "run.completed", { outcome: "ok", error: null, duration_ms: 1_711 }],
  ];
  return scriptRun("prompt-8", now - 4_000, lines, { closed: true });
}

function say(role: string, text: string) {
  return { role, parts: [{ type: "text", content: text }] };
}

function content(span_id: string, direction: string, kind: string, content: unknown) {
  return {
    span_id,
    direction,
    kind,
    base_span_id: null,
    from_index: 0,
    content,
    truncated: false,
    bytes: 0,
  };
}

function agent() {
  return { span_id: AGENT, parent_span_id: null, name: "support", kind: "agent", attributes: {} };
}

function model(spanId: string) {
  const attributes = { model: "gpt-5", iteration: spanId === FIRST ? 0 : 1, attempt: 1 };
  return { span_id: spanId, parent_span_id: AGENT, name: "gpt-5", kind: "model", attributes };
}

function end(durationMs: number) {
  return { success: true, error: null, duration_ms: durationMs };
}
