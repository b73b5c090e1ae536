/** What the pairs of the catalogue say: which event begins which piece of work, and which one ends it. */

import { isRecord } from "../core/options.ts";
import type { SpanRole, SpanState } from "./picture_rows.ts";
import { type Fields, listIn, numberIn, textIn } from "./payload.ts";
import {
  attributesIn,
  by,
  byId,
  end,
  keysIn,
  nth,
  of,
  type SpanReading,
  start,
  withIds,
} from "./span_reading.ts";
import { count } from "./words.ts";

/** Reads an event that begins or ends a piece of work; null for all others. */
export function readSpan(eventType: string, data: Fields): SpanReading | null {
  return Object.hasOwn(READERS, eventType) ? withIds(READERS[eventType]!(data), data) : null;
}

type Reader = (data: Fields) => SpanReading;

const READERS: Readonly<Record<string, Reader>> = {
  "agent.tool.started": (data) =>
    start("tool", byId(data), textIn(data, "tool_name"), listIn(data, "arg_keys")),
  "agent.tool.completed": (data) =>
    end("tool", byId(data), textIn(data, "tool_name"), data, "output_preview"),

  "span.started": (data) =>
    start(
      roleOf(data),
      byId(data),
      textIn(data, "name"),
      SUBJECTS.has(data.kind)
        ? attributeIn(data, SUBJECTS.get(data.kind)!).replace(MADE_UP, "")
        : attributesIn(data),
    ),
  "span.completed": (data) =>
    orWaits(
      // A graph says why it stopped, and a branch of a fan-out how it stands.
      { status: attributeIn(data, "stop_reason") || attributeIn(data, "status") },
      end(roleOf(data), byId(data), textIn(data, "name"), data),
    ),

  "multiagent.specialist.started": (data) =>
    start(
      "specialist",
      by(data, "specialist_id"),
      textIn(data, "specialist_id"),
      textIn(data, "task_preview"),
    ),
  "multiagent.specialist.completed": (data) =>
    end(
      "specialist",
      by(data, "specialist_id"),
      textIn(data, "specialist_id"),
      data,
      "output_length",
    ),

  "multiagent.handoff.initiated": (data) => handoff(data, start),
  "multiagent.handoff.completed": (data) => handoff(data, end),

  "multiagent.graph.node.started": (data) =>
    start("node", byId(data), textIn(data, "node_id"), againIn(data)),
  "multiagent.graph.node.completed": (data) => {
    const reading = end("node", byId(data), textIn(data, "node_id"), data);
    return {
      ...reading,
      state: NODE_STATES.get(textIn(data, "status")) ?? reading.state,
      result: textIn(data, "error") || (data.status === "completed" ? "" : textIn(data, "status")),
    };
  },

  "composition.stage.started": (data) =>
    start("stage", by(data, "stage"), nth("stage", data, "stage"), of(data, "stage_count")),
  "composition.stage.completed": (data) =>
    orWaits(
      data,
      end("stage", by(data, "stage"), nth("stage", data, "stage"), data, "output_length"),
    ),
  "composition.fanout.started": (data) =>
    start("fanout", {}, "fan-out", count(numberIn(data, "agent_count") ?? 0, "agent")),
  "composition.fanout.completed": (data) => {
    const [answered, failed, waiting] = ["success", "error", "interrupted"].map((how) =>
      numberIn(data, `${how}_count`) ?? 0
    );
    return {
      ...end("fanout", {}, "fan-out", data),
      state: failed! > 0 ? "failed" : waiting! > 0 ? "waiting" : "done",
      result: `${answered} answered, ${failed} failed${waiting ? `, ${waiting} waiting` : ""}`,
    };
  },
  "composition.loop.iteration.started": (data) =>
    start("round", by(data, "iteration"), nth("round", data, "iteration"), ""),
  "composition.loop.iteration.completed": (data) =>
    orWaits(
      data,
      end("round", by(data, "iteration"), nth("round", data, "iteration"), data, "output_length"),
    ),

  "router.runnable.executing": (data) =>
    start("protocol", by(data, "protocol_id"), textIn(data, "protocol_id"), ""),
  "router.runnable.executed": (data) =>
    end("protocol", by(data, "protocol_id"), textIn(data, "protocol_id"), data, "output_length"),
  "router.runnable.failed": (data) =>
    end("protocol", by(data, "protocol_id"), textIn(data, "protocol_id") || "router", data),

  "rag.query.started": (data) =>
    start("query", by(data, "store_type"), "query", textIn(data, "query_preview")),
  "rag.query.completed": (data) => ({
    ...end("query", by(data, "store_type"), "query", data),
    result: count(numberIn(data, "hit_count") ?? 0, "hit"),
  }),

  "memory.compactor.triggered": (data) =>
    start("compaction", {}, "compact", count(numberIn(data, "messages_before") ?? 0, "message")),
  "memory.compactor.completed": (data) => ({
    ...end("compaction", {}, "compact", data),
    result: `${count(numberIn(data, "messages_after") ?? 0, "message")} left`,
  }),

  "a2a.task.received": (data) =>
    start("task", by(data, "method"), textIn(data, "method"), textIn(data, "rpc_id")),
  "a2a.task.completed": (data) => {
    const code = textIn(data, "error_code");
    return {
      ...end("task", by(data, "method"), textIn(data, "method"), data),
      result: code && `error ${code}`,
    };
  },
  "a2a.client.send": (data) =>
    start(
      "request",
      by(data, "target_url", "method"),
      textIn(data, "method"),
      textIn(data, "target_url"),
    ),
  "a2a.client.received": (data) => {
    const status = numberIn(data, "status_code") ?? 0;
    return {
      ...end("request", by(data, "target_url", "method"), textIn(data, "method"), data),
      subject: textIn(data, "target_url"),
      state: status >= 200 && status < 400 ? "done" : "failed",
      result: status === 0 ? "no answer" : `HTTP ${status}`,
    };
  },

  "deepagent.subagent.spawned": (data) =>
    start(
      "subagent",
      by(data, "subagent_type"),
      textIn(data, "subagent_type"),
      textIn(data, "description_preview"),
    ),
  "deepagent.subagent.completed": (data) =>
    end(
      "subagent",
      by(data, "subagent_type"),
      textIn(data, "subagent_type"),
      data,
      "output_length",
    ),

  "research.execute.started": (data) =>
    start("research", { step: "execute" }, "research", textIn(data, "prompt_preview")),
  "research.execute.completed": (data) => ({
    ...end("research", { step: "execute" }, "research", data),
    result: count(numberIn(data, "fact_count") ?? 0, "fact"),
  }),
  "research.regenerate.started": (data) =>
    start(
      "research",
      { step: "regenerate" },
      "rewrite",
      count(numberIn(data, "ungrounded_count") ?? 0, "unsupported claim"),
    ),
  "research.regenerate.completed": (data) =>
    end("research", { step: "regenerate" }, "rewrite", data),

  node_loop_started: () => start("loop", {}, "loop", ""),
  node_loop_completed: (data) => ({
    ...end("loop", {}, "loop", data),
    result: count(numberIn(data, "iterations") ?? 0, "round"),
  }),
  tool_call_started: (data) =>
    start(
      "tool",
      { spanId: textIn(data, "tool_use_id") },
      textIn(data, "tool_name"),
      keysIn(data.tool_input),
    ),
  tool_call_completed: (data) => ({
    ...end("tool", { spanId: textIn(data, "tool_use_id") }, textIn(data, "tool_name"), data),
    state: data.is_error === true ? "failed" : "done",
    result: textIn(data, "result"),
  }),
};

function roleOf({ kind }: Fields): SpanRole {
  return kind === "agent" || kind === "run" ? kind : "span";
}

/** The attribute that says what a span of a kind works on; the drawing of its parts is not for a line. */
const SUBJECTS: ReadonlyMap<unknown, string> = new Map([
  ["agent", "model"],
  ["graph", "thread_id"],
  ["pipeline", "thread_id"],
  ["loop", "thread_id"],
  ["orchestrator", "thread_id"],
  ["swarm", "thread_id"],
  ["router", "thread_id"],
]);

/** An id that nobody chose says nothing. */
const MADE_UP = /^[0-9a-f]{16,32}$/;

function attributeIn({ attributes }: Fields, key: string): string {
  return isRecord(attributes) ? textIn(attributes, key) : "";
}

/** Whether a node that begins does so again. Its graph stands around it. */
function againIn(data: Fields): string {
  if ((numberIn(data, "execution") ?? 1) < 2) return "";
  const kept = Array.isArray(data.kept) ? data.kept.length : 0;
  return `runs again${kept > 0 ? `, ${count(kept, "result")} kept` : ""}`;
}

/** What waits for a person has ended as well: it begins again with the answer. */
function orWaits({ status }: Fields, reading: SpanReading): SpanReading {
  return status === "interrupted" ? { ...reading, state: "waiting", result: "" } : reading;
}

function handoff(data: Fields, read: typeof start | typeof end): SpanReading {
  const pairing = by(data, "source_agent_id", "target_agent_id");
  const name = textIn(data, "target_agent_id");
  const from = `from ${textIn(data, "source_agent_id")}`;
  return read === start
    ? start("handoff", pairing, name, `${from}: ${textIn(data, "reason")}`)
    : { ...end("handoff", pairing, name, data, "output_length"), subject: from };
}

const NODE_STATES: ReadonlyMap<string, SpanState> = new Map([
  ["completed", "done"],
  ["failed", "failed"],
  ["skipped", "skipped"],
  ["interrupted", "waiting"],
]);
