import { randomHex } from "../../core/random_hex.ts";
import { type Fields, fieldsOf, listOf, numberIn, textIn } from "../recorder/fields.ts";
import type { SpanRecorder } from "../recorder/recorder.ts";
import type { SpanEnding } from "../recorder/span_options.ts";
import { ModelCalls } from "./model_calls.ts";

/** What the messages of one `query()` say of its agents. */
export class Session {
  readonly #recorder: SpanRecorder;
  readonly #models: ModelCalls;
  readonly #main = randomHex(16);
  /** By the id of a tool's call: its key. Ids are those of the agent that calls. */
  readonly #tools = new Map<string, string>();
  /** The tool calls whose agents go on after the tool has returned. */
  readonly #background = new Set<string>();

  constructor(recorder: SpanRecorder) {
    this.#recorder = recorder;
    this.#models = new ModelCalls(recorder);
  }

  read(message: unknown): void {
    const fields = fieldsOf(message);
    const owner = textIn(fields, "parent_tool_use_id");
    switch (fields.type) {
      case "system":
        return this.#system(fields);
      case "stream_event":
        return this.#models.see(this.#agent(owner, fields), fields.event);
      case "assistant":
        return this.#assistant(this.#agent(owner, fields), fields);
      case "user":
        return this.#user(this.#agent(owner, fields), fieldsOf(fields.message));
      case "result":
        return this.#result(fields);
    }
  }

  /** No message follows: whoever has not said how it ended was left, or died. */
  end(ending: SpanEnding): void {
    if (this.#recorder.has(this.#main)) this.#recorder.close(this.#main, ending);
  }

  /** The agent that a message is of. One in a tool begins with its first message. */
  #agent(tool: string | undefined, message: Fields): string {
    if (tool === undefined) {
      this.#open(this.#main, {});
      return this.#main;
    }
    const key = `${this.#main}/agent/${tool}`;
    if (this.#recorder.has(key)) return key;
    this.#open(this.#main, {});
    const parent = this.#tools.get(tool) ?? "";
    this.#recorder.open("agent", key, {
      name: textIn(message, "subagent_type") ?? "agent",
      parent: this.#recorder.has(parent) ? parent : this.#main,
      attributes: { agent_id: textIn(message, "agent_id") ?? textIn(message, "task_id") ?? null },
    });
    return key;
  }

  #open(key: string, { model = null, tools, session_id: thread_id = null }: Fields): void {
    if (this.#recorder.has(key)) return;
    const attributes = { model, provider: "anthropic", tools: listOf(tools), thread_id };
    this.#recorder.open("agent", key, { name: "claude", attributes });
  }

  #assistant(agent: string, { message, error }: Fields): void {
    const calls = listOf(fieldsOf(message).content)
      .filter((block) => textIn(block, "type") === "tool_use")
      .map((block) => () => this.#startTool(agent, fieldsOf(block)));
    this.#models.block(agent, message, calls);
    if (typeof error === "string") this.#models.end(agent, new Error(error));
  }

  #startTool(agent: string, { id, name, input }: Fields): void {
    const key = `${agent}/tool/${id}`;
    this.#tools.set(String(id), key);
    const callId = String(id);
    this.#recorder.open("tool", key, { name: String(name), parent: agent, callId, args: input });
  }

  #user(agent: string, { content }: Fields): void {
    for (const block of listOf(content)) {
      if (textIn(block, "type") !== "tool_result") continue;
      this.#models.end(agent);
      const id = textIn(block, "tool_use_id") ?? "";
      // It says no more than that the agent has begun.
      if (this.#background.has(id)) continue;
      const { content, is_error } = fieldsOf(block);
      const output = typeof content === "string"
        ? content
        : listOf(content).map((part) => textIn(part, "text") ?? "").join("");
      const failed = is_error === true ? new Error(output) : undefined;
      this.#endAgent(id, failed === undefined ? { text: output } : { error: failed });
      this.#endTool(`${agent}/tool/${id}`, id, failed ? { error: failed } : { output });
    }
  }

  #endAgent(tool: string, ending: SpanEnding): void {
    const key = `${this.#main}/agent/${tool}`;
    if (!this.#recorder.has(key)) return;
    this.#models.end(key);
    this.#recorder.close(key, ending);
    this.#prune();
  }

  /** Forgets what was open in an agent that is over. */
  #prune(): void {
    for (const [id, key] of this.#tools) {
      if (this.#recorder.has(key)) continue;
      this.#tools.delete(id);
      this.#background.delete(id);
    }
    this.#models.prune();
  }

  #endTool(key: string, id: string, ending: SpanEnding): void {
    if (this.#tools.get(id) === key) this.#tools.delete(id);
    if (this.#recorder.has(key)) this.#recorder.close(key, ending);
  }

  #system(message: Fields): void {
    const tool = textIn(message, "tool_use_id");
    switch (message.subtype) {
      case "init":
        return this.#open(this.#main, message);
      case "task_started":
        if (tool === undefined || message.task_type === "local_bash") return;
        if (message.is_backgrounded === true) this.#background.add(tool);
        this.#agent(tool, message);
        return;
      case "task_notification":
        return this.#taskEnded(tool ?? "", message);
      case "api_retry":
        return this.#recorder.say(this.#agent(undefined, {}), "agent.model.retry", {
          attempt: numberIn(message, "attempt") ?? 1,
          max_retries: numberIn(message, "max_retries") ?? 0,
          delay_seconds: (numberIn(message, "retry_delay_ms") ?? 0) / 1000,
          reason: message.error === "rate_limit"
            ? "rate_limit"
            : message.no_response === true
            ? "timeout"
            : "server_error",
        });
      case "permission_denied": {
        const key = this.#tools.get(tool ?? "") ?? this.#main;
        return this.#recorder.say(key, "agent.steering.applied", {
          action: "guide",
          tool_name: String(message.tool_name),
          reason: textIn(message, "decision_reason") ?? textIn(message, "message") ?? "",
        });
      }
      case "hook_started":
        return this.#recorder.open("work", `${this.#main}/hook/${message.hook_id}`, {
          name: `${message.hook_event} ${message.hook_name}`,
          parent: this.#agent(undefined, {}),
        });
      case "hook_response":
        return this.#hookEnded(message);
      case "compact_boundary": {
        const { trigger, pre_tokens, post_tokens } = fieldsOf(message.compact_metadata);
        const tokens = { tokens_before: pre_tokens ?? null, tokens_after: post_tokens ?? null };
        return this.#recorder.say(this.#agent(undefined, {}), "claude.compacted", {
          trigger,
          ...tokens,
        });
      }
    }
  }

  #taskEnded(tool: string, { status, summary }: Fields): void {
    const text = String(summary ?? "");
    const ending = status === "failed"
      ? { error: new Error(text) }
      : status === "stopped"
      ? { cancelled: true }
      : { text };
    this.#endAgent(tool, ending);
    const key = this.#tools.get(tool);
    if (!this.#background.delete(tool) || key === undefined) return;
    this.#endTool(key, tool, { ...ending, output: text });
  }

  #hookEnded({ hook_id, outcome, stderr, exit_code }: Fields): void {
    const why = String(stderr || `exit code ${exit_code}`);
    this.#recorder.close(`${this.#main}/hook/${hook_id}`, {
      cancelled: outcome === "cancelled",
      error: outcome === "error" ? new Error(why) : undefined,
    });
  }

  #result(message: Fields): void {
    const agent = this.#agent(undefined, {});
    this.#models.end(agent);
    const { subtype, is_error, num_turns, total_cost_usd, errors } = message;
    const isOk = subtype === "success" && is_error !== true;
    const isLimit = subtype === "error_max_turns";
    const why = listOf(errors)[0] ?? textIn(message, "result") ?? subtype;
    this.#recorder.close(agent, {
      text: textIn(message, "result"),
      error: isOk ? undefined : new Error(String(why)),
      ...isLimit && { reason: "max_iterations", errorKind: "limit" },
      // Both count from the beginning of the session.
      attributes: { turns: num_turns, cost_usd: total_cost_usd },
    });
    this.#prune();
  }
}
