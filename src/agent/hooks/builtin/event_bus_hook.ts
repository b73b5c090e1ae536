import { checkOptions, describe } from "../../../core/options.ts";
import type { AnyBus, Bus } from "../../../core/bus/bus.ts";
import { getEventBus } from "../../../core/run/shared.ts";
import { defaultRedactor } from "../../../redaction/default_redactor.ts";
import { isRunId, RUN_ID_RULE } from "../../../events/identifiers.ts";
import { publishEvent } from "../../spans/bus_bridge.ts";
import { type AgentEvent, createEvent, toolComplete, toolStart } from "../../state/events.ts";
import type { AgentState, ToolExecution } from "../../state/state.ts";
import type { HookContext } from "../context.ts";
import type { Hook } from "../hook.ts";
import type {
  AfterModelCallEvent,
  AfterToolCallEvent,
  BeforeModelCallEvent,
  BeforeToolCallEvent,
} from "../model_events.ts";
import { checkBus, WRITING } from "../../../core/checks.ts";
import { readFlag } from "../../../core/option_values.ts";

/** Options of an {@linkcode EventBusHook}. */
export interface EventBusHookOptions {
  /** The bus to publish to. @default {the default bus, at the first event} */
  bus?: AnyBus;
  /**
   * Publish as well, under names that the catalogue does not have: `agent.invocation.started` and
   * `.completed`, once a segment; `agent.iteration.started` and `.completed`; `agent.model.started`. No one
   * else publishes these, so they come also where the agent publishes everything else by itself.
   *
   * @default {false}
   */
  lifecycleEvents?: boolean;
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
  readonly #lifecycleEvents: boolean;
  /** The calls that were published as started and not as completed. */
  readonly #open = new WeakMap<HookContext, Set<string>>();
  /** The same of runs that wait for a person, by the id of the run: each segment has its own context. */
  readonly #waiting = new Map<string, Set<string>>();

  /** Makes the hook. @throws {TypeError} If the id cannot name a run, or an option is unknown. */
  constructor(runId: string, options: EventBusHookOptions = {}) {
    if (runId === "") throw new TypeError("EventBusHook requires a non-empty run_id");
    if (!isRunId(runId)) {
      throw new TypeError(`EventBusHook: "runId" must be ${RUN_ID_RULE}, got ${describe(runId)}`);
    }
    checkOptions(OWNER, options, ["bus", "lifecycleEvents"]);
    const { bus, lifecycleEvents = false } = options;
    if (bus !== undefined) checkBus(`${OWNER}: "bus" must be`, bus, WRITING);
    this.runId = runId;
    this.#bus = bus;
    this.#lifecycleEvents = readFlag(OWNER, "lifecycleEvents", lifecycleEvents);
  }

  /** Publishes `agent.invocation.started`, if asked to. */
  onBeforeInvocation(prompt: string, state: AgentState): void {
    this.#publishExtra("agent.invocation.started", {
      prompt_preview: defaultRedactor().preview(prompt, PROMPT_LENGTH),
      agent_id: state.agent_id,
      max_iterations: state.max_iterations,
    });
  }

  /** Publishes `agent.invocation.completed`, if asked to. */
  onAfterInvocation(state: AgentState, success: boolean, context: HookContext): void {
    if (state.pending_interrupt !== null) this.#wait(state.run_id, this.#openOf(context));
    this.#publishExtra("agent.invocation.completed", {
      agent_id: state.agent_id,
      iteration: state.iteration,
      success,
      tool_calls: state.tool_executions.length,
      total_tokens: state.total_tokens_used,
    });
  }

  /** Publishes `agent.iteration.started`, if asked to. */
  onIterationStart(iteration: number): void {
    this.#publishExtra("agent.iteration.started", { iteration });
  }

  /** Publishes `agent.model.started`, if asked to. */
  onBeforeModelCall({ messages, tools }: BeforeModelCallEvent): void {
    this.#publishExtra("agent.model.started", {
      message_count: messages.length,
      tool_count: tools.length,
    });
  }

  /** Publishes `agent.model.completed` and `agent.tokens.used`. */
  onAfterModelCall({ response, context }: AfterModelCallEvent): void {
    const { content, tool_calls, stop_reason, usage } = response;
    const fields = { content, tool_calls, stop_reason, usage };
    this.#publish(context, createEvent("model_complete", fields));
  }

  /** Publishes `agent.tool.started`. */
  onBeforeToolCall(
    { tool_name, tool_call_id, arguments: args, context }: BeforeToolCallEvent,
  ): void {
    this.#openOf(context).add(tool_call_id);
    this.#publish(context, toolStart({ name: tool_name, id: tool_call_id }, args));
  }

  /** Publishes `agent.tool.completed`. */
  onAfterToolCall(event: AfterToolCallEvent): void {
    // Another hook has it repeated: it is not complete yet.
    if (!event.retryRequested) this.#complete(event, event.context);
  }

  /** Publishes `agent.tool.completed` of the calls that never ran: cancelled, cached or not valid. */
  onIterationEnd(iteration: number, state: AgentState, context: HookContext): void {
    const open = this.#openOf(context);
    for (const execution of state.tool_executions) {
      if (open.has(execution.tool_call_id)) this.#complete(execution, context);
    }
    open.clear();
    this.#publishExtra("agent.iteration.completed", { iteration });
  }

  #complete(call: CompletedCall, context: HookContext): void {
    const { tool_name: name, tool_call_id: id } = call;
    this.#openOf(context).delete(id);
    this.#publish(context, toolComplete({ name, id }, call));
  }

  #openOf(context: HookContext): Set<string> {
    let open = this.#open.get(context);
    if (open === undefined) {
      open = this.#waiting.get(context.runId) ?? new Set();
      this.#waiting.delete(context.runId);
      this.#open.set(context, open);
    }
    return open;
  }

  #wait(runId: string, open: Set<string>): void {
    if (open.size > 0) this.#waiting.set(runId, open);
    // Whoever is asked may never answer.
    if (this.#waiting.size > MAX_WAITING) this.#waiting.delete(this.#waiting.keys().next().value!);
  }

  #publish(context: HookContext, event: AgentEvent): void {
    if (context.busRunId === this.runId) return;
    publishEvent({ emit: (eventType, data) => this.#write(eventType, data) }, event);
  }

  #publishExtra(eventType: string, data: object): void {
    if (this.#lifecycleEvents) this.#write(eventType, data);
  }

  #write(eventType: string, data: object): void {
    (this.#bus ?? getEventBus()).writer(this.runId).write(eventType, data);
  }
}

type CompletedCall = Pick<
  ToolExecution,
  "tool_name" | "tool_call_id" | "result" | "error" | "duration_ms"
>;

const OWNER = "EventBusHook";
const PROMPT_LENGTH = 160;
const MAX_WAITING = 1000;
