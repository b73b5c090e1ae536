/** A run whose spans have documents, a choice of routes, to-dos, files and arguments to show. */

import { type Line, type ScriptedRun, scriptRun } from "./_script.ts";

/** The run; it failed. */
export function contentRun(now: number): ScriptedRun {
  return scriptRun("content-11", now - 9_000, lines(), { closed: true });
}

function lines(): Line[] {
  const span = (span_id: string, name: string, kind: string, parent_span_id: string | null) => ({
    span_id,
    parent_span_id,
    name,
    kind,
    attributes: {},
  });
  const end = { success: true, error: null, duration_ms: 400 };
  const tool = (id: string, tool_name: string) => ({
    tool_name,
    span_id: `call_${id}`,
    tool_span_id: id,
    parent_span_id: "agent",
  });
  const content = (
    span_id: string,
    direction: string,
    kind: string,
    content: unknown,
    more = {},
  ) => ({
    span_id,
    direction,
    kind,
    base_span_id: null,
    from_index: 0,
    content,
    truncated: false,
    bytes: 0,
    ...more,
  });
  const documents = [
    {
      id: "returns-eu",
      score: 0.912,
      text: "Goods may be returned within 14 days.",
      metadata: { page: 4 },
    },
    { id: "shipping", score: 0.655, text: "Parcels are insured." },
    { id: "warranty", score: 0.401, text: "Two years." },
  ];
  const todos = [
    { content: "Find the refund window", status: "completed" },
    { content: "Write the answer", status: "in_progress" },
    { content: "Send it", status: "pending" },
  ];
  return [
    [0, "run.started", { name: "May we refund it?", input_preview: "May we?", tags: {} }],
    [0, "span.started", span("router", "router", "router", null)],
    [100, "router.protocol.selected", {
      protocol_id: "deep",
      reason: "needs several steps",
      span_id: "router",
      candidates: [
        { id: "deep", chosen: true, reason: "fits", score: 0.9 },
        { id: "answer", chosen: false, reason: "has no tools", score: 0.4 },
      ],
    }],
    [200, "span.started", span("agent", "desk", "agent", "router")],
    [300, "rag.query.started", {
      query_preview: "refund window",
      limit: 3,
      store_type: "memory",
      span_id: "query",
      parent_span_id: "agent",
    }],
    [700, "span.content", content("query", "output", "documents", documents)],
    [700, "rag.query.completed", {
      ...end,
      hit_count: 3,
      top_score: 0.912,
      store_type: "memory",
      span_id: "query",
      parent_span_id: "agent",
    }],
    [800, "agent.tool.started", { ...tool("todo", "write_todos"), arg_keys: ["todos_json"] }],
    [800, "span.content", content("todo", "input", "arguments", { todos_json: todos })],
    [900, "agent.tool.completed", { ...tool("todo", "write_todos"), ...end, output_preview: "" }],
    [1_000, "agent.tool.started", { ...tool("file", "write_file"), arg_keys: ["path"] }],
    [
      1_000,
      "span.content",
      content("file", "input", "arguments", { path: "/answer.md", contents: "Yes, in full." }),
    ],
    [1_100, "agent.tool.completed", { ...tool("file", "write_file"), ...end, output_preview: "" }],
    [1_200, "span.started", span("model", "gpt-5", "model", "agent")],
    [
      1_600,
      "span.content",
      content("model", "input", "documents", [{ id: "returns-eu" }], {
        used_by: "citation",
      }),
    ],
    [1_700, "span.completed", { ...span("model", "gpt-5", "model", "agent"), ...end }],
    [2_000, "agent.tool.started", { ...tool("refund", "issue_refund"), arg_keys: ["amount"] }],
    [
      2_000,
      "span.content",
      content("refund", "input", "arguments", {
        charge: "ch_3QkT8e",
        amount: 12_900,
        lines: Array.from({ length: 120 }, (_, i) => ({ sku: `A-${i}`, count: 1 })),
        note: null,
      }),
    ],
    [8_600, "agent.tool.completed", {
      ...tool("refund", "issue_refund"),
      success: false,
      duration_ms: 6_600,
      output_preview: "",
      error: "ToolError: HTTP 409 charge_already_refunded",
    }],
    [8_700, "span.completed", {
      ...span("agent", "desk", "agent", "router"),
      success: false,
      duration_ms: 8_500,
      error: "ToolError: HTTP 409 charge_already_refunded",
    }],
    [8_710, "span.completed", { ...span("router", "router", "router", null), ...end }],
    [8_720, "run.completed", {
      outcome: "error",
      error: "ToolError: HTTP 409 charge_already_refunded",
      duration_ms: 8_720,
    }],
  ];
}
