/** A run of an agent as a span on the bus, with its model calls and its tool calls inside. */

import type { Run } from "../../core/run/run.ts";
import { endOpen, noteOpen } from "../../core/run/open_work.ts";
import { tellQuestion } from "../../core/run/questions.ts";
import { type OpenSpan, startSpan } from "../../core/run/span.ts";
import type { MemoryEvents } from "../../events/catalogue/memory.ts";
import type { AgentEvents, AgentTerminate } from "../../events/catalogue/agent.ts";
import { type Channel, ModelChunks } from "../../content/model_chunks.ts";
import { type Extras, publishEvent } from "./bus_bridge.ts";
import { publishContent } from "../../content/publish_content.ts";
import { toModelTools } from "../model/request.ts";
import { toContentMessages } from "./content_messages.ts";
import { ConversationRecorder, recordBeside } from "./conversation_recorder.ts";
import type { AgentEvent, TerminateEvent } from "../state/events.ts";
import { type ModelCall, ModelSpan } from "./model_span.ts";
import type { ChatModel } from "../model/chat_model.ts";
import type { AgentState } from "../state/state.ts";
import type { Tool } from "../tools/tool.ts";
import { type CallingAgent, type SpanPlace, ToolSpans } from "./tool_spans.ts";

/** What `agent.terminate` says beside the event of the agent. */
export type Outcome = Required<
  Pick<AgentTerminate, "success" | "error" | "error_kind" | "duration_ms">
>;

/** A run as far as the bus is told of it. */
export interface SpannedRun extends CallingAgent {
  readonly settings: { readonly model: ChatModel };
  readonly state: AgentState;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly signal: AbortSignal;
  readonly threadId: string | null;
  readonly prompt: string | null;
  /** What publishes the messages of its model calls; null until somebody asks for them. */
  recorder: ConversationRecorder | null;
  readonly outcome: Outcome | null;
  elapsedMs(): number;
}

/**
 * What one segment of an agent's run says on the bus. It publishes by its own handle, never to the run of the
 * moment: it is also ended by whoever stops the run.
 */
export class AgentSpan {
  readonly run: Run;
  readonly place: SpanPlace;
  readonly tools: ToolSpans;
  /** Whether content is asked for: asked once, as the answer costs. */
  readonly hasContent: boolean;
  readonly #outer: Run;
  readonly #agent: SpannedRun;
  readonly #leaveEvent: () => TerminateEvent;
  readonly #span: OpenSpan;
  readonly #chunks: ModelChunks;
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
      { ...attributesOf(agent), ...again === null && resumes(waited) },
      again === null ? undefined : { span_id: again.span_id, parent_span_id: again.parent_span_id },
    );
    this.run = outer.inSpan(this.id);
    this.place = {
      run_id: outer.id,
      span_id: this.id,
      parent_span_id: again === null ? outer.spanId : again.parent_span_id,
    };
    this.#chunks = new ModelChunks(this.run);
    this.hasContent = this.run.content;
    if (this.hasContent) agent.recorder ??= new ConversationRecorder();
    this.tools = new ToolSpans(
      this.run,
      agent,
      this.hasContent,
      (event, place) => this.#publish(event, place),
    );
    if (again === null) this.#tellTools();
    if (agent.prompt !== null) this.#tell("input", "text", agent.prompt);
    this.#forget = noteOpen(outer, () => {
      // Whoever stops it does not wait for it; what it still does is not told any more.
      if (agent.signal.aborted) this.close();
    });
  }

  get id(): string {
    return this.#span.id;
  }

  /** Whether it is inside of something else in its run, which then says how the run ended. */
  get isPart(): boolean {
    return this.place.parent_span_id !== null;
  }

  publish(event: AgentEvent): void {
    if (this.#isOver) return;
    switch (event.event_type) {
      case "model_chunk":
      case "model_complete": {
        const { id = this.id, tokens } = this.#model ?? {};
        return this.#publish(event, { span_id: id }, tokens);
      }
      case "tool_start":
      case "tool_complete":
        return this.tools.publish(event);
      case "terminate":
        this.#reason = event.reason;
        if (event.final_message !== null) this.#tell("output", "text", event.final_message);
        return this.#publish(event, { span_id: this.id, ...this.#agent.outcome });
      case "interrupt":
        return tellQuestion(
          this.#outer,
          (extras) => this.#publish(event, { span_id: this.id, ...extras }),
        );
      default:
        return this.#publish(event, { span_id: this.id });
    }
  }

  /** Publishes something else that happened in the agent. */
  emit<T extends keyof (AgentEvents & MemoryEvents)>(
    eventType: T,
    data: Omit<(AgentEvents & MemoryEvents)[T], "span_id">,
  ): void {
    this.run.emit(eventType as string, { ...data, span_id: this.id });
  }

  openModel(call: ModelCall): ModelSpan {
    const span = new ModelSpan(this.run, call);
    span.outer = this.#model;
    this.#model = span;
    const { recorder } = this.#agent;
    if (!this.hasContent || recorder === null) return span;
    const messages = toContentMessages(call.prompt);
    span.recorded = call.isBeside
      ? recordBeside(this.run, span.id, messages)
      : recorder.record(this.run, span.id, messages);
    return span;
  }

  stream(channel: Channel, text: string): void {
    if (this.#isOver) return;
    this.#chunks.pushBeside(channel, text, { span_id: this.#model?.id ?? this.id });
  }

  /** Ends it, after all that it said. */
  closeModel(): void {
    this.#chunks.finish();
    this.#model?.close();
    this.#model = this.#model?.outer ?? null;
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

  /** @param tokens What is said beside the tokens of a model call. */
  #publish(event: AgentEvent, extras: Extras, tokens: Extras = extras): void {
    const isChunk = event.event_type === "model_chunk";
    if (isChunk && event.content !== null) this.#chunks.push(event.content, extras);
    else {
      this.#chunks.finish();
      publishEvent(this.run, event, extras, tokens);
    }
    if (isChunk && event.done) this.#chunks.restart();
  }

  /** The tools that its models can call, by the shape of `gen_ai.tool.definitions`. */
  #tellTools(): void {
    if (!this.hasContent) return;
    const definitions = toModelTools(this.#agent.tools.values()).map((tool) => {
      if (tool.type === "provider") return { type: tool.id, name: tool.name, args: tool.args };
      const { type, name, description, inputSchema: parameters } = tool;
      return { type, name, description, parameters };
    });
    if (definitions.length > 0) this.#tell("input", "tools", definitions);
  }

  #tell(direction: "input" | "output", kind: "text" | "tools", content: unknown): void {
    if (!this.hasContent) return;
    publishContent(this.run, { span_id: this.id, direction }, kind, content);
  }

  /** Ends what is open, the innermost first. */
  #closeInner(): void {
    do this.closeModel(); while (this.#model !== null);
    this.tools.close();
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

/** Which span it goes on with that waited in another run. */
function resumes(waited: SpanPlace | null): object {
  return waited === null ? {} : { resumes: { run_id: waited.run_id, span_id: waited.span_id } };
}
