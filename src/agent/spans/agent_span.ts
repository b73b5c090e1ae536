/** A run of an agent as a span on the bus, with its model and tool calls inside. */

import { inPlaceOf, type Run } from "../../core/run/run_context.ts";
import { randomHex } from "../../core/random_hex.ts";
import { endOpen, noteOpen } from "../../core/run/open_work.ts";
import { type OpenSpan, startSpan } from "../../core/run/span.ts";
import type { MemoryEvents } from "../../events/catalogue/memory.ts";
import type { AgentEvents, AgentTerminate } from "../../events/catalogue/agent.ts";
import type { SnapshotRun } from "../../runtime/follow/followed.ts";
import { BusBridge, type Channel } from "./bus_bridge.ts";
import { AgentContent } from "./agent_content.ts";
import { ConversationRecorder } from "./conversation_recorder.ts";
import { isSameJson } from "../../core/same_json.ts";
import { type AgentEvent, createEvent, type TerminateEvent } from "../state/events.ts";
import type { ToolCall } from "../state/messages.ts";
import { type ModelCall, ModelSpan } from "./model_span.ts";
import type { ChatModel } from "../model/chat_model.ts";
import type { AgentState, ToolExecution } from "../state/state.ts";
import type { Tool } from "../tools/tool.ts";
import type { SpanPlace } from "./span_place.ts";

/** What `agent.terminate` says beside the event of the agent. */
export type Outcome = Required<
  Pick<AgentTerminate, "success" | "error" | "error_kind" | "duration_ms">
>;

/** A run as far as the bus is told of it. */
export interface SpannedRun {
  readonly settings: { readonly model: ChatModel };
  readonly state: AgentState;
  /** The tool calls of this run that are over. */
  readonly executions: readonly ToolExecution[];
  readonly tools: ReadonlyMap<string, Tool>;
  readonly signal: AbortSignal;
  readonly threadId: string | null;
  /** What it was asked; null if it goes on with an answer. */
  readonly prompt: string | null;
  /** Who answered; null if nobody knows. */
  readonly answeredBy: string | null;
  /** What publishes the messages of its model calls; null until somebody asks for them. */
  recorder: ConversationRecorder | null;
  /** How it ended; null until it has. */
  readonly outcome: Outcome | null;
  elapsedMs(): number;
}

/** A tool call as a span. */
export interface ToolSpan {
  readonly id: string;
  /** The run, as seen from inside of the span. */
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

/**
 * What one segment of an agent's run says on the bus. It publishes by its own handle, never to the run of the
 * moment: the steps of a run are taken in the context of whoever asks for the next event.
 */
export class AgentSpan {
  /** The run, as seen from inside of the span. */
  readonly run: Run;
  readonly place: SpanPlace;
  readonly #outer: Run;
  readonly #agent: SpannedRun;
  readonly #leaveEvent: () => TerminateEvent;
  readonly #span: OpenSpan;
  readonly #bridge: BusBridge;
  /** Null if nobody asks for content. */
  readonly #content: AgentContent | null;
  readonly #tools = new Map<string, OpenTool>();
  #model: ModelSpan | null = null;
  #reason: string | null = null;
  #isOver = false;
  readonly #forget: () => void;
  readonly #waited: boolean;

  /**
   * @param waited Where the run was when it began to wait; null if it begins now.
   * @param leaveEvent Makes the last event of a run that is left.
   */
  constructor(
    outer: Run,
    agent: SpannedRun,
    waited: SpanPlace | null,
    leaveEvent: () => TerminateEvent,
  ) {
    const again = waited?.run_id === outer.id ? waited : null;
    this.#waited = again !== null;
    this.#outer = outer;
    this.#agent = agent;
    this.#leaveEvent = leaveEvent;
    this.#span = startSpan(
      outer,
      agent.state.agent_id ?? "agent",
      "agent",
      { ...attributesOf(agent), ...waited !== again && { resumes: resumed(waited!) } },
      again === null ? undefined : { span_id: again.span_id, parent_span_id: again.parent_span_id },
    );
    this.run = outer.inSpan(this.id);
    this.place = {
      run_id: outer.id,
      span_id: this.id,
      parent_span_id: again === null ? outer.spanId : again.parent_span_id,
    };
    this.#bridge = new BusBridge(this.run);
    this.#content = this.run.content
      ? new AgentContent(this.run, this.id, agent.recorder ??= new ConversationRecorder())
      : null;
    if (again === null) this.#content?.tools(agent.tools.values());
    if (agent.prompt !== null) this.#content?.prompt(agent.prompt);
    this.#forget = noteOpen(outer, () => {
      // Whoever stops it does not wait for it; what it still does is not told any more.
      if (agent.signal.aborted) this.close();
    });
  }

  get id(): string {
    return this.#span.id;
  }

  /** Whether content is asked for. */
  get hasContent(): boolean {
    return this.#content !== null;
  }

  /** Whether it is inside of something else in its run, which then says how the run ended. */
  get isPart(): boolean {
    return this.place.parent_span_id !== null;
  }

  /** Tells the bus of an event of the agent. */
  publish(event: AgentEvent): void {
    if (this.#isOver) return;
    switch (event.event_type) {
      case "model_chunk":
      case "model_complete": {
        const { id = this.id, tokens } = this.#model ?? {};
        return this.#bridge.publish(event, { span_id: id }, tokens);
      }
      case "tool_start":
      case "tool_complete":
        return this.#publishTool(event);
      case "terminate":
        this.#reason = event.reason;
        if (event.final_message !== null) this.#content?.message(event.final_message);
        return this.#bridge.publish(event, { span_id: this.id, ...this.#agent.outcome });
      default:
        return this.#bridge.publish(event, { span_id: this.id });
    }
  }

  /** Publishes something else that happened in the agent. */
  emit<T extends keyof (AgentEvents & MemoryEvents)>(
    eventType: T,
    data: Omit<(AgentEvents & MemoryEvents)[T], "span_id">,
  ): void {
    this.run.emit(eventType as string, { ...data, span_id: this.id });
  }

  /** Begins an attempt of a model call. */
  openModel(call: ModelCall): ModelSpan {
    const span = this.#model = new ModelSpan(this.run, call);
    span.recorded = this.#content?.modelCall(span.id, call.prompt, call.isBeside ?? false) ?? null;
    return span;
  }

  /** Publishes a piece of what a model streams beside its text. */
  stream(channel: Channel, text: string): void {
    if (this.#isOver) return;
    this.#bridge.stream(channel, text, { span_id: this.#model?.id ?? this.id });
  }

  /** Ends it, after all that it said. */
  closeModel(): void {
    this.#bridge.finishText();
    this.#model?.close();
    this.#model = null;
  }

  /**
   * Begins a tool call; `agent.tool.started` is published with its `tool_start`.
   *
   * @param id The id that it had before it waited. @default {a new one}
   */
  openTool(call: ToolCall, id: string = randomHex(16)): ToolSpan {
    const run = this.run.inSpan(id);
    const inside: SnapshotRun = (fn) => inPlaceOf(run, fn);
    const startedAt = performance.now();
    const attempt = attemptOf(this.#agent, call);
    const tool: OpenTool = { id, run, inside, attempt, call, startedAt, isTold: false };
    this.#tools.set(call.id, tool);
    return tool;
  }

  /** Goes on with a tool call that waited for a person: with the same ids, if the run is the same. */
  reopenTool(
    call: ToolCall,
    args: object,
    waited: SpanPlace | null,
    toolSpanId: string | null,
  ): ToolSpan {
    const isSame = waited?.run_id === this.#outer.id && toolSpanId !== null;
    const tool = this.openTool(call, isSame ? toolSpanId : undefined) as OpenTool;
    const start = createEvent("tool_start", {
      tool_name: call.name,
      tool_call_id: call.id,
      arguments: { ...args },
    });
    tool.isTold = true;
    this.#bridge.publish(start, { ...this.#pairOf(tool), ...isSame && { resumed: true } });
    if (isSame) tool.args = args;
    else this.tellArguments(tool, args);
    return tool;
  }

  /** Publishes what a tool is called with, if that was not published yet. */
  tellArguments(span: ToolSpan, args: unknown): void {
    const tool = span as OpenTool;
    if (this.#content === null || isSameJson(tool.args, args)) return;
    tool.args = args;
    this.#content.toolArguments(tool.id, args);
  }

  /** Publishes what a person answered a tool. */
  tellAnswer(span: ToolSpan, answer: unknown): void {
    this.#content?.answer(span.id, answer, this.#agent.answeredBy);
  }

  /** The run waits for a person: the span stays open. */
  suspend(): void {
    this.#isOver = true;
    this.#forget();
  }

  /** Says that the run was left, unless it has said how it ended. */
  leave(): void {
    if (this.#isOver) return;
    this.#closeInner();
    if (this.#reason === null) this.publish(this.#leaveEvent());
  }

  /** Ends the span, and all that is open in it; of no effect the second time. */
  close(): void {
    if (this.#isOver) return;
    this.leave();
    const { success = false, error = null } = this.#agent.outcome ?? {};
    const why = success ? null : error ?? `stopped: ${this.#reason}`;
    // What it did before it waited counts as well.
    const worked = this.#waited ? { duration_ms: this.#agent.elapsedMs() } : undefined;
    this.#span.complete(success, why, worked);
    this.suspend();
  }

  #publishTool(event: Extract<AgentEvent, { readonly tool_call_id: string }>): void {
    const tool = this.#tools.get(event.tool_call_id);
    if (tool === undefined) return;
    if (event.event_type === "tool_start") {
      tool.isTold = true;
      this.#bridge.publish(event, this.#pairOf(tool));
      return this.tellArguments(tool, event.arguments);
    }
    this.#tools.delete(event.tool_call_id);
    endOpen(tool.run, event.error !== null);
    if (event.result !== null) this.#content?.toolResult(tool.id, event.result);
    this.#bridge.publish(event, this.#pairOf(tool));
  }

  #pairOf({ id, attempt }: ToolSpan): Record<string, unknown> {
    return { tool_span_id: id, parent_span_id: this.id, attempt };
  }

  /** Ends what is open, the innermost first. */
  #closeInner(): void {
    this.closeModel();
    for (const { call, isTold, startedAt } of this.#tools.values()) {
      // It would end without having begun.
      if (!isTold) continue;
      this.publish(createEvent("tool_complete", {
        tool_name: call.name,
        tool_call_id: call.id,
        result: null,
        error: "cancelled",
        duration_ms: performance.now() - startedAt,
      }));
    }
    endOpen(this.run, this.#agent.outcome?.success !== true);
  }
}

function attributesOf({ settings, state, tools, threadId }: SpannedRun): Record<string, unknown> {
  const { modelId, provider } = settings.model;
  return {
    agent_id: state.agent_id,
    model: modelId,
    provider,
    tools: [...tools.keys()].slice(0, MAX_TOOLS),
    thread_id: threadId,
    iteration_limit: state.max_iterations,
  };
}

const MAX_TOOLS = 200;

function resumed({ run_id, span_id }: SpanPlace): object {
  return { run_id, span_id };
}

/** A call that failed before, with the same arguments, is made again. */
function attemptOf({ executions }: SpannedRun, call: ToolCall): number {
  const before = executions.filter(({ tool_name, error, arguments: args }) =>
    error !== null && tool_name === call.name && isSameJson(args, call.arguments)
  );
  return before.length + 1;
}
