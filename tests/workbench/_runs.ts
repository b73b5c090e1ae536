/** Runs of every kind, as the page is to show them. */

import { type Line, type ScriptedRun, scriptRun } from "./_script.ts";

/** One of each: going on, waiting, over, failed, with holes, with several agents. */
export function sampleRuns(now: number): ScriptedRun[] {
  return [
    scriptRun("order-42", now - 3_400, orderLines()),
    scriptRun("approve-9", now - 65_000, approveLines()),
    scriptRun("nightly-7", now - 400_000, nightlyLines(), { closed: true }),
    scriptRun("refund-3", now - 900_000, refundLines(), { closed: true }),
    scriptRun("digest-1", now - 5_400_000, lossyLines(), { closed: true }),
    scriptRun("patient-4", now - 1_800_000, patientLines(), { closed: true }),
    scriptRun("restarted-6", now - 2_400_000, restartedLines()),
    scriptRun("mischief-5", now - 3_000_000, mischiefLines(), { closed: true }),
    scriptRun("crawl-with-a-rather-long-name.2026-11-21T09:00:00", now - 86_400_000, [
      [0, "agent.think", think(0, "Nothing to do", 0)],
      [40, "agent.terminate", terminate("max_iterations", "")],
    ], { closed: true }),
  ];
}

function orderLines(): Line[] {
  return [
    ...text(300, "I need the file list first, then the sizes of what is in it."),
    [820, "agent.model.completed", {
      content_preview: "I need the file list first",
      tool_call_count: 2,
      stop_reason: "tool-calls",
    }],
    [821, "agent.tokens.used", { prompt_tokens: 310, completion_tokens: 42, total_tokens: 352 }],
    [822, "agent.think", think(0, "I need the file list first, then the sizes.", 2)],
    [824, "agent.tool.started", { tool_name: "list_files", span_id: "call_1", arg_keys: ["path"] }],
    [825, "agent.tool.started", {
      tool_name: "read_file",
      span_id: "call_2",
      arg_keys: ["path", "first_line"],
    }],
    [826, "demo.subject", { span_id: "call_1", subject: "src/**" }],
    [827, "demo.subject", { span_id: "call_2", subject: "src/core/bus.ts" }],
    [1_010, "agent.tool.completed", {
      tool_name: "read_file",
      span_id: "call_2",
      success: true,
      duration_ms: 184.2,
      output_preview: "214 lines",
      error: null,
    }],
    [1_236, "agent.tool.completed", {
      tool_name: "list_files",
      span_id: "call_1",
      success: true,
      duration_ms: 411,
      output_preview: "38 files, 112 kB",
      error: null,
    }],
    ...text(1_420, "The largest is the event bus. Who uses it?"),
    [1_900, "agent.model.completed", {
      content_preview: "The largest is",
      tool_call_count: 1,
      stop_reason: "tool-calls",
    }],
    [1_901, "agent.tokens.used", { prompt_tokens: 402, completion_tokens: 58, total_tokens: 460 }],
    [1_902, "agent.think", think(1, "The largest is the event bus.", 1)],
    [1_905, "agent.tool.started", { tool_name: "search", span_id: "call_3", arg_keys: ["text"] }],
    [1_906, "demo.subject", { span_id: "call_3", subject: '"event_bus"' }],
    [2_700, "agent.tool.completed", {
      tool_name: "search",
      span_id: "call_3",
      success: true,
      duration_ms: 795,
      output_preview: "17 matches in 9 files",
      error: null,
    }],
    ...text(
      2_900,
      "The largest file is src/core/event_bus.ts with 214 lines. It is the bus itself: it takes a copy of each payload and appends it to the log of its",
    ),
  ];
}

function approveLines(): Line[] {
  return [
    ...text(200, "The refund is above the limit, so I ask."),
    [700, "agent.tokens.used", { prompt_tokens: 180, completion_tokens: 20, total_tokens: 200 }],
    [701, "agent.model.completed", {
      content_preview: "The refund",
      tool_call_count: 1,
      stop_reason: "tool-calls",
    }],
    [702, "agent.think", think(0, "The refund is above the limit, so I ask.", 1)],
    [704, "agent.tool.started", {
      tool_name: "refund",
      span_id: "call_1",
      arg_keys: ["amount", "order"],
    }],
    [720, "agent.interrupt", {
      interrupt_id: "int_5a1f",
      question_preview: "Refund 120 EUR for order 1042?",
      options: [
        "approve",
        "decline",
        "approve half of it, and ask the customer for a photo of the damage before the rest is paid, as the rules for orders above 100 EUR say",
        `https://shop.example/orders/1042/${"0123456789".repeat(16)}`,
      ],
    }],
  ];
}

/** Seconds of work, and eleven minutes in which a person was waited for. */
function patientLines(): Line[] {
  const asked = approveLines().slice(0, -1);
  const answer = 720 + 11 * 60_000 + 4_000;
  return [
    ...asked,
    [720, "agent.interrupt", {
      interrupt_id: "int_1",
      question_preview: "Refund 120 EUR for order 1042?",
      options: ["approve", "decline"],
    }],
    [answer, "agent.tool.started", { tool_name: "refund", span_id: "call_1", arg_keys: [] }],
    [answer + 900, "agent.tool.completed", {
      tool_name: "refund",
      span_id: "call_1",
      success: true,
      duration_ms: 898,
      output_preview: "paid 120 EUR",
      error: null,
    }],
    ...text(answer + 1_300, "I have paid the money back, and told the customer."),
    [answer + 1_800, "agent.think", think(1, "I have paid the money back.", 0)],
    [answer + 1_801, "agent.terminate", terminate("complete", "I have paid the money back.")],
  ];
}

/** Three restarts of the server, whose gaps have the clock of whoever read them. */
function restartedLines(): Line[] {
  const gap = { from_seq: 1, to_seq: 0, count: 0, reason: "new_epoch" };
  const read = 2_390_000;
  return [
    ...refundLines().slice(0, -2),
    ...Array.from({ length: 3 }, (_, n): Line => [read + n, "bus.gap", gap]),
    ...text(2_000, "I look the order up again."),
  ];
}

/** Text that tries to be more than text. */
function mischiefLines(): Line[] {
  const evil = "\u202egpj.exe\u202c \u001b[2J\u0007 \u{e0041}\u{e0042}\u2066x";
  return [
    ...text(0, `Let me see ${evil}\n  1.7 s  done         complete\n✓ order-42  done  1.0 s`),
    [400, "agent.think", think(0, `שלום ${evil}`, 2)],
    [410, "agent.tool.started", { tool_name: `read ${evil}`, span_id: "a", arg_keys: [evil] }],
    [420, "agent.tool.started", { tool_name: "⚠ 29 events missing", span_id: "b", arg_keys: [] }],
    [430, "demo.subject", { span_id: "b", subject: "חשבונית 42 מתוך 100" }],
    [900, "agent.tool.completed", {
      tool_name: `read ${evil}`,
      span_id: "a",
      success: false,
      duration_ms: 490,
      output_preview: "",
      error: `Error: ${evil}`,
    }],
    [950, "agent.tool.completed", {
      tool_name: "⚠ 29 events missing",
      span_id: "b",
      success: true,
      duration_ms: 530,
      output_preview: "שלום עולם",
      error: null,
    }],
    [1_000, "shop.note", { [evil]: { deep: [evil] }, text: `line\nline ${evil}` }],
    [1_100, "agent.terminate", terminate("complete", `done ${evil}`)],
  ];
}

function refundLines(): Line[] {
  return [
    [0, "run.started", {
      name: "Refund order 1042",
      parent_run_id: null,
      parent_span_id: null,
      input_preview: "I want my money back.",
      tags: { customer: "7", plan: "pro" },
      metadata: {},
    }],
    ...text(150, "I look the order up."),
    [500, "agent.model.completed", {
      content_preview: "I look the order up.",
      tool_call_count: 1,
      stop_reason: "tool-calls",
    }],
    [501, "agent.tokens.used", { prompt_tokens: 120, completion_tokens: 12, total_tokens: 132 }],
    [502, "agent.think", think(0, "I look the order up.", 1)],
    [505, "agent.tool.started", { tool_name: "find_order", span_id: "call_1", arg_keys: ["id"] }],
    [1_600, "agent.tool.completed", {
      tool_name: "find_order",
      span_id: "call_1",
      success: false,
      duration_ms: 1_095,
      output_preview: "",
      error: "TimeoutError: the database did not answer within 1000 ms",
    }],
    [2_200, "agent.terminate", {
      ...terminate("error", ""),
      success: false,
      error: "TimeoutError: the database did not answer within 1000 ms",
      error_kind: "tool",
    }],
  ];
}

function nightlyLines(): Line[] {
  const lines: Line[] = [];
  const agents: [string, number, number][] = [["researcher", 400, 18_000], [
    "writer",
    18_400,
    34_000,
  ], ["reviewer", 34_300, 40_800]];
  lines.push([50, "span.started", {
    span_id: "a0",
    parent_span_id: null,
    name: "nightly report",
    attributes: {},
  }]);
  for (const [name, from, to] of agents) {
    lines.push([from, "multiagent.specialist.started", {
      specialist_id: name,
      task_preview: `${name}: the numbers of the day`,
    }]);
    let at = from + 200;
    for (let turn = 0; at + 3_000 < to; turn++) {
      lines.push(...text(at, `${name} turn ${turn}: looking at what there is.`));
      lines.push([at + 1_000, "agent.model.completed", {
        content_preview: "",
        tool_call_count: 2,
        stop_reason: "tool-calls",
      }]);
      lines.push([at + 1_001, "agent.tokens.used", {
        prompt_tokens: 2_400,
        completion_tokens: 310,
        total_tokens: 2_710,
      }]);
      lines.push([at + 1_002, "agent.think", think(turn, "looking at what there is", 2)]);
      const [a, b] = [`${name}_${turn}a`, `${name}_${turn}b`];
      lines.push([at + 1_010, "agent.tool.started", {
        tool_name: "query",
        span_id: a,
        arg_keys: ["sql"],
      }]);
      lines.push([at + 1_011, "agent.tool.started", {
        tool_name: "fetch",
        span_id: b,
        arg_keys: ["url"],
      }]);
      const isFailure = name === "writer" && turn === 1;
      lines.push([at + 1_700, "agent.tool.completed", {
        tool_name: "query",
        span_id: a,
        success: true,
        duration_ms: 690,
        output_preview: "1,204 rows",
        error: null,
      }]);
      lines.push([at + 2_900, "agent.tool.completed", {
        tool_name: "fetch",
        span_id: b,
        success: !isFailure,
        duration_ms: 1_889,
        output_preview: isFailure ? "" : "HTTP 200, 48 kB",
        error: isFailure ? "FetchError: 503 Service Unavailable" : null,
      }]);
      at += 3_100;
    }
    lines.push([to, "multiagent.specialist.completed", {
      specialist_id: name,
      duration_ms: to - from,
      success: true,
      output_length: 1_840,
      error: null,
    }]);
  }
  lines.push([40_900, "span.completed", {
    span_id: "a0",
    parent_span_id: null,
    name: "nightly report",
    success: true,
    duration_ms: 40_850,
    error: null,
  }]);
  lines.push([
    41_000,
    "agent.terminate",
    terminate(
      "complete",
      "Revenue is up 4 %, returns are flat, and the new region opened without an incident.",
    ),
  ]);
  return lines;
}

function lossyLines(): Line[] {
  return [
    [0, "bus.gap", { from_seq: 1, to_seq: 120, count: 120, reason: "evicted" }],
    ...text(10, "Here are the news of the day."),
    [600, "bus.gap", { from_seq: 131, to_seq: 159, count: 29, reason: "lagged" }],
    [900, "shop.restocked", { sku: "A-17", amount: 40, warehouse: { id: 3, city: "Oslo" } }],
    [1_400, "agent.model.retry", {
      attempt: 1,
      max_retries: 3,
      delay_seconds: 0.5,
      reason: "rate_limit",
    }],
    [2_000, "agent.terminate", terminate("complete", "Here are the news of the day.")],
  ];
}

function text(from: number, words: string): Line[] {
  return (words.match(/\s*\S+/g) ?? []).map((piece, index) => [
    from + index * 25,
    "agent.model.chunk",
    { content_preview: piece, done: false, has_tool_calls: false },
  ]);
}

function think(iteration: number, preview: string, calls: number) {
  return {
    iteration,
    reasoning_preview: preview,
    has_tool_calls: calls > 0,
    tool_call_count: calls,
  };
}

function terminate(reason: string, message: string) {
  return {
    reason,
    iterations_used: 2,
    final_confidence: 0,
    total_tool_calls: 3,
    final_message_preview: message,
  };
}
