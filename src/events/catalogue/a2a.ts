/**
 * What both sides of the Agent-to-Agent protocol say.
 *
 * @module
 */

import type { InSpan, SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** A server got a valid request. */
export interface A2aTaskReceived extends SpanPair {
  /** The method asked for, such as `message/send`. */
  method: string;
  /** The request's JSON-RPC id as text; null if it has none. */
  rpc_id: string | null;
  /** The task that it is about; null if it names none. */
  task_id?: string | null;
  /** The conversation that the task belongs to; null if there is no task. */
  context_id?: string | null;
  /** How it came: `JSONRPC` or `HTTP+JSON`. */
  binding?: string;
  /** The version of the protocol, such as `1.0`. */
  protocol_version?: string;
}

/** A server's agent works on a task. */
export interface A2aTaskProcessing extends InSpan {
  /** The id that the client knows the task by. */
  task_id: string;
  /** The agent's name, as on its card. */
  agent_name: string;
  /** True if the task waited for a person and goes on. */
  resumed?: boolean;
}

/** A server answered a request. */
export interface A2aTaskCompleted extends SpanPair {
  /** The method asked for. */
  method: string;
  /** Whether the answer is a result and not an error. */
  success: boolean;
  /** The JSON-RPC error code, such as -32601; null on success. */
  error_code: number | null;
  /** From the request to the end of the answer, or of the run, in milliseconds. */
  duration_ms: number;
  /** The state of the task by then, such as `TASK_STATE_COMPLETED`; null if there is no task. */
  state?: string | null;
}

/** A client is about to call a server. */
export interface A2aClientSend extends SpanPair {
  /** Address of the server, without a trailing slash. */
  target_url: string;
  /** The method called, such as `message/send`. */
  method: string;
}

/** A client has the whole answer of a server, or could not reach it. */
export interface A2aClientReceived extends SpanPair {
  /** Address of the server, without a trailing slash. */
  target_url: string;
  /** The method called. */
  method: string;
  /** The HTTP status; 0 if there was no answer. */
  status_code: number;
  /** From the call to the end of the answer, in milliseconds. */
  duration_ms: number;
  /** Size of the answer's body, in bytes. */
  content_length: number;
  /** What went wrong; null if nothing did. */
  error?: string | null;
  /** The task that the answer is about; null if it names none. */
  task_id?: string | null;
  /** The id of the last frame of a stream; null if there was none. */
  last_event_id?: string | null;
}

/** The payload of every `a2a.*` event. */
export type A2aEvents = {
  "a2a.task.received": A2aTaskReceived;
  "a2a.task.processing": A2aTaskProcessing;
  "a2a.task.completed": A2aTaskCompleted;
  "a2a.client.send": A2aClientSend;
  "a2a.client.received": A2aClientReceived;
};

/** The documentation of every `a2a.*` event. */
export const a2aEvents: EventRows<A2aEvents> = {
  "a2a.task.received": {
    summary: "A server got a valid request.",
    note: "Not for a request that is refused or malformed.",
    pairs_with: "a2a.task.completed",
  },
  "a2a.task.processing": {
    summary: "A server's agent works on a task.",
    note: "When the task goes from submitted to working.",
  },
  "a2a.task.completed": {
    summary: "A server answered a request.",
    note: "For a streaming method, when the stream ends.",
    pairs_with: "a2a.task.received",
  },
  "a2a.client.send": {
    summary: "A client is about to call a server.",
    pairs_with: "a2a.client.received",
  },
  "a2a.client.received": {
    summary: "A client has the whole answer of a server, or could not reach it.",
    pairs_with: "a2a.client.send",
  },
};
