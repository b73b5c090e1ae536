/** The tool calls of an agent as spans on the bus. */

import { endOpen } from "../../core/run/open_work.ts";
import { inPlaceOf, type Run } from "../../core/run/run_context.ts";
import { randomHex } from "../../core/random_hex.ts";
import { isSameJson } from "../../core/same_json.ts";
import type { SnapshotRun } from "../../runtime/follow/followed.ts";
import { type AgentEvent, toolComplete, toolStart } from "../state/events.ts";
import type { ToolCall } from "../state/messages.ts";
import type { ToolExecution } from "../state/state.ts";
import { publishContent } from "../../content/publish_content.ts";
import type { Extras } from "./bus_bridge.ts";

/** A tool call as a span. */
export interface ToolSpan {
  readonly id: string;
  readonly run: Run;
  /** Calls what is the user's inside of the span. */
  readonly inside: SnapshotRun;
  /** Which attempt at the call it is, from 1. */
  attempt: number;
}

/** A tool call that was begun and is not complete. */
interface OpenTool extends ToolSpan {
  readonly call: Pick<ToolCall, "id" | "name">;
  readonly startedAt: number;
  isTold: boolean;
  /** What its arguments are, as far as they were published. */
  args?: unknown;
}

/** The agent that calls the tools. */
export interface CallingAgent {
  readonly executions: readonly ToolExecution[];
  /** Who answered; null if nobody knows. */
  readonly answeredBy: string | null;
}

type Publish = (event: AgentEvent, extras: Extras) => void;

/** What one segment of an agent's run says of its tool calls. */
export class ToolSpans {
  readonly #run: Run;
  readonly #agent: CallingAgent;
  readonly #hasContent: boolean;
  readonly #publish: Publish;
  readonly #open = new Map<string, OpenTool>();

  /** @param run The run, as seen from inside of the agent's span. */
  constructor(run: Run, agent: CallingAgent, hasContent: boolean, publish: Publish) {
    this.#run = run;
    this.#agent = agent;
    this.#hasContent = hasContent;
    this.#publish = publish;
  }

  /** Begins a tool call; `agent.tool.started` is published with its `tool_start`. */
  open(call: ToolCall): ToolSpan {
    return this.#begin(call, randomHex(16));
  }

  /** Goes on with a tool call that waited for a person: with the same ids, if the run is the same. */
  reopen(
    call: ToolCall,
    args: object,
    waited: SpanPlace | null,
    toolSpanId: string | null,
  ): ToolSpan {
    const isSame = waited?.run_id === this.#run.id && toolSpanId !== null;
    const tool = this.#begin(call, isSame ? toolSpanId : randomHex(16));
    tool.isTold = true;
    this.#publish(toolStart(call, { ...args }), {
      ...this.#pairOf(tool),
      ...isSame && { resumed: true },
    });
    if (isSame) tool.args = args;
    else this.tellArguments(tool, args);
    return tool;
  }

  /** Publishes what a tool is called with, if that was not published yet. */
  tellArguments(span: ToolSpan, args: unknown): void {
    const tool = span as OpenTool;
    if (!this.#hasContent || isSameJson(tool.args, args)) return;
    tool.args = args;
    publishContent(this.#run, { span_id: tool.id, direction: "input" }, "arguments", args);
  }

  /** Publishes what a person answered a tool. */
  tellAnswer(span: ToolSpan, answer: unknown): void {
    if (!this.#hasContent) return;
    const place = { span_id: span.id, direction: "input", by: this.#agent.answeredBy } as const;
    publishContent(this.#run, place, "answer", answer);
  }

  publish(event: Extract<AgentEvent, { readonly tool_call_id: string }>): void {
    const tool = this.#open.get(event.tool_call_id);
    if (tool === undefined) return;
    if (event.event_type === "tool_start") {
      tool.isTold = true;
      this.#publish(event, this.#pairOf(tool));
      return this.tellArguments(tool, event.arguments);
    }
    this.#open.delete(event.tool_call_id);
    endOpen(tool.run, event.error !== null);
    if (this.#hasContent && event.result !== null) {
      publishContent(this.#run, { span_id: tool.id, direction: "output" }, "result", event.result);
    }
    this.#publish(event, this.#pairOf(tool));
  }

  close(): void {
    for (const { call, isTold, startedAt } of this.#open.values()) {
      // It would end without having begun.
      if (!isTold) continue;
      const duration_ms = performance.now() - startedAt;
      this.publish(toolComplete(call, { result: null, error: "cancelled", duration_ms }));
    }
  }

  #begin(call: ToolCall, id: string): OpenTool {
    const run = this.#run.inSpan(id);
    const tool: OpenTool = {
      id,
      run,
      inside: (fn) => inPlaceOf(run, fn),
      attempt: attemptOf(this.#agent, call),
      call,
      startedAt: performance.now(),
      isTold: false,
    };
    this.#open.set(call.id, tool);
    return tool;
  }

  #pairOf({ id, attempt }: ToolSpan): Record<string, unknown> {
    return { tool_span_id: id, parent_span_id: this.#run.spanId, attempt };
  }
}

/** A call that failed before, with the same arguments, is made again. */
function attemptOf({ executions }: CallingAgent, call: ToolCall): number {
  const before = executions.filter(({ tool_name, error, arguments: args }) =>
    error !== null && tool_name === call.name && isSameJson(args, call.arguments)
  );
  return before.length + 1;
}

/** Where a span is: what a run needs that waits for a person, to go on in the same one. */
export interface SpanPlace {
  readonly run_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
}
