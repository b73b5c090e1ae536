import { checkOptions, describe } from "../../core/options.ts";
import type { Bus } from "../../core/bus.ts";
import { getEventBus } from "../../core/shared.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { isRunId, RUN_ID_RULE } from "../../events/identifiers.ts";
import type { EventName, EventPayload } from "../../events/stream_event.ts";
import type { AgentState, ToolExecution } from "../state.ts";
import type { HookContext } from "./context.ts";
import type { Hook } from "./hook.ts";
import type { AfterModelCallEvent } from "./model_events.ts";
import type { AfterToolCallEvent, BeforeToolCallEvent } from "./tool_events.ts";

/** Options of an {@linkcode EventBusHook}. */
export interface EventBusHookOptions {
  /** The bus to publish to. @default {the default bus, at the first event} */
  bus?: Bus;
}

/**
 * Publishes the tool and model calls of an agent to a run of your choice, whatever context the agent is
 * called in: `agent.tool.started`, `agent.tool.completed`, `agent.model.completed`, `agent.tokens.used`.
 *
 * - **No duplicates:** an agent that runs inside a run context publishes there by itself. Where that is the
 *   same run, this hook is silent.
 * - **Not from hooks:** thinking, reflection, grounding and the end of a run; for those call the agent
 *   inside a run context, or hand it the run: `agent.run(prompt, { run })`.
 */
export class EventBusHook implements Hook {
  /** It never ends a run. */
  readonly observer = true;
  /** First after the security hooks. */
  readonly priority = 110;
  /** The run that it publishes to. */
  readonly runId: string;
  readonly #bus: Bus | undefined;
  /** The calls that were published as started and not as completed. */
  readonly #open = new WeakMap<HookContext, Set<string>>();

  /** Makes the hook. @throws {TypeError} If the id cannot name a run, or an option is unknown. */
  constructor(runId: string, options: EventBusHookOptions = {}) {
    if (runId === "") throw new TypeError("EventBusHook requires a non-empty run_id");
    if (!isRunId(runId)) {
      throw new TypeError(`EventBusHook: "runId" must be ${RUN_ID_RULE}, got ${describe(runId)}`);
    }
    checkOptions("EventBusHook", options, ["bus"]);
    this.runId = runId;
    this.#bus = options.bus;
  }

  /** Publishes `agent.model.completed` and `agent.tokens.used`. */
  onAfterModelCall({ response, context }: AfterModelCallEvent): void {
    const { content, tool_calls, stop_reason, usage } = response;
    this.#publish(context, "agent.model.completed", {
      content_preview: defaultRedactor().preview(content ?? "", PREVIEW_LENGTH),
      tool_call_count: tool_calls.length,
      stop_reason,
    });
    const { prompt_tokens, completion_tokens, total_tokens } = usage;
    if (prompt_tokens === undefined || completion_tokens === undefined) return;
    this.#publish(context, "agent.tokens.used", {
      prompt_tokens,
      completion_tokens,
      total_tokens: total_tokens ?? prompt_tokens + completion_tokens,
    });
  }

  /** Publishes `agent.tool.started`. */
  onBeforeToolCall(
    { tool_name, tool_call_id, arguments: args, context }: BeforeToolCallEvent,
  ): void {
    this.#openOf(context).add(tool_call_id);
    this.#publish(context, "agent.tool.started", {
      tool_name,
      span_id: tool_call_id,
      arg_keys: Object.keys(args).sort(),
    });
  }

  /** Publishes `agent.tool.completed`. */
  onAfterToolCall(event: AfterToolCallEvent): void {
    // Another hook has it repeated: it is not complete yet.
    if (!event.retryRequested) this.#complete(event, event.context);
  }

  /** Publishes `agent.tool.completed` of the calls that never ran: cancelled, cached or not valid. */
  onIterationEnd(_iteration: number, state: AgentState, context: HookContext): void {
    const open = this.#openOf(context);
    for (const execution of state.tool_executions) {
      if (open.has(execution.tool_call_id)) this.#complete(execution, context);
    }
    open.clear();
  }

  #complete(call: CompletedCall, context: HookContext): void {
    const { tool_name, tool_call_id, result, error, duration_ms } = call;
    this.#openOf(context).delete(tool_call_id);
    this.#publish(context, "agent.tool.completed", {
      tool_name,
      span_id: tool_call_id,
      success: error === null,
      duration_ms,
      output_preview: defaultRedactor().preview(result ?? "", PREVIEW_LENGTH),
      error,
    });
  }

  #openOf(context: HookContext): Set<string> {
    let open = this.#open.get(context);
    if (open === undefined) this.#open.set(context, open = new Set());
    return open;
  }

  #publish<T extends string>(
    context: HookContext,
    eventType: EventName<T>,
    data: EventPayload<T>,
  ): void {
    if (context.busRunId === this.runId) return;
    (this.#bus ?? getEventBus()).writer(this.runId).write(eventType, data);
  }
}

type CompletedCall = Pick<
  ToolExecution,
  "tool_name" | "tool_call_id" | "result" | "error" | "duration_ms"
>;

const PREVIEW_LENGTH = 240;
