import { defaultRedactor } from "../../../redaction/default_redactor.ts";
import { redactSecrets } from "../../../redaction/secrets.ts";
import { frozenCopy } from "../../../core/json.ts";
import { type ReadBy, readBy, type Rules } from "../../../core/option_rules.ts";
import * as rule from "../../../core/option_rules.ts";
import type { AgentState } from "../../state/state.ts";
import type { HookContext } from "../context.ts";
import { type Hook, HookPriority } from "../hook.ts";
import type { AfterToolCallEvent, BeforeToolCallEvent } from "../model_events.ts";

/** How much a record matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Takes the records of a {@linkcode LoggingHook}: any logger can be wrapped in one. */
export type LogSink = (
  level: LogLevel,
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** Options of a {@linkcode LoggingHook}. */
export interface LoggingOptions {
  /** Takes the records. @default {the console} */
  logger?: LogSink;
  /** The level of all records. @default {"info"} */
  level?: LogLevel;
  /** What the console puts in front of each record. @default {"locus.agent"} */
  loggerName?: string;
  /** Added to each record. @default {{}} */
  extra?: Readonly<Record<string, unknown>>;
  /** Log the arguments of tools, not only their keys. @default {false} */
  logArguments?: boolean;
  /** Log the beginnings of what tools return. @default {false} */
  logResults?: boolean;
  /** See {@linkcode HookPriority}. @default {150} */
  priority?: number;
}

/**
 * Logs what a run does: its beginning and end, its turns, its tool calls. It publishes nothing.
 *
 * Arguments and results stay out of the log unless they are asked for: they may be private. Known secrets stay
 * out in any case.
 */
export class LoggingHook implements Hook {
  /** It never ends a run. */
  readonly observer = true;
  /** See {@linkcode HookPriority}. */
  readonly priority: number;
  readonly #options: ReadBy<typeof RULES>;
  readonly #logger: LogSink;
  readonly #startedAt = new WeakMap<HookContext, number>();

  /** Makes the hook. @throws {TypeError} If an option is unknown or of the wrong type. */
  constructor(options: LoggingOptions = {}) {
    this.#options = readBy("LoggingHook", options, RULES);
    this.priority = this.#options.priority;
    this.#logger = this.#options.logger ?? toConsole(this.#options.loggerName);
  }

  /** Logs `Agent invocation starting`. */
  onBeforeInvocation(prompt: string, state: AgentState, context: HookContext): void {
    this.#startedAt.set(context, performance.now());
    this.#log("Agent invocation starting", {
      run_id: state.run_id,
      agent_id: state.agent_id,
      prompt_preview: preview(prompt, 100),
      prompt_length: prompt.length,
    });
  }

  /** Logs `Agent invocation completed`. */
  onAfterInvocation(state: AgentState, success: boolean, context: HookContext): void {
    const startedAt = this.#startedAt.get(context);
    this.#log("Agent invocation completed", {
      run_id: state.run_id,
      agent_id: state.agent_id,
      success,
      iterations: state.iteration,
      confidence: state.confidence,
      tool_calls: state.tool_executions.length,
      errors: state.errors.length,
      // Hooks are not called at the start of a segment that goes on after a question.
      duration_ms: startedAt === undefined ? null : performance.now() - startedAt,
    });
  }

  /** Logs `Iteration starting`. */
  onIterationStart(iteration: number, state: AgentState): void {
    const { run_id, confidence } = state;
    this.#log("Iteration starting", { run_id, iteration, confidence });
  }

  /** Logs `Iteration completed`. */
  onIterationEnd(iteration: number, state: AgentState): void {
    const { run_id, confidence } = state;
    this.#log("Iteration completed", { run_id, iteration, confidence });
  }

  /** Logs `Tool call starting`. */
  onBeforeToolCall(
    { tool_name, tool_call_id, arguments: args, context }: BeforeToolCallEvent,
  ): void {
    this.#log("Tool call starting", {
      run_id: context.runId,
      tool_name,
      tool_call_id,
      ...(this.#options.logArguments
        ? { arguments: defaultRedactor().data(args) }
        : { argument_keys: Object.keys(args).sort().map(redactSecrets) }),
    });
  }

  /** Logs `Tool call completed`. */
  onAfterToolCall(event: AfterToolCallEvent): void {
    const { tool_name, tool_call_id, result, error, duration_ms, context } = event;
    this.#log("Tool call completed", {
      run_id: context.runId,
      tool_name,
      tool_call_id,
      success: error === null,
      duration_ms,
      ...(error === null ? {} : { error }),
      ...(this.#options.logResults && result !== null
        ? { result_preview: preview(result, 200), result_length: result.length }
        : {}),
    });
  }

  #log(message: string, fields: Record<string, unknown>): void {
    this.#logger(this.#options.level, message, { ...this.#options.extra, ...fields });
  }
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

const RULES = /* @__PURE__ */ (() => ({
  logger: rule.optionalFunction<LogSink>(),
  level: rule.choice<LogLevel>("info", LEVELS),
  loggerName: rule.unchecked("locus.agent"),
  extra: rule.record,
  logArguments: rule.flag(false),
  logResults: rule.flag(false),
  priority: rule.unchecked<number>(HookPriority.OBSERVABILITY_DEFAULT),
} satisfies Rules<LoggingOptions>))();

function toConsole(name: string): LogSink {
  return (level, message, fields) => console[level](`[${name}] ${message}`, fields);
}

function preview(text: string, length: number): string {
  const shown = defaultRedactor().preview(text, length);
  return text.length <= length ? shown : `${shown}...`;
}

/** Options of a {@linkcode StructuredLoggingHook}. */
export interface StructuredLoggingOptions
  extends Pick<LoggingOptions, "level" | "extra" | "priority"> {
  /** Takes each line, without its line break. @default {console.log} */
  write?: (line: string) => void;
  /** Put the `timestamp` into each record. @default {true} */
  includeTimestamps?: boolean;
}

/**
 * Writes what {@linkcode LoggingHook} logs as one line of JSON a record, for machines:
 * `{ message, event, ...extra, ...fields, timestamp }`, where `event` is the message in snake_case.
 *
 * Never what tools are given or return.
 */
export class StructuredLoggingHook extends LoggingHook {
  /** Makes the hook. @throws {TypeError} If an option is unknown or of the wrong type. */
  constructor(options: StructuredLoggingOptions = {}) {
    const read = readBy("StructuredLoggingHook", options, STRUCTURED_RULES);
    const { write = (line) => console.log(line), includeTimestamps, ...rest } = read;
    super({
      ...rest,
      logger: (_level, message, fields) => {
        const event = message.toLowerCase().replaceAll(" ", "_");
        const timestamp = includeTimestamps ? { timestamp: new Date().toISOString() } : {};
        // A copy that JSON can carry: `extra` is the user's, and may hold anything.
        write(JSON.stringify(frozenCopy({ message, event, ...fields, ...timestamp })));
      },
    });
  }
}

const STRUCTURED_RULES = /* @__PURE__ */ (() => ({
  write: rule.optionalFunction<NonNullable<StructuredLoggingOptions["write"]>>(),
  includeTimestamps: rule.flag(true),
  level: rule.unchecked<LogLevel | undefined>(undefined),
  extra: rule.unchecked<LoggingOptions["extra"]>(undefined),
  priority: rule.unchecked<number | undefined>(undefined),
} satisfies Rules<StructuredLoggingOptions>))();
