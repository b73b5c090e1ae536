import type { Attributes, Counter, Histogram, Meter } from "@opentelemetry/api";
import type { StreamEvent } from "../../events/stream_event.ts";
import { isSuccess, toStopReason } from "../../events/stop_reason.ts";
import type { GenAiConventions } from "./gen_ai.ts";
import { type CountTokens, tokenMetrics } from "./token_metrics.ts";
import { type Fields, numberIn, textIn } from "../../view/payload.ts";

/** Counts what happens in all runs: what needs only a number, and what alarms are set on. */
export class RunMetrics {
  readonly #invocations: Counter;
  readonly #iterations: Counter;
  readonly #toolCalls: Counter;
  readonly #toolErrors: Counter;
  readonly #missedEvents: Counter;
  readonly #invocationMs: Histogram;
  readonly #toolCallMs: Histogram;
  readonly #countTokens: CountTokens;
  readonly #operationSeconds: Histogram;
  readonly #toolNames = new Set<string>();

  constructor(meter: Meter, conventions: GenAiConventions) {
    const counter = (name: string, unit: string, description: string) =>
      meter.createCounter(name, { unit, description });
    const histogram = (name: string, unit: string, description: string, buckets: number[]) =>
      meter.createHistogram(name, {
        unit,
        description,
        advice: { explicitBucketBoundaries: buckets },
      });
    this.#invocations = counter("locus.invocations", "{invocation}", "Agents that ended");
    this.#iterations = counter("locus.iterations", "{iteration}", "Turns of agents");
    this.#toolCalls = counter("locus.tool_calls", "{call}", "Tool calls that ended");
    this.#toolErrors = counter("locus.tool_errors", "{call}", "Tool calls that failed");
    this.#missedEvents = counter("locus.missed_events", "{event}", "Events that were not read");
    this.#invocationMs = histogram("locus.invocation.duration", "ms", "Run of an agent", MS);
    this.#toolCallMs = histogram("locus.tool_call.duration", "ms", "Call of a tool", MS);
    this.#countTokens = tokenMetrics(meter, conventions);
    this.#operationSeconds = histogram(
      `gen_ai.client.${conventions === "1.37.0" ? "operation" : "inference"}.duration`,
      "s",
      "Call of a model",
      SECONDS,
    );
  }

  /**
   * Counts an event.
   *
   * @param known What is known of the model: its name, its provider.
   * @param agentMs How long the agent worked that this event ends.
   */
  add(event: StreamEvent, known: Attributes, agentMs: number): void {
    // Nobody has checked what is in it.
    const data = event.data as Fields;
    switch (event.event_type) {
      case "agent.think":
        return this.#iterations.add(1, DEFAULT_AGENT);
      case "agent.terminate": {
        const success = typeof data["success"] === "boolean"
          ? data["success"]
          : isSuccess(toStopReason(textIn(data, "reason")));
        this.#invocations.add(1, { ...DEFAULT_AGENT, success });
        return this.#invocationMs.record(agentMs, { ...DEFAULT_AGENT, success });
      }
      case "agent.tool.completed": {
        const success = data["success"] !== false;
        const labels = { tool_name: this.#toolName(textIn(data, "tool_name")), success };
        this.#toolCalls.add(1, labels);
        if (!success) this.#toolErrors.add(1, { tool_name: labels.tool_name });
        return this.#toolCallMs.record(amountIn(data, "duration_ms"), labels);
      }
      case "agent.tokens.used":
        return this.#countTokens(data, { "gen_ai.operation.name": "chat", ...known });
      case "bus.gap":
        return this.#missedEvents.add(amountIn(data, "count"), { reason: textIn(data, "reason") });
    }
  }

  /** Counts a model call. */
  modelCall(durationMs: number, known: Attributes): void {
    this.#operationSeconds.record(durationMs / 1000, { "gen_ai.operation.name": "chat", ...known });
  }

  /** Models ask for tools that do not exist, by any name: each would be a time series of its own. */
  #toolName(name: string): string {
    if (!this.#toolNames.has(name)) {
      if (this.#toolNames.size >= MAX_TOOL_NAMES || name.length > 128) return "_other";
      this.#toolNames.add(name);
    }
    return name;
  }
}

const MAX_TOOL_NAMES = 200;

function amountIn(data: Fields, key: string): number {
  return Math.max(0, numberIn(data, key) ?? 0);
}

// Events of agents carry no id of the agent.
const DEFAULT_AGENT = { agent_id: "default" };

const MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000];
// Those that the conventions recommend.
const SECONDS = [
  0.01,
  0.02,
  0.04,
  0.08,
  0.16,
  0.32,
  0.64,
  1.28,
  2.56,
  5.12,
  10.24,
  20.48,
  40.96,
  81.92,
];
