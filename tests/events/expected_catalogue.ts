/**
 * Every event with exactly the keys of its payload, each with a possible value: written down by hand
 * from the wire contract, so that a change in `src` shows here.
 */

/** The 68 events of a run. */
export const runEvents = {
  "agent.think": {
    iteration: 0,
    reasoning_preview: "I need the weather first.",
    has_tool_calls: true,
    tool_call_count: 1,
  },
  "agent.tool.started": { tool_name: "weather", span_id: "call_1", arg_keys: ["city", "unit"] },
  "agent.tool.completed": {
    tool_name: "weather",
    span_id: "call_1",
    success: false,
    duration_ms: 12.5,
    output_preview: "",
    error: "TimeoutError: no answer",
  },
  "agent.reflect": {
    iteration: 1,
    assessment: "on_track",
    confidence_delta: -0.1,
    new_confidence: 0.6,
    guidance_preview: "Look at the second source.",
  },
  "agent.grounding": {
    score: 0.75,
    claims_evaluated: 4,
    ungrounded_count: 1,
    requires_replan: false,
  },
  "agent.model.chunk": { content_preview: "It is", done: false, has_tool_calls: false },
  "agent.model.completed": {
    content_preview: "It is cold.",
    tool_call_count: 0,
    stop_reason: null,
  },
  "agent.tokens.used": { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
  "agent.interrupt": {
    interrupt_id: "int_0a1b2c3d",
    question_preview: "Delete it?",
    options: ["yes", "no"],
  },
  "agent.terminate": {
    reason: "complete",
    iterations_used: 2,
    final_confidence: 0,
    total_tool_calls: 1,
    final_message_preview: "It is cold.",
  },
  "agent.model.retry": {
    attempt: 1,
    max_retries: 3,
    delay_seconds: 0.5,
    reason: "empty_response",
  },
  "agent.steering.applied": { action: "guide", tool_name: "delete_file", reason: "not allowed" },
  "agent.guardrail.triggered": {
    rule_name: "api_key",
    action: "redact",
    location: "output",
    description: "A key must not be shown.",
  },

  "multiagent.orchestrator.routing": {
    orchestrator_id: "orchestrator_0a1b2c3d",
    task_preview: "Why is it slow?",
    specialist_count: 2,
  },
  "multiagent.orchestrator.decision": {
    orchestrator_id: "orchestrator_0a1b2c3d",
    decision: "invoke_specialist",
    specialists_selected: ["logs"],
    reasoning: "The logs know.",
  },
  "multiagent.orchestrator.specialists_invoked": {
    orchestrator_id: "orchestrator_0a1b2c3d",
    specialists_invoked: ["logs", "traces"],
    specialists_succeeded: ["logs"],
    specialists_failed: ["traces"],
  },
  "multiagent.orchestrator.summary": {
    orchestrator_id: "orchestrator_0a1b2c3d",
    summary_length: 120,
  },
  "multiagent.specialist.started": {
    specialist_id: "logs",
    specialist_type: "log_analyst",
    task_preview: "Why is it slow?",
  },
  "multiagent.specialist.completed": {
    specialist_id: "logs",
    specialist_type: "log_analyst",
    success: true,
    confidence: 0.7,
    duration_ms: 840.25,
    output_length: 512,
    error: null,
  },
  "multiagent.handoff.initiated": {
    source_agent_id: "agent_1",
    target_agent_id: "agent_2",
    reason: "escalation",
    context_summary: null,
  },
  "multiagent.handoff.completed": {
    source_agent_id: "agent_1",
    target_agent_id: "agent_2",
    success: true,
    output_length: 64,
  },
  "multiagent.graph.node.started": {
    graph_id: "graph_0a1b2c3d",
    node_id: "check",
    iteration: 1,
    span_id: "0a1b2c3d",
    parallel: false,
    is_resuming: false,
  },
  "multiagent.graph.node.completed": {
    graph_id: "graph_0a1b2c3d",
    node_id: "check",
    span_id: "0a1b2c3d",
    status: "completed",
    duration_ms: 3,
    parallel: false,
  },
  "multiagent.graph.node.routed": {
    from_node: "check",
    to_nodes: ["repair"],
    condition_result: "error",
  },

  "composition.stage.started": { pipeline_kind: "sequential", stage: 0, stage_count: 2 },
  "composition.stage.completed": {
    pipeline_kind: "sequential",
    stage: 0,
    output_length: 40,
    duration_ms: 7.5,
    success: true,
  },
  "composition.fanout.started": { agent_count: 3, merge_strategy: "concatenate" },
  "composition.fanout.completed": { success_count: 2, error_count: 1, duration_ms: 99 },
  "composition.loop.iteration.started": { iteration: 0 },
  "composition.loop.iteration.completed": { iteration: 0, output_length: 12, duration_ms: 5 },
  "composition.loop.terminated": { iterations_run: 3, terminated_by: "condition" },

  "router.frame.extracted": {
    primary_goal: "diagnose",
    secondary_goals: ["explain"],
    domain: "storage",
    complexity: "high",
    risk: "medium",
    requires_tools: true,
    requires_memory: false,
    requires_code_generation: false,
    requires_multi_agent: true,
    success_criteria: ["The cause is named."],
  },
  "router.frame.failed": { error: "FrameExtractionError: no goal" },
  "router.protocol.selected": {
    protocol_id: "specialist_fanout",
    cost: "high",
    latency: "high",
    reason: "rule_based: distance=0 canonical=true cost=high",
  },
  "router.protocol.no_match": { frame_summary: "goal=answer domain=law complexity=low risk=high" },
  "router.policy.verdict": { allow: true, require_approval: false, reason: "ok" },
  "router.runnable.compiled": { protocol_id: "specialist_fanout" },
  "router.runnable.executing": { protocol_id: "specialist_fanout" },
  "router.runnable.executed": { protocol_id: "specialist_fanout", output_length: 900 },
  "router.runnable.failed": { protocol_id: null, error: "TypeError: no endpoint" },

  "rag.query.started": {
    query_preview: "cold start",
    limit: 5,
    store_type: "InMemoryVectorStore",
    threshold: 0.5,
  },
  "rag.query.completed": {
    hit_count: 0,
    top_score: null,
    duration_ms: 21.5,
    store_type: "InMemoryVectorStore",
  },

  "memory.checkpoint.saved": {
    thread_id: "thread-1",
    iteration: 4,
    backend: "memory",
    trigger: "every_n_iterations",
  },
  "memory.checkpoint.loaded": {
    thread_id: "thread-1",
    iteration: 4,
    backend: "memory",
    resume_node: null,
  },
  "memory.conversation.pruned": {
    strategy: "sliding_window",
    window_size: 20,
    removed_count: 5,
  },
  "memory.compactor.triggered": {
    strategy: "summarizing",
    messages_before: 31,
    threshold: 30,
  },
  "memory.compactor.completed": {
    strategy: "summarizing",
    messages_before: 31,
    messages_after: 12,
    summarized_count: 21,
    duration_ms: 300,
  },

  "a2a.task.received": { method: "message/send", rpc_id: "1" },
  "a2a.task.processing": { task_id: "task-1", agent_name: "Weather" },
  "a2a.task.completed": {
    method: "message/send",
    success: false,
    error_code: -32601,
    duration_ms: 1.5,
  },
  "a2a.client.send": { target_url: "http://127.0.0.1:8001", method: "message/send" },
  "a2a.client.received": {
    target_url: "http://127.0.0.1:8001",
    method: "message/send",
    status_code: 200,
    duration_ms: 18,
    content_length: 512,
  },

  "skills.activated": {
    skill_name: "write-report",
    has_resources: false,
    instructions_length: 812,
  },

  "deepagent.subagent.spawned": {
    subagent_type: "reader",
    description_preview: "Read the files.",
    max_iterations: 10,
  },
  "deepagent.subagent.completed": {
    subagent_type: "reader",
    output_length: 100,
    duration_ms: 2000,
    success: true,
  },
  "deepagent.fs.read": { path: "/notes.md", byte_count: 5 },
  "deepagent.fs.write": { path: "/notes.md", byte_count: 2 },
  "deepagent.todo.added": { content: "Read the files", status: "pending" },
  "deepagent.todo.completed": { content: "Read the files", status: "completed" },

  "research.execute.started": { prompt_preview: "Why did it fail?", replan: 0 },
  "research.execute.completed": { fact_count: 3 },
  "research.causal.built": {
    node_count: 4,
    hypothesis_preview: "The disk was full.",
    confidence: 0.8,
  },
  "research.summarize.completed": { summary_length: 700, has_structured_output: true },
  "research.grounding.evaluated": {
    score: 0.4,
    claims_evaluated: 5,
    ungrounded_count: 3,
    requires_replan: true,
  },
  "research.regenerate.started": { ungrounded_count: 3 },
  "research.regenerate.completed": { regeneration: 1 },
  "research.replan": {
    replan: 1,
    ungrounded_count: 3,
    prompt_preview: "Find support for: the disk was full.",
  },
  "research.completed": {},
} as const;

/** The 25 events between streams. */
export const coordinationEvents = {
  execution_started: { input: { order: 42 } },
  execution_completed: { output: {} },
  execution_failed: { error: "no answer" },
  execution_paused: {},
  execution_resumed: {},
  state_changed: { key: "stock", old_value: null, new_value: [1, 2], scope: "stream" },
  state_conflict: {},
  goal_progress: { progress: 0.5, criteria_status: { fast: true } },
  goal_achieved: {},
  constraint_violation: { constraint_id: "budget", description: "Too expensive." },
  stream_started: {},
  stream_stopped: {},
  node_loop_started: { max_iterations: null },
  node_loop_iteration: { iteration: 1 },
  node_loop_completed: { iterations: 3 },
  llm_text_delta: { content: " cold", snapshot: "It is cold" },
  llm_reasoning_delta: { content: "Hm." },
  tool_call_started: { tool_use_id: "call_1", tool_name: "weather", tool_input: { city: "Oslo" } },
  tool_call_completed: {
    tool_use_id: "call_1",
    tool_name: "weather",
    result: "4 °C",
    is_error: false,
  },
  client_output_delta: { content: " cold", snapshot: "It is cold" },
  client_input_requested: { prompt: "Which city?" },
  node_internal_output: { content: "draft" },
  node_input_blocked: { prompt: "" },
  node_stalled: { reason: "waiting" },
  custom: {},
} as const;

/** What the bus itself says. */
export const controlEvents = {
  "bus.gap": { from_seq: 12, to_seq: 40, count: 29, reason: "lagged" },
  "bus.end": { last_event_id: "k3v9-40" },
  "bus.live": { cursor: "k3v9-40" },
  "bus.error": { correlation_id: "0a1b2c3d" },
} as const;

/** The run itself. */
export const lifeEvents = {
  "run.started": {
    name: "Refund order 42",
    parent_run_id: null,
    parent_span_id: null,
    input_preview: "Refund order 42",
    tags: { customer: "7" },
    metadata: { plan: "free" },
  },
  "run.completed": { outcome: "ok", error: null, duration_ms: 12.5 },
} as const;

/** Spans of one's own, and their places in each other. */
export const spanEvents = {
  "span.started": {
    span_id: "0a1b2c3d",
    parent_span_id: null,
    name: "checkout",
    attributes: { items: 3 },
  },
  "span.completed": {
    span_id: "0a1b2c3d",
    parent_span_id: null,
    name: "checkout",
    success: true,
    duration_ms: 12.5,
    error: null,
  },
  "span.linked": { span_id: "call_1", parent_span_id: "0a1b2c3d" },
  "span.content": {
    span_id: "00f067aa0ba902b7",
    direction: "input",
    kind: "messages",
    base_span_id: null,
    from_index: 0,
    content: [{ role: "user", parts: [{ type: "text", content: "Hi" }] }],
    truncated: false,
    bytes: 59,
  },
} as const;

/** Payloads of our own beside the seed's, below a prefix of the seed's. */
export const ownEvents = {
  "agent.interrupt.answered": { interrupt_id: "int_0a1b2c3d", by: null, waited_ms: 1200 },
} as const;

/** All of them. */
export const expectedCatalogue = {
  ...runEvents,
  ...ownEvents,
  ...coordinationEvents,
  ...lifeEvents,
  ...spanEvents,
  ...controlEvents,
};

/** Keys that components add, by event type; each with a possible value. Consumers never require them. */
const inSpan = { span_id: "00f067aa0ba902b7" };
const spanPair = { span_id: "00f067aa0ba902b7", parent_span_id: null };
const toolSpan = {
  tool_span_id: "00f067aa0ba902b7",
  parent_span_id: null,
  attempt: 1,
  resumed: true,
};
const candidates = [{ id: "fast", chosen: true, reason: null, score: 0.9 }];

/** The pairs that open and close a span: `[opens, closes]`. */
export const spanPairs = [
  ["multiagent.specialist.started", "multiagent.specialist.completed"],
  ["multiagent.handoff.initiated", "multiagent.handoff.completed"],
  ["composition.stage.started", "composition.stage.completed"],
  ["composition.fanout.started", "composition.fanout.completed"],
  ["composition.loop.iteration.started", "composition.loop.iteration.completed"],
  ["router.runnable.executing", "router.runnable.executed"],
  ["router.runnable.executing", "router.runnable.failed"],
  ["rag.query.started", "rag.query.completed"],
  ["memory.compactor.triggered", "memory.compactor.completed"],
  ["a2a.task.received", "a2a.task.completed"],
  ["a2a.client.send", "a2a.client.received"],
  ["deepagent.subagent.spawned", "deepagent.subagent.completed"],
  ["research.execute.started", "research.execute.completed"],
  ["research.regenerate.started", "research.regenerate.completed"],
] as const;

const beginning = { execution: 2, because: "answer", kept: ["mail"] };

/** Extras beside the place, or in its stead. */
const further: { readonly [eventType: string]: object } = {
  "agent.tool.started": toolSpan,
  "agent.tool.completed": toolSpan,
  "multiagent.specialist.completed": { ...spanPair, output_preview: "Nothing in the logs." },
  "multiagent.handoff.initiated": {
    ...spanPair,
    handoff_id: "handoff_0a1b2c3d",
    carry: "summary",
    messages_total: 7,
    messages_carried: 2,
    messages_left_out: 5,
    tool_results_left_out: 2,
    summary_length: 120,
    findings: ["disk"],
    chain_length: 1,
    chain_limit: 5,
  },
  "multiagent.handoff.completed": {
    ...spanPair,
    handoff_id: "handoff_0a1b2c3d",
    error: null,
    duration_ms: 12.5,
  },
  "multiagent.graph.node.started": {
    ...beginning,
    parent_span_id: null,
    task_id: "2.0",
  },
  "multiagent.graph.node.completed": {
    parent_span_id: null,
    error: null,
    attempts: 1,
    cached: false,
    changed: ["topic"],
  },
  "multiagent.graph.node.routed": {
    ...inSpan,
    candidates,
    graph_id: "graph_0a1b2c3d",
    via: "conditional",
  },
  "memory.checkpoint.saved": {
    ...inSpan,
    checkpoint_id: "c2",
    parent_checkpoint_id: "c1",
    bytes: 170,
    changed: ["topic"],
  },
  "memory.checkpoint.loaded": { ...inSpan, checkpoint_id: "c2", because: "answer" },
  "memory.compactor.triggered": {
    ...spanPair,
    unit: "tokens",
    tokens_before: 90_000,
    because: "threshold",
  },
  "memory.compactor.completed": {
    ...spanPair,
    tokens_after: 40_000,
    evicted: [{ tool_call_id: "c1", name: "search", bytes: 9000, ref: "3" }],
    from_index: 1,
    to_index: 22,
    fallback: null,
    over_budget: false,
  },
  "agent.interrupt": { ...inSpan, graph_id: "graph_0a1b2c3d", node_id: "check" },
  "composition.stage.started": { ...spanPair, ...beginning, name: "draft" },
  "composition.stage.completed": { ...spanPair, status: "completed", error: null },
  "composition.fanout.completed": { ...spanPair, interrupted_count: 0 },
  "composition.loop.iteration.started": { ...spanPair, ...beginning, max_loops: 5 },
  "composition.loop.iteration.completed": {
    ...spanPair,
    status: "completed",
    error: null,
    condition_met: true,
  },
  "composition.loop.terminated": { ...inSpan, duration_ms: 12.5 },
  "router.frame.extracted": {
    ...inSpan,
    approval_required: false,
    required_capabilities: ["logs"],
    unknown_capabilities: [],
    confidence: 0.9,
  },
  "router.protocol.selected": {
    ...inSpan,
    candidates,
    method: "rule_based",
    rationale: null,
    fallback_error: null,
    primary_goal: "diagnose",
    is_canonical: true,
    risk_max: "medium",
    protocol_description: "One agent for each capability.",
  },
  "router.protocol.no_match": {
    ...inSpan,
    primary_goal: "answer",
    risk: "high",
    error: "NoMatchingProtocolError: none",
    candidates,
  },
  "router.policy.verdict": {
    ...inSpan,
    protocol_id: "specialist_fanout",
    frame_risk: "medium",
  },
  "router.runnable.compiled": {
    ...inSpan,
    runnable_type: "GraphRunnable",
    capability_count: 2,
  },
  "router.runnable.executing": { ...spanPair, resumed: true },
  "router.runnable.executed": { ...spanPair, duration_ms: 12.5 },
  "rag.query.started": { ...spanPair, mode: "hybrid" },
  "rag.query.completed": {
    ...spanPair,
    reranker_type: "cohere:rerank-v3.5",
    score_kind: "rerank",
    stages: [{ name: "embed", count: 1, duration_ms: 20.5 }],
    error: null,
  },
  "a2a.task.received": {
    ...spanPair,
    task_id: "task-1",
    context_id: null,
    binding: "JSONRPC",
    protocol_version: "1.0",
  },
  "a2a.task.processing": { ...inSpan, resumed: true },
  "a2a.task.completed": { ...spanPair, state: "TASK_STATE_COMPLETED" },
  "a2a.client.received": { ...spanPair, error: null, task_id: "task-1", last_event_id: null },
  "agent.model.chunk": { ...inSpan, discarded: true, channel: "reasoning", text: "Hm." },
  "agent.model.completed": { ...inSpan, discarded: true },
  "agent.tokens.used": {
    ...inSpan,
    cached_input_tokens: 2,
    cache_write_tokens: 0,
    reasoning_tokens: 1,
    model: "gpt-5",
  },
  "skills.activated": { ...inSpan, hash: "0a1b2c3d", source: "model", already_active: false },
  "run.started": { resumed: true },
  "span.content": { by: null, used_by: "citation" },
  "span.started": { kind: "work", resumed: true },
  "span.completed": { kind: "work", attributes: { hits: 3 } },
  "deepagent.subagent.spawned": { ...spanPair, resumed: true },
  "deepagent.subagent.completed": { ...spanPair, error: null },
  "deepagent.fs.write": { ...inSpan, bytes_before: null, hash: "2cf24dba5fb0a30e26e83b2ac5b9e29e" },
  "deepagent.todo.added": { ...inSpan, position: 0, list_length: 2 },
  "deepagent.todo.completed": { ...inSpan, position: 1, list_length: 2 },
  "research.execute.completed": { ...spanPair, error: null },
  "research.regenerate.completed": { ...spanPair, error: null },
  "research.grounding.evaluated": {
    ...inSpan,
    citations: [{
      claim_preview: "The disk was full.",
      score: 0.9,
      sources: [{ fact_id: "fact_000", source: "logs", tool_span_id: null, start: 0, end: 18 }],
    }],
  },
  "agent.terminate": { ...inSpan, success: true, error: null, error_kind: null, duration_ms: 12.5 },
};

/** What an event of the seed may carry besides the seed's keys. */
export function extrasOf(eventType: string): object {
  if (eventType in further) return further[eventType]!;
  if (spanPairs.flat().includes(eventType as never)) return spanPair;
  const isPlaced = (eventType in runEvents || eventType in ownEvents) &&
    eventType !== "research.completed";
  return isPlaced ? inSpan : {};
}
