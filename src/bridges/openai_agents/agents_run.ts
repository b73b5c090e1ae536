import { fieldsOf, textIn } from "../recorder/fields.ts";
import { type BridgeOptions, recordCall, type RecordedCall } from "../recorder/record_call.ts";
import type { SpanRecorder } from "../recorder/recorder.ts";
import type { SpanEnding } from "../recorder/span_options.ts";
import { answerIn, type AskedCall, questionsIn } from "./answers.ts";
import { modelHere, noteModel } from "./models.ts";
import { type AgentsSpan, errorOf } from "./spans.ts";
import { noteWaiting, takeWaiting, type Waiting } from "./waiting.ts";

/** What is known of an agent at work, which the SDK says in several spans. */
interface AgentState {
  readonly key: string;
  readonly name: string;
  readonly around: AgentState | null;
  /** What its model asked for and nobody has run. A tool's span has no call id: the first of its name is it. */
  calls: AskedCall[];
  text: string;
  hasAnswered: boolean;
  isCancelled: boolean;
  handsOver: boolean;
  waits: boolean;
}

/** A span of the SDK that is open. */
interface Open {
  readonly span: AgentsSpan;
  /** The key of the span of ours that it is, or is part of. */
  readonly key: string | undefined;
  readonly agent: AgentState | null;
}

/** One call of `run()` from outside: all spans below it. */
export class AgentsRun {
  readonly #options: BridgeOptions;
  readonly #root: AgentsSpan;
  readonly #waited: Waiting;
  /** The questions that have been answered now. */
  readonly #questions: readonly string[];
  readonly #open = new Map<string, Open>();
  /** Undefined as long as nothing but the root is known; null where nothing is recorded. */
  #call: RecordedCall | null | undefined;
  #from: string | undefined;

  constructor(options: BridgeOptions, root: AgentsSpan) {
    this.#options = options;
    this.#root = root;
    this.#waited = takeWaiting(root.traceId);
    this.#questions = [...this.#waited.values()].flatMap((calls) => calls.map(({ id }) => id));
  }

  start(span: AgentsSpan): void {
    const around = this.#open.get(span.parentId ?? "");
    const { type } = span.spanData;
    const agent = around?.agent ?? null;
    if (type === "task" || type === "turn" || type === "guardrail") {
      this.#open.set(span.spanId, { span, key: around?.key, agent });
      return;
    }
    const call = this.#call === undefined ? this.#call = this.#begin(span) : this.#call;
    if (call === null) return;
    const place = { span, key: span.spanId, agent };
    if (type !== "handoff") this.#open.set(span.spanId, place);
    const { recorder } = call;
    const parent = around?.key;
    switch (type) {
      case "agent":
        return this.#startAgent(recorder, place, parent);
      case "response":
      case "generation": {
        const name = modelHere() ?? textIn(span.spanData, "model") ?? "model";
        recorder.open("model", place.key, { name, parent, attributes: { provider: "openai" } });
        return noteModel(recorder, place.key);
      }
      case "function":
        return this.#startTool(recorder, place, parent);
      case "handoff":
        this.#open.set(span.spanId, { span, key: parent, agent });
        return;
      default:
        recorder.open("work", place.key, { name: textIn(span.spanData, "name") ?? type, parent });
    }
  }

  /**
   * Ends the spans that say that they have ended, children first. Those may be more than the one that we are told of,
   * because the SDK waits for the processor before ours.
   */
  settle(): void {
    for (const [id, open] of [...this.#open].reverse()) {
      if (open.span.endedAt === null) continue;
      this.#open.delete(id);
      if (!this.#call) continue;
      this.#end(this.#call.recorder, open);
      if (open.span === this.#root) this.#call.end();
    }
  }

  /** Whether a span is open, and recorded. */
  has(spanId: string): boolean {
    return this.#open.has(spanId);
  }

  #begin(span: AgentsSpan): RecordedCall | null {
    const workflow = textIn(this.#root.spanData, "name") ?? DEFAULT_NAME;
    const name = textIn(span.spanData, "name") ?? "agent";
    return recordCall("openai-agents", this.#options, {
      name: workflow === DEFAULT_NAME ? name : workflow,
      answers: this.#questions,
    }) ?? null;
  }

  #startAgent(recorder: SpanRecorder, place: Open, around: string | undefined): void {
    const { span } = place;
    const name = textIn(span.spanData, "name") ?? "agent";
    const key = span.spanId;
    const calls = [...this.#waited.get(name) ?? []];
    const agent: AgentState = {
      key,
      name,
      around: place.agent,
      calls,
      text: "",
      hasAnswered: false,
      isCancelled: false,
      handsOver: false,
      waits: false,
    };
    this.#waited.delete(name);
    this.#open.set(key, { span, key, agent });
    let parent = around;
    if (this.#from !== undefined) {
      const options = { name, from: this.#from, parent };
      recorder.open("handoff", parent = handoffOf(key), options);
      this.#from = undefined;
    }
    recorder.open("agent", key, {
      name,
      parent,
      attributes: { trace_id: span.traceId },
      answers: agent.around === null ? this.#questions : [],
    });
  }

  #startTool(recorder: SpanRecorder, { span, agent }: Open, parent: string | undefined): void {
    const name = textIn(span.spanData, "name") ?? "tool";
    const index = agent?.calls.findIndex((call) => call.name === name) ?? -1;
    const [call] = index < 0 ? [] : agent!.calls.splice(index, 1);
    const args = call?.args ?? textIn(span.spanData, "input");
    recorder.open("tool", span.spanId, { name, parent, callId: call?.id, args });
  }

  #end(recorder: SpanRecorder, { span, key = "", agent }: Open): void {
    const error = errorOf(span);
    const data = fieldsOf(span.spanData);
    switch (data.type) {
      case "task":
      case "turn":
        return;
      case "guardrail":
        if (data.triggered !== true) return;
        return recorder.say(key, "agent.guardrail.triggered", {
          rule_name: String(data.name),
          action: "block",
          location: agent?.hasAnswered ? "output" : "input",
          description: "",
        });
      case "handoff":
        if (agent !== null) agent.handsOver = true;
        this.#from = textIn(data, "from_agent");
        return;
      case "response":
      case "generation":
        return this.#endModel(recorder, span, agent);
      case "agent":
        return this.#endAgent(recorder, span, agent!);
      case "function":
        // Of a stream that was aborted, its agent says nothing.
        if (agent !== null && error?.name === "AbortError") agent.isCancelled = true;
        break;
    }
    recorder.close(key, error === undefined ? { output: data.output } : { error });
  }

  #endModel(recorder: SpanRecorder, span: AgentsSpan, agent: AgentState | null): void {
    const key = span.spanId;
    const { spanData: data } = span;
    const error = errorOf(span);
    const answer = answerIn(data);
    if (recorder.runAt(key).content) {
      recorder.content(key, "input", "messages", questionsIn(data));
      if (answer) recorder.content(key, "output", "messages", answer.messages);
    }
    if (error !== undefined) return recorder.close(key, { error });
    // It says what it was asked, and neither an answer nor an error: it was aborted, or its reader has left.
    const isCancelled = answer === undefined && questionsIn(data).length > 0;
    if (agent !== null) {
      agent.isCancelled = isCancelled;
      agent.hasAnswered = true;
      agent.calls = [...answer?.calls ?? []];
      agent.text = answer?.text ?? "";
    }
    recorder.close(key, isCancelled ? { cancelled: true } : answer?.ending ?? {});
  }

  #endAgent(recorder: SpanRecorder, span: AgentsSpan, agent: AgentState): void {
    const { key, calls, text } = agent;
    const error = errorOf(span);
    const isOk = error === undefined && !agent.isCancelled;
    // Nothing in a trace says that a run waits for a person. But then, a call was asked for that nobody ran.
    if (isOk && calls.length > 0 && !agent.handsOver) {
      noteWaiting(span.traceId, agent.name, calls);
      const top = topOf(agent);
      top.waits = true;
      for (const { id, name } of calls) {
        const question = `Run ${name}?`;
        recorder.interrupt(top.key, { id, question, options: ["approve", "reject"] });
      }
      if (top !== agent) return recorder.close(key, { reason: "interrupted" });
    }
    const attributes = { tools: fieldsOf(span.spanData).tools };
    const ending = endingOf(agent, error);
    recorder.close(key, { ...ending, attributes });
    const handoff = handoffOf(key);
    if (recorder.has(handoff)) recorder.close(handoff, { ...ending, text });
  }
}

function endingOf({ isCancelled, waits, text }: AgentState, error: Error | undefined): SpanEnding {
  if (isCancelled) return { cancelled: true };
  if (error === undefined) return { waits, text };
  if (error.name === "MaxTurnsExceededError") {
    return { error, reason: "max_iterations", errorKind: "limit" };
  }
  return /Guardrail/.test(error.name)
    ? { error, reason: "guardrail", errorKind: "hook" }
    : { error };
}

function topOf(agent: AgentState): AgentState {
  return agent.around === null ? agent : topOf(agent.around);
}

function handoffOf(agent: string): string {
  return `${agent}/handoff`;
}

/** What the SDK calls a run to which nobody has given a name. */
const DEFAULT_NAME = "Agent workflow";
