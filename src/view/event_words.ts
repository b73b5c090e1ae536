import { clip, type Fields, listIn, numberIn, textIn } from "./payload.ts";
import { formatDuration } from "./words.ts";

/** What an event of the catalogue says, as a phrase; null for other types. */
export function eventWords(
  eventType: string,
  data: Readonly<Record<string, unknown>>,
): string | null {
  if (!Object.hasOwn(PHRASES, eventType)) return null;
  // The first part that is known begins without the dot that would part it from another.
  return clip(fill(PHRASES[eventType]!, data).replace(/^ · /, "").trim(), MAX_WORDS);
}

/** Fills what stands in braces; a part in brackets is left out where something in it is not known. */
function fill(phrase: string, data: Fields): string {
  // In one pass: what is filled in may have braces of its own.
  return phrase.replace(/\[([^[\]]*)\]|\{(\w+\??)\}/g, (_, part?: string, key?: string) => {
    if (part === undefined) return valueIn(data, key!) ?? "?";
    const isKnown = [...part.matchAll(PLACE)].every(([, key]) => valueIn(data, key!) !== null);
    return isKnown ? fill(part, data) : "";
  });
}

/** Null if it is not known. */
function valueIn(data: Fields, key: string): string | null {
  if (key.endsWith("?")) return data[key.slice(0, -1)] === true ? "" : null;
  const value = data[key];
  if (key.endsWith("_ms")) {
    const ms = numberIn(data, key);
    return ms === null ? null : formatDuration(ms);
  }
  if (Array.isArray(value)) return listIn(data, key) || null;
  if (typeof value === "object" && value !== null) {
    return clip(JSON.stringify(value), MAX_VALUE);
  }
  return textIn(data, key, MAX_VALUE) || null;
}

const PLACE = /\{(\w+\??)\}/g;
const MAX_VALUE = 300;
const MAX_WORDS = 600;

/** `{key}` is its value, `[…]` is left out where a value in it is missing, `{key?}` is nothing but has to be true. */
const PHRASES: Readonly<Record<string, string>> = {
  "agent.think": "turn {iteration}[ · “{reasoning_preview}”] · tool calls: {tool_call_count}",
  "agent.tool.started": "{tool_name}([{arg_keys}])[ · goes on{resumed?}]",
  "agent.tool.completed": "{tool_name}[ · {duration_ms}][ · {error}][ · {output_preview}]",
  "agent.reflect": "{assessment}, confidence {new_confidence}[ · “{guidance_preview}”]",
  "agent.grounding":
    "grounded {score} · {ungrounded_count} of {claims_evaluated} claims not supported[ · plans again{requires_replan?}]",
  "agent.model.chunk":
    "[“{content_preview}”][{channel} “{text}”][part of a tool call{has_tool_calls?}]",
  "agent.model.completed":
    "[{stop_reason}][ · “{content_preview}”] · tool calls: {tool_call_count}[ · not used{discarded?}]",
  "agent.tokens.used":
    "{prompt_tokens} in · {completion_tokens} out · {total_tokens} in all[ · {model}][ · {cached_input_tokens} cached]",
  "agent.interrupt": "waits for a person: “{question_preview}”",
  "agent.interrupt.answered": "answered[ by {by}][ after {waited_ms}]",
  "agent.terminate": "{reason}[ · {error}][ · {duration_ms}][ · “{final_message_preview}”]",
  "agent.model.retry": "{reason}: attempt {attempt} of {max_retries} in {delay_seconds} s",
  "agent.steering.applied": "{action}[ {tool_name}][: {reason}]",
  "agent.guardrail.triggered": "{rule_name}: {action} in {location}[ · {description}]",
  "multiagent.orchestrator.routing":
    "chooses among {specialist_count} specialists[ for “{task_preview}”]",
  "multiagent.orchestrator.decision": "{decision}[ → {specialists_selected}][ · {reasoning}]",
  "multiagent.orchestrator.specialists_invoked":
    "answered: {specialists_succeeded}[ · failed: {specialists_failed}]",
  "multiagent.orchestrator.summary": "summed up in {summary_length} characters",
  "multiagent.specialist.started": "{specialist_id}[ ({specialist_type})][ · “{task_preview}”]",
  "multiagent.specialist.completed":
    "{specialist_id}[ · {duration_ms}][ · {error}][ · “{output_preview}”]",
  "multiagent.handoff.initiated":
    "{source_agent_id} → {target_agent_id}, {reason}[ · “{context_summary}”]",
  "multiagent.handoff.completed":
    "{source_agent_id} → {target_agent_id}[ · {duration_ms}][ · {error}]",
  "multiagent.graph.node.started": "{node_id}, step {iteration}[ · goes on{is_resuming?}]",
  "multiagent.graph.node.completed":
    "{node_id} {status}[ · {duration_ms}][ · {error}][ · writes {changed}]",
  "multiagent.graph.node.routed": "{from_node} → {to_nodes}[ · {condition_result}]",
  "composition.stage.started": "stage {stage} of {stage_count}[ · {name}]",
  "composition.stage.completed": "stage {stage}[ {status}][ · {duration_ms}][ · {error}]",
  "composition.fanout.started": "{agent_count} at once, then {merge_strategy}",
  "composition.fanout.completed":
    "{success_count} answered, {error_count} failed[ · {duration_ms}]",
  "composition.loop.iteration.started": "round {iteration}[ of at most {max_loops}]",
  "composition.loop.iteration.completed":
    "round {iteration}[ {status}][ · {duration_ms}][ · {error}]",
  "composition.loop.terminated":
    "after {iterations_run} rounds, by {terminated_by}[ · {duration_ms}]",
  "router.frame.extracted":
    "wants to {primary_goal}[ in {domain}], risk {risk}, complexity {complexity}",
  "router.frame.failed": "the request was not understood: {error}",
  "router.protocol.selected": "→ {protocol_id}[ · {reason}]",
  "router.protocol.no_match": "nothing fits {primary_goal}[ · {error}]",
  "router.policy.verdict": "[allowed{allow?}][, asks a person{require_approval?}][ · {reason}]",
  "router.runnable.compiled": "{protocol_id} as {runnable_type}, {capability_count} capabilities",
  "router.runnable.executing": "{protocol_id}[ · goes on{resumed?}]",
  "router.runnable.executed": "{protocol_id}[ · {duration_ms}] · {output_length} characters",
  "router.runnable.failed": "{protocol_id} · {error}",
  "rag.query.started": "“{query_preview}” · at most {limit}[ from {store_type}]",
  "rag.query.completed": "{hit_count} found[, best {top_score}][ · {duration_ms}][ · {error}]",
  "memory.checkpoint.saved": "{thread_id} at {iteration}, {trigger}[ · {bytes} bytes]",
  "memory.checkpoint.loaded": "{thread_id} at {iteration}[ · goes on with {resume_node}]",
  "memory.conversation.pruned": "{removed_count} messages left out by {strategy}",
  "memory.compactor.triggered": "{messages_before} messages, {strategy}[ · because of {because}]",
  "memory.compactor.completed": "{messages_before} messages → {messages_after}[ · {duration_ms}]",
  "a2a.task.received": "{method}[ · task {task_id}]",
  "a2a.task.processing": "task {task_id}[ by {agent_name}][ · goes on{resumed?}]",
  "a2a.task.completed": "{method}[ · {state}][ · {duration_ms}][ · error {error_code}]",
  "a2a.client.send": "{method} to {target_url}",
  "a2a.client.received": "{method} from {target_url}: {status_code}[ · {duration_ms}][ · {error}]",
  "skills.activated": "{skill_name}[ by the {source}] · {instructions_length} characters",
  "deepagent.subagent.spawned": "{subagent_type}[ · “{description_preview}”]",
  "deepagent.subagent.completed":
    "{subagent_type}[ · {duration_ms}][ · {error}] · {output_length} characters",
  "deepagent.fs.read": "read {path}, {byte_count} bytes",
  "deepagent.fs.write": "wrote {path}, {byte_count} bytes[, {bytes_before} before]",
  "deepagent.todo.added": "to do: {content}",
  "deepagent.todo.completed": "done: {content}",
  "research.execute.started": "“{prompt_preview}”[ · plan {replan}]",
  "research.execute.completed": "{fact_count} facts[ · {error}]",
  "research.causal.built": "{node_count} causes and effects[ · “{hypothesis_preview}”]",
  "research.summarize.completed": "summed up in {summary_length} characters",
  "research.grounding.evaluated":
    "grounded {score} · {ungrounded_count} of {claims_evaluated} claims not supported",
  "research.regenerate.started": "{ungrounded_count} claims to be written again",
  "research.regenerate.completed": "written again[ · {error}]",
  "research.replan": "plan {replan} · {ungrounded_count} claims not supported",
  "research.completed": "the research is over",
  execution_started: "begins[ · {input}]",
  execution_completed: "is over[ · {output}]",
  execution_failed: "failed: {error}",
  execution_paused: "pauses",
  execution_resumed: "goes on",
  state_changed: "{key}:[ {old_value}] → {new_value}[ · {scope}]",
  state_conflict: "two wrote the same[ · {key}]",
  goal_progress: "{progress} of the goal[ · {criteria_status}]",
  goal_achieved: "the goal is reached",
  constraint_violation: "{constraint_id}[: {description}]",
  stream_started: "a stream begins",
  stream_stopped: "a stream ends",
  node_loop_started: "a loop of at most {max_iterations} rounds",
  node_loop_iteration: "round {iteration}",
  node_loop_completed: "the loop is over after {iterations} rounds",
  llm_text_delta: "“{content}”",
  llm_reasoning_delta: "reasoning “{content}”",
  tool_call_started: "{tool_name}([{tool_input}])",
  tool_call_completed: "{tool_name}[ failed{is_error?}][ · {result}]",
  client_output_delta: "“{content}”",
  client_input_requested: "waits for a person[: “{prompt}”]",
  node_internal_output: "“{content}”",
  node_input_blocked: "waits for input[: “{prompt}”]",
  node_stalled: "does not get on[: {reason}]",
  custom: "an event of the program's own",
  "run.started": "[{name}][ · “{input_preview}”][ · goes on{resumed?}]",
  "run.completed": "{outcome}[ · {error}][ · {duration_ms}]",
  "span.started": "{name}[ · {kind}][ · goes on{resumed?}]",
  "span.completed": "{name}[ · {duration_ms}][ · {error}]",
  "span.linked": "{span_id} is part of {parent_span_id}",
  "span.content": "{direction} · {kind}[ · by {by}][ · used by {used_by}][ · {bytes} bytes]",
  "bus.gap": "{count} events missing: {from_seq} to {to_seq}, {reason}",
  "bus.end": "nothing will follow",
  "bus.live": "what follows is live",
  "bus.error": "the stream failed[ · {correlation_id}]",
};
