import { isRecord } from "../../core/describe.ts";
import { type Fields, numberIn, textIn } from "../../view/payload.ts";
import { type BridgeOptions, recordCall, type RecordedCall } from "../recorder/record_call.ts";
import type { SpanKey } from "../recorder/span_options.ts";

/** What is kept of a tool call until it is known what it is called with. */
interface Call {
  readonly name: string;
  readonly parent: SpanKey;
  args: string;
}

/** Records the runs of one stream of AG-UI. What it does not know, and what has no beginning, it drops. */
export class AgUiRecording {
  readonly #options: BridgeOptions;
  readonly #name: string;
  #call: RecordedCall | null = null;
  /** The run's own agent. */
  #root: object = {};
  readonly #calls = new Map<string, Call>();

  constructor(options: BridgeOptions, name: string) {
    this.#options = options;
    this.#name = name;
  }

  read(event: Fields): void {
    const type = textIn(event, "type");
    if (type === "RUN_STARTED") return this.#start(event);
    const recorder = this.#call?.recorder;
    if (recorder === undefined) return;
    const message = `message/${textIn(event, "messageId")}`;
    const delta = textIn(event, "delta", Infinity);
    // First what is frequent.
    if (type === "TEXT_MESSAGE_CONTENT" || type === "REASONING_MESSAGE_CONTENT") {
      const channel = type === "TEXT_MESSAGE_CONTENT" ? "text" : "reasoning";
      if (recorder.has(message)) recorder.delta(message, delta, channel);
      return;
    }
    const tool = `tool/${textIn(event, "toolCallId")}`;
    const agent = `agent/${textIn(event, "subagentRunId")}`;
    const step = `step/${textIn(event, "subagentRunId")}/${textIn(event, "stepName")}`;
    const parent = this.#agentOf(event);
    switch (type) {
      case "TEXT_MESSAGE_START":
      case "REASONING_MESSAGE_START":
        if ((event.role ?? "assistant") === "user") return;
        return recorder.open("model", message, { name: "model", parent });
      case "TEXT_MESSAGE_END":
      case "REASONING_MESSAGE_END":
        if (recorder.has(message)) recorder.close(message);
        return;
      case "TOOL_CALL_START":
        // Its beginning says what it is called with, which comes next.
        if (this.#calls.size < MAX_CALLS && !recorder.has(tool)) {
          this.#calls.set(tool, { name: textIn(event, "toolCallName"), parent, args: "" });
        }
        return;
      case "TOOL_CALL_ARGS": {
        const call = this.#calls.get(tool);
        if (call !== undefined && call.args.length < MAX_ARGS) call.args += delta;
        return;
      }
      case "TOOL_CALL_END":
        return this.#openTool(tool);
      case "TOOL_CALL_RESULT":
        this.#openTool(tool);
        if (recorder.has(tool)) recorder.close(tool, { output: event.content });
        return;
      case "STEP_STARTED":
        return recorder.open("work", step, { name: textIn(event, "stepName"), parent });
      case "STEP_FINISHED":
        if (recorder.has(step)) recorder.close(step);
        return;
      case "SUBAGENT_STARTED":
        return recorder.open("agent", agent, {
          name: textIn(event, "name"),
          parent: this.#placeOf(event),
        });
      case "SUBAGENT_FINISHED":
      case "SUBAGENT_ERROR":
        if (!recorder.has(agent)) return;
        if (type === "SUBAGENT_FINISHED") return recorder.close(agent);
        return recorder.close(agent, { error: textIn(event, "message") });
      case "CUSTOM":
        return recorder.say(parent, "agui.custom", { name: event.name, value: event.value });
      case "RUN_ERROR":
        return this.end(textIn(event, "message") || "failed");
      case "RUN_FINISHED":
        this.#finish(event);
    }
  }

  /** The stream is over: a run that has not said how it ended failed with this, or was left by its reader. */
  end(error: unknown = new DOMException("its reader left", "AbortError")): void {
    const { recorder } = this.#call ?? {};
    this.#call = null;
    recorder?.close(this.#root, { error });
  }

  #start(event: Fields): void {
    if (this.#call !== null) this.end();
    const input: Fields = isRecord(event.input) ? event.input : {};
    const resumed: readonly unknown[] = Array.isArray(input.resume) ? input.resume : [];
    const answers = resumed.map((entry) => isRecord(entry) ? textIn(entry, "interruptId") : "");
    const call = recordCall("ag-ui", this.#options, { name: this.#name, answers });
    if (call === undefined) return;
    this.#call = call;
    this.#calls.clear();
    call.recorder.open("agent", this.#root = {}, {
      name: this.#name,
      attributes: { thread_id: event.threadId, run_id: event.runId },
      answers,
      onClose: call.end,
    });
  }

  #finish(event: Fields): void {
    const { recorder } = this.#call!;
    const root = this.#root;
    this.#call = null;
    for (const usage of listIn(event, "usage")) {
      const [prompt_tokens = 0, completion_tokens = 0] = ["inputTokens", "outputTokens"]
        .map((key) => numberIn(usage, key) ?? 0);
      recorder.say(root, "agent.tokens.used", {
        prompt_tokens,
        completion_tokens,
        total_tokens: numberIn(usage, "totalTokens") ?? prompt_tokens + completion_tokens,
        ...usage.model !== undefined && { model: textIn(usage, "model") },
      });
    }
    const outcome: Fields = isRecord(event.outcome) ? event.outcome : {};
    for (const asked of listIn(outcome, "interrupts")) {
      const metadata: Fields = isRecord(asked.metadata) ? asked.metadata : {};
      const options = Array.isArray(metadata.options) ? metadata.options.map(String) : null;
      const question = textIn(asked, "message") || textIn(asked, "reason");
      recorder.interrupt(root, { id: textIn(asked, "id"), question, options });
    }
    recorder.close(root, {
      waits: outcome.type === "interrupt",
      cancelled: outcome.type === "cancelled",
      text: typeof event.result === "string" ? event.result : undefined,
    });
  }

  #openTool(key: string): void {
    const call = this.#calls.get(key);
    if (call === undefined) return;
    this.#calls.delete(key);
    const { name, parent, args } = call;
    const callId = key.slice("tool/".length);
    this.#call?.recorder.open("tool", key, { name, parent, callId, args: args || undefined });
  }

  /** The agent that an event belongs to. */
  #agentOf(event: Fields): SpanKey {
    const key = `agent/${textIn(event, "subagentRunId")}`;
    return this.#call!.recorder.has(key) ? key : this.#root;
  }

  /** What a nested agent works in. */
  #placeOf(event: Fields): SpanKey {
    const tool = `tool/${textIn(event, "parentToolCallId")}`;
    this.#openTool(tool);
    if (this.#call!.recorder.has(tool)) return tool;
    return this.#agentOf({ subagentRunId: event.parentSubagentRunId });
  }
}

function listIn(data: Fields, key: string): Fields[] {
  const { [key]: list } = data;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

const MAX_CALLS = 1_000;
const MAX_ARGS = 64 * 1024;
