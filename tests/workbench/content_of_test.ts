/** What the detail pane and a question show of what went in and came out. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { PictureRow } from "../../src/view/picture_rows.ts";
import { eventWords } from "../../src/view/event_words.ts";
import { RunPicture } from "../../src/view/run_picture.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { contentOf } from "../../workbench/detail/content_of.ts";
import { waitingCalls } from "../../workbench/model/waiting_call.ts";
import { summaryLine } from "../../workbench/model/summary_line.ts";
import { criticalPath } from "../../workbench/model/critical_path.ts";
import { detailOfRun } from "../../workbench/detail/detail_of_run.ts";
import { contentRun } from "./_content_run.ts";
import { promptRun } from "./_prompt_run.ts";
import { type Line, scriptRun } from "./_script.ts";

const AGENT = "aaaaaaaaaaaaaaaa";
const MODEL = "bbbbbbbbbbbbbbbb";
const NEXT = "cccccccccccccccc";
const TOOL = "dddddddddddddddd";

const begun: Line[] = [
  [0, "span.started", {
    span_id: AGENT,
    parent_span_id: null,
    name: "support",
    kind: "agent",
    attributes: {},
  }],
  [1, "span.started", {
    span_id: MODEL,
    parent_span_id: AGENT,
    name: "gpt",
    kind: "model",
    attributes: {},
  }],
  [2, "agent.tool.started", {
    tool_name: "refund",
    span_id: "c1",
    arg_keys: ["amount"],
    tool_span_id: TOOL,
    parent_span_id: AGENT,
  }],
];

function content(span_id: string, data: object): Line {
  return [3, "span.content", {
    span_id,
    direction: "input",
    kind: "messages",
    base_span_id: null,
    from_index: 0,
    truncated: false,
    bytes: 0,
    ...data,
  }];
}

function say(role: string, text: string) {
  return { role, parts: [{ type: "text", content: text }] };
}

function pictureOf(...lines: Line[]): RunPicture {
  const picture = new RunPicture("r");
  for (const event of scriptRun("r", 0, lines).events) picture.add(event);
  return picture;
}

/** What is shown of the line of a span. */
function shownOf(picture: RunPicture, spanId: string): [name: string, text: string][] {
  const find = (rows: readonly PictureRow[]): PictureRow | undefined => {
    for (const row of rows) {
      if (row.kind === "note") continue;
      const found = row.spanId === spanId ? row : find(row.children);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return contentOf(find(picture.rows)!, picture).map(({ name, text, form }) => [
    name,
    form?.kind === "messages"
      ? form.messages.map(({ role, text, isNew }) => `${isNew ? "+" : " "}${role}: ${text}`)
        .join("\n")
      : text,
  ]);
}

test("contentOf() shows the whole prompt of a model call, and what is new in it", () => {
  const picture = pictureOf(
    ...begun,
    [3, "span.started", {
      span_id: NEXT,
      parent_span_id: AGENT,
      name: "gpt",
      kind: "model",
      attributes: {},
    }],
    content(MODEL, { content: [say("system", "Be brief."), say("user", "Hi")] }),
    content(MODEL, { direction: "output", content: [say("assistant", "Hello")] }),
    content(NEXT, { base_span_id: MODEL, from_index: 3, content: [say("user", "Bye")] }),
  );
  assertEquals(shownOf(picture, NEXT), [[
    "input, 4 messages",
    " system: Be brief.\n user: Hi\n assistant: Hello\n+user: Bye",
  ]]);
});

test("contentOf() says how many messages are missing, and that texts were cut", () => {
  const picture = pictureOf(
    ...begun,
    content(MODEL, {
      base_span_id: "gone",
      from_index: 7,
      content: [say("user", "Bye…")],
      truncated: true,
    }),
  );
  assertEquals(shownOf(picture, MODEL).map(([name]) => name), [
    "input, 1 message (the first 7 missing, long texts cut)",
  ]);
});

test("contentOf() shows an answer with its reasoning apart, and calls of tools", () => {
  const picture = pictureOf(
    ...begun,
    content(MODEL, {
      direction: "output",
      content: [{
        role: "assistant",
        parts: [
          { type: "reasoning", content: "It is due." },
          { type: "text", content: "I refund it." },
          { type: "tool_call", id: "c1", name: "refund", arguments: { amount: 7 } },
        ],
      }],
    }),
  );
  assertEquals(shownOf(picture, MODEL), [
    ["reasoning", "It is due."],
    ["output", 'I refund it.\nrefund({"amount":7})'],
  ]);
});

test("contentOf() shows what a tool got and returned, and who answered it", () => {
  const picture = pictureOf(
    ...begun,
    content(TOOL, { kind: "arguments", content: { amount: 7 } }),
    content(TOOL, { kind: "answer", content: "approve", by: "ada" }),
    content(TOOL, {
      kind: "result",
      direction: "output",
      content: "done…",
      truncated: true,
      bytes: 9,
    }),
  );
  assertEquals(shownOf(picture, TOOL), [
    ["arguments", '{\n  "amount": 7\n}'],
    ["answer by ada", "approve"],
    ["result (cut; 9 bytes in all)", "done…"],
  ]);
});

test("contentOf() calls what is of no special kind by its direction", () => {
  const picture = pictureOf(
    ...begun,
    content(AGENT, { kind: "json", content: ["How long?"] }),
    content(AGENT, { kind: "text", direction: "output", content: "14 hours" }),
  );
  assertEquals(shownOf(picture, AGENT), [
    ["input", '[\n  "How long?"\n]'],
    ["output", "14 hours"],
  ]);
});

test("contentOf() shows documents with their scores, and those that an answer used", () => {
  const found = [{ id: "d1", score: 0.91234, text: "Orders", metadata: { page: 3 } }, { id: "d2" }];
  const picture = pictureOf(
    ...begun,
    content(TOOL, { kind: "documents", direction: "output", content: found }),
    content(MODEL, { kind: "documents", content: [{ id: "d1" }], used_by: "citation" }),
    content(AGENT, { kind: "documents", content: ["odd", null, 7] }),
  );
  assertEquals(shownOf(picture, TOOL), [
    ["2 documents", 'd1  0.912\nOrders\n{\n  "metadata": {\n    "page": 3\n  }\n}\n\nd2'],
  ]);
  assertEquals(shownOf(picture, MODEL), [["1 document used, by citation", "d1"]]);
  assertEquals(shownOf(picture, AGENT)[0]?.[0], "3 documents used");
});

test("contentOf() says how to switch content on where a run has none", () => {
  const picture = pictureOf(...begun);
  for (const span of [AGENT, MODEL, TOOL]) {
    assertEquals(shownOf(picture, span), [[
      "input and output",
      "Not captured. This switches it on for a run:\n\nwithRun({ content: true }, …)",
    ]]);
  }
});

test("contentOf() is made once for each change of a line", () => {
  const picture = pictureOf(...begun, content(TOOL, { kind: "arguments", content: {} }));
  const [row] = picture.rows;
  assertEquals(contentOf(row!, picture) === contentOf(row!, picture), true);
});

test("contentOf() takes content of any shape", () => {
  const picture = pictureOf(
    ...begun,
    ...[null, 7, "text", [null], [{ role: "user", parts: [null, 7, {}] }]].flatMap((value) => [
      content(MODEL, { content: value }),
      content(MODEL, { direction: "output", content: value }),
      content(MODEL, { kind: "tools", content: value }),
    ]),
  );
  assertEquals(shownOf(picture, MODEL).every(([, text]) => typeof text === "string"), true);
});

test("summaryLine() says on one line what went in or came out, and what a run was asked", () => {
  const lines = [
    content(TOOL, { kind: "arguments", content: { amount: 7 } }),
    content(MODEL, { direction: "output", content: [say("assistant", "Hello")] }),
    content(MODEL, { direction: null, kind: 7, content: null }),
    [4, "run.started", { name: "Refund", input_preview: "Where is it?" }] as Line,
    [5, "run.started", { name: null, input_preview: "" }] as Line,
  ];
  assertEquals(
    scriptRun("r", 0, lines).events.map((event) => summaryLine(event, eventWords).text),
    [
      "input · arguments · amount=7",
      "output · messages · 1 message  assistant: Hello",
      "null · 7 · null",
      "Refund · “Where is it?”",
      "",
    ],
  );
});

test("waitingCalls() shows what each call that waits is made with, or that it is not known", () => {
  const args = content(TOOL, { kind: "arguments", content: { amount: 7 } });
  const asked: Line = [4, "agent.interrupt", {
    interrupt_id: "i",
    question_preview: "Refund?",
    options: null,
    span_id: AGENT,
  }];
  assertEquals(waitingCalls(pictureOf(...begun, args, asked)), [
    { tool: "refund", text: 'refund({\n  "amount": 7\n})' },
  ]);
  assertEquals(waitingCalls(pictureOf(...begun, args)), []);
  assertEquals(
    waitingCalls(pictureOf(...begun, asked))[0]?.text,
    "refund(…)\nIts arguments were not captured: withRun({ content: true }, …) shows them.",
  );
  const other: Line = [3, "agent.tool.started", {
    ...begun.at(-1)![2],
    tool_name: "mail",
    span_id: "m",
  }];
  const both = waitingCalls(pictureOf(...begun, args, other, asked));
  assertEquals(both.map(({ tool }) => tool), ["refund", "mail"]);
});

test("detailOfRun() says what was asked and answered, why a run failed, and what it took", () => {
  const prices = { prompt_per_million: 2, completion_per_million: 10, currency: "EUR" };
  const of = (run: { events: readonly StreamEvent[] }) => {
    const picture = new RunPicture("r");
    for (const event of run.events) picture.add(event);
    const [startedAt, endsAt] = [picture.startedAt ?? 0, Date.parse(run.events.at(-1)!.timestamp)];
    const critical = criticalPath(picture.rows, endsAt);
    return detailOfRun(picture, { critical, prices, startedAt, endsAt })
      .texts.map(({ name, text }) => `${name}: ${text}`);
  };
  assertEquals(of(promptRun(0)).slice(0, 1), ["asked: And order 42?"]);
  assertEquals(of(contentRun(1e12)).slice(0, 2), [
    "error: ToolError: HTTP 409 charge_already_refunded",
    [
      "where the time went: issue_refund 6.60 s",
      "the model 400 ms",
      "query 400 ms",
      "write_file 100 ms",
      "write_todos 100 ms",
      "all else 1.12 s",
    ].join("\n"),
  ]);
  const costly: Line[] = [
    [0, "agent.tool.started", { tool_name: "a", span_id: "a", arg_keys: [] }],
    [750, "agent.tool.completed", {
      tool_name: "a",
      span_id: "a",
      success: true,
      duration_ms: 750,
    }],
    [800, "agent.tokens.used", {
      prompt_tokens: 1_000_000,
      completion_tokens: 100_000,
      total_tokens: 1_100_000,
      model: "small",
    }],
    [1_000, "agent.tokens.used", {
      prompt_tokens: 500_000,
      completion_tokens: 0,
      total_tokens: 500_000,
    }],
  ];
  assertEquals(of(scriptRun("r", 0, costly)), [
    "asked and answered: Not captured. This switches it on for a run:\n\nwithRun({ content: true }, …)",
    "where the time went: a 750 ms\nall else 250 ms",
    "tokens and cost: small 1.00 M 100.0 k €3.00\nothers 500.0 k 0 €1.00",
  ]);
  const cached: Line = [900, "agent.tokens.used", {
    prompt_tokens: 20_000,
    completion_tokens: 0,
    total_tokens: 20_000,
    model: "big",
    cached_input_tokens: 12_000,
  }];
  assertEquals(
    of(scriptRun("r", 0, [...costly, cached])).at(-1),
    "tokens and cost: small 1.00 M – 100.0 k €3.00\nbig 20.0 k 12.0 k 0 €0.04\nothers 500.0 k – 0 €1.00",
  );
  const answered = [
    ...begun,
    content(AGENT, { kind: "text", content: "Where is it?" }),
    content(AGENT, { kind: "text", direction: "output", content: "On its way." }),
  ];
  assertEquals(of(scriptRun("r", 0, answered)).slice(0, 2), [
    "asked: Where is it?",
    "answer: On its way.",
  ]);
});
