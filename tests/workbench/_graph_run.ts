/** A run of a graph: routes taken twice, not taken and to come, an agent inside of a node, and a person who is asked. */

import { type Line, type ScriptedRun, scriptRun } from "./_script.ts";

/** The run; it waits for a person. */
export function graphRun(now: number): ScriptedRun {
  return scriptRun("review-318", now - 96_000, lines());
}

const GRAPH = "9999999999999999";
const NODES = ["fetch_diff", "plan", "docs", "style", "security", "merge", "decide", "fix"];
const EDGES = [
  ["__START__", "fetch_diff"],
  ["fetch_diff", "plan"],
  ["plan", "*"],
  ["docs", "merge"],
  ["style", "merge"],
  ["security", "merge"],
  ["merge", "decide"],
  ["decide", "*"],
  ["fix", "merge"],
  ["approve", "__END__"],
  ["labels", "__END__"],
  ["post_comments", "__END__"],
];

function lines(): Line[] {
  const topology = {
    version: 1,
    nodes: [...NODES, "approve", "labels", "post_comments"]
      .map((id) => ({ id, kind: id === "security" ? "agent" : "node", label: id })),
    edges: EDGES.map(([from, to]) => ({ from, to, via: to === "*" ? "conditional" : "static" })),
    state: [],
  };
  const graph = { span_id: GRAPH, parent_span_id: null, name: "review", kind: "graph" };
  const candidates = (chosen: string[], others: Record<string, string>) => [
    ...chosen.map((id) => ({ id, chosen: true, reason: null, score: null })),
    ...Object.entries(others).map(([id, reason]) => ({ id, chosen: false, reason, score: null })),
  ];
  return [
    [0, "run.started", { name: "Review pull request 318", input_preview: "", tags: { pr: "318" } }],
    [0, "span.started", { ...graph, attributes: { graph_id: "review", topology } }],
    ...visit("fetch_diff", 1, 0, 1_300),
    routed(1_300, "fetch_diff", ["plan"]),
    ...visit("plan", 1, 1_300, 6_100),
    routed(
      6_100,
      "plan",
      ["style", "security"],
      "style, security",
      candidates([], {
        docs: "no .md file changed",
      }),
    ),
    ...visit("style", 1, 6_100, 17_300),
    ...visit("security", 1, 6_100, 34_200, agentLines(6_200)),
    routed(17_300, "style", ["merge"]),
    routed(34_200, "security", ["merge"]),
    ...visit("merge", 1, 34_200, 34_400, [state(34_390, "merge1", { findings: 11, round: 1 })]),
    routed(34_400, "merge", ["decide"]),
    ...visit("decide", 1, 34_400, 34_500),
    routed(
      34_500,
      "decide",
      ["fix", "labels"],
      "high, round < 2",
      candidates([], {
        approve: "none or low",
      }),
    ),
    ...visit("fix", 1, 34_500, 75_500, [state(75_400, "fix1", { round: 2, fixed: ["sec-1"] })]),
    routed(75_500, "fix", ["merge"]),
    ...visit("merge", 2, 75_500, 75_700, [state(75_690, "merge2", { findings: 10, round: 2 })]),
    routed(75_700, "merge", ["decide"]),
    ...visit("decide", 2, 75_700, 75_800),
    routed(75_800, "decide", ["labels", "post_comments"], "high, round 2"),
    started(75_800, "labels", 1),
    started(75_800, "post_comments", 1),
    [76_000, "agent.interrupt", {
      interrupt_id: "i1",
      question_preview: "Post 11 comments on pull request 318?",
      options: ["approve", "decline"],
      span_id: "post_comments1",
    }],
  ];
}

/** The agent of the node `security`: it thinks, calls a tool, and answers. */
function agentLines(at: number): Line[] {
  const agent = { span_id: "a1", parent_span_id: "security1", name: "security", kind: "agent" };
  const model = (n: number) => ({
    span_id: `m${n}`,
    parent_span_id: "a1",
    name: "gpt-5",
    kind: "model",
  });
  const text = (type: string, content: string) => ({ type, content });
  const say = (span_id: string, direction: string, content: unknown, from_index = 0) => ({
    span_id,
    direction,
    kind: "messages",
    base_span_id: from_index > 0 ? "m0" : null,
    from_index,
    content,
    truncated: false,
    bytes: 0,
  });
  const tool = { tool_name: "scan", span_id: "call_1", tool_span_id: "t1", parent_span_id: "m0" };
  return [
    [at, "span.started", { ...agent, attributes: { model: "gpt-5" } }],
    [at, "span.started", { ...model(0), attributes: { model: "gpt-5", iteration: 0, attempt: 1 } }],
    [
      at,
      "span.content",
      say("m0", "input", [
        { role: "system", parts: [text("text", "You look for holes.")] },
        { role: "user", parts: [text("text", "Is this diff safe?\n- auth.ts: 40 lines")] },
      ]),
    ],
    [
      at + 2_000,
      "span.content",
      say("m0", "output", [{
        role: "assistant",
        parts: [
          text("reasoning", "The token is compared with ==, which leaks its length."),
          text("text", "I will scan the changed files first."),
          { type: "tool_call", id: "call_1", name: "scan", arguments: { files: ["auth.ts"] } },
        ],
      }]),
    ],
    [at + 2_000, "span.completed", { ...model(0), success: true, error: null, duration_ms: 2_000 }],
    [at + 2_001, "agent.tool.started", { ...tool, arg_keys: ["files"] }],
    [at + 2_001, "span.content", {
      ...say("t1", "input", { files: ["auth.ts"] }),
      kind: "arguments",
    }],
    [at + 9_000, "span.content", {
      ...say("t1", "output", "1 finding: auth.ts:12"),
      kind: "result",
    }],
    [at + 9_000, "agent.tool.completed", {
      ...tool,
      success: true,
      duration_ms: 6_999,
      output_preview: "1 finding: auth.ts:12",
      error: null,
    }],
    [at + 9_001, "span.started", {
      ...model(1),
      attributes: { model: "gpt-5", iteration: 1, attempt: 1 },
    }],
    [
      at + 27_000,
      "span.content",
      say("m1", "output", [{
        role: "assistant",
        parts: [text("text", "One high finding: auth.ts compares a token with ==.")],
      }]),
    ],
    [at + 27_000, "span.completed", {
      ...model(1),
      success: true,
      error: null,
      duration_ms: 18_000,
    }],
    [at + 27_900, "span.completed", { ...agent, success: true, error: null, duration_ms: 27_900 }],
  ];
}

function started(at: number, node: string, execution: number): Line {
  return [at, "multiagent.graph.node.started", {
    ...visitOf(node, execution),
    iteration: 1,
    is_resuming: false,
    execution,
  }];
}

function visit(
  node: string,
  execution: number,
  from: number,
  to: number,
  inside: Line[] = [],
): Line[] {
  return [started(from, node, execution), ...inside, [to, "multiagent.graph.node.completed", {
    ...visitOf(node, execution),
    status: "completed",
    duration_ms: to - from,
    error: null,
  }]];
}

function visitOf(node: string, execution: number) {
  return {
    graph_id: "review",
    node_id: node,
    span_id: `${node}${execution}`,
    parent_span_id: GRAPH,
    parallel: false,
  };
}

function routed(
  at: number,
  from: string,
  to: string[],
  said?: string,
  candidates?: object[],
): Line {
  return [at, "multiagent.graph.node.routed", {
    from_node: from,
    to_nodes: to,
    condition_result: said ?? null,
    graph_id: "review",
    via: said === undefined ? "static" : "conditional",
    span_id: GRAPH,
    ...candidates && { candidates },
  }];
}

function state(at: number, spanId: string, update: object): Line {
  return [at, "span.content", {
    span_id: spanId,
    direction: "output",
    kind: "state",
    base_span_id: null,
    from_index: 0,
    content: update,
    truncated: false,
    bytes: 0,
  }];
}
