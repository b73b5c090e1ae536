/** What an agent is made of: its options, checked and complete. */

import { describe, isRecord } from "../core/options.ts";
import type { ConversationManager } from "../memory/conversation/manager.ts";
import { readCheckpointer } from "./threads/check_checkpointer.ts";
import type { AgentEvent } from "./state/events.ts";
import type { Hook } from "./hooks/hook.ts";
import { sortHooks } from "./hooks/hook_chain.ts";
import { chatModel } from "./model/language_model.ts";
import type { ChatModel } from "./model/chat_model.ts";
import { checkPlugins } from "./plugin.ts";
import type { AgentOptions } from "./options.ts";
import type { CallSettings } from "./model/request.ts";
import type { RunSettings, StateLimits, SystemPrompt } from "./loop/run_settings.ts";
import { type OutputConfig, readOutput } from "./output/structured_answer.ts";
import { readCausal } from "./reasoning/causal/growing_chain.ts";
import { readGrounding } from "./reasoning/grounding/grounding.ts";
import { readGsar } from "./reasoning/gsar/gsar.ts";
import { isConfident, readReflexion } from "./reasoning/reflexion/reflexion.ts";
import { checkCondition, holds } from "./termination/condition.ts";
import { CircuitBreaker } from "./tools/circuit_breaker.ts";
import { ToolResultStore } from "./tool_results/result_store.ts";
import { toolsIn } from "./tools/ai_tool.ts";
import { isTool, type Tool } from "./tools/tool.ts";
import { frozenCopy } from "../core/json.ts";
import { MAX_TIMER_MS, readInstance } from "../core/option_values.ts";
import { type ReadBy, readBy, type Rules } from "../core/option_rules.ts";
import * as rule from "../core/option_rules.ts";
import {
  isCancelled,
  isIdle,
  outOfTime,
  outOfTokens,
  outOfTurns,
  type StopCheck,
  terminalTool,
} from "./loop/stop_checks.ts";
import { isLooping } from "./reasoning/reflexion/progress.ts";

/** What ends a run when it is called, unless an agent says otherwise. */
export const TERMINAL_TOOLS: readonly string[] = [
  "submit",
  "done",
  "finish",
  "complete",
  "task_complete",
];

const TIMEOUT = /* @__PURE__ */ rule.orNull(/* @__PURE__ */ rule.whole(undefined, 1, MAX_TIMER_MS));

// Bundlers leave it out, and all that it refers to, of what makes no agent.
const RULES = /* @__PURE__ */ (() => ({
  model: chatModel(),
  auxiliaryModel: rule.orNull(chatModel()),
  tools: rule.unchecked<unknown>([]),
  systemPrompt: readSystemPrompt,
  maxIterations: rule.whole(20, 1, 500),
  tokenBudget: rule.orNull(rule.whole(undefined, 1)),
  timeBudgetSeconds: rule.orNull(readSeconds),
  termination: rule.orNull((_, __, value) => checkCondition('Agent: "termination"', value)),
  reflexion: readReflexion,
  grounding: readGrounding,
  gsar: readGsar,
  causal: readCausal,
  planning: rule.flag(false),
  completionMode: rule.choice("auto", ["auto", "explicit"]),
  terminalTools: rule.names(TERMINAL_TOOLS),
  verifyTools: rule.names(["write_file", "write", "save", "create_file", "update_file"]),
  requireVerification: rule.flag(true),
  verificationTools: rule.names(["run_command", "run_tests", "run", "execute", "pytest", "test"]),
  toolLoopThreshold: rule.whole(3, 2),
  toolExecution: rule.choice("concurrent", ["concurrent", "sequential"]),
  maxConcurrency: rule.whole(10, 1),
  toolEventOrder: rule.choice("sequential", ["sequential", "completion"]),
  maxToolResultLength: rule.whole(32_000, 0),
  toolTimeoutMs: TIMEOUT,
  modelTimeoutMs: TIMEOUT,
  modelIdleTimeoutMs: TIMEOUT,
  toolResultStore: instance(ToolResultStore),
  circuitBreaker: instance(CircuitBreaker),
  conversationManager: rule.orNull(readManager),
  checkpointer: rule.orNull((_, __, value) => readCheckpointer(value)),
  checkpointEveryNIterations: rule.whole(0, 0),
  hooks: rule.list<Hook>(),
  plugins: (_: string, __: string, value: unknown) => checkPlugins(value ?? []),
  callbackHandler: rule.optionalFunction<(event: AgentEvent) => void>(),
  outputSchema: rule.unchecked<unknown>(undefined),
  outputJsonSchema: rule.unchecked<unknown>(undefined),
  outputSchemaRetries: rule.unchecked<number | undefined>(undefined),
  outputSchemaStrict: rule.unchecked<boolean | undefined>(undefined),
  outputKey: rule.orNull(rule.name),
  agentId: rule.orNull(rule.name),
  temperature: rule.orNull(rule.number(undefined, 0, 2)),
  maxTokens: rule.orNull(rule.whole(undefined, 1)),
  providerOptions: rule.orNull(readProviderOptions),
  metadata: rule.record,
  streaming: rule.choice("auto", ["auto", true, false]),
} satisfies Rules<AgentOptions>))();

export interface AgentConfig extends Omit<ReadBy<typeof RULES>, "tools" | "auxiliaryModel"> {
  readonly auxiliaryModel: ChatModel;
  readonly tools: readonly Tool[];
  readonly output: OutputConfig | null;
  readonly callSettings: CallSettings;
}

/** What other frameworks call an option, where no spelling leads to ours. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  name: "agentId",
  id: "agentId",
  system: "systemPrompt",
  instructions: "systemPrompt",
  prompt: "systemPrompt",
  maxSteps: "maxIterations",
  maxTurns: "maxIterations",
};

/** Checks the options and fills in the defaults. @throws {TypeError | RangeError} If one is wrong, unknown or missing. */
export function resolveOptions(options: AgentOptions): AgentConfig {
  const read = readBy(OWNER, options, RULES, ELSEWHERE);
  const { model, plugins, streaming, temperature, maxTokens, providerOptions } = read;
  if (streaming === true) readStreaming(OWNER, streaming, model);
  return {
    ...read,
    auxiliaryModel: read.auxiliaryModel ?? model,
    tools: readTools(read.tools, plugins.flatMap((plugin) => plugin.getTools())),
    hooks: sortHooks([...read.hooks, ...plugins.flatMap((plugin) => plugin.getHooks())]),
    output: readOutput(read),
    // Only what is given: some models refuse the rest.
    callSettings: Object.freeze({
      ...temperature !== null && { temperature },
      ...maxTokens !== null && { maxOutputTokens: maxTokens },
      ...providerOptions !== null && { providerOptions },
    }),
  };
}

/** @throws {TypeError} If `value` is not a tool, or its name is in `taken`. */
export function checkTool(value: unknown, taken: { has(name: string): boolean }): Tool {
  if (!isTool(value)) {
    throw new TypeError(`Agent: "tools" must hold tools made by tool(), got ${describe(value)}`);
  }
  if (taken.has(value.name)) {
    throw new TypeError(`Agent: there is already a tool named "${value.name}"`);
  }
  return value;
}

/** @throws {TypeError} If streaming is demanded of a model that cannot. */
export function readStreaming(owner: string, value: unknown, model: ChatModel): boolean {
  if (typeof value !== "boolean") {
    throw new TypeError(`${owner}: "streaming" must be true or false, got ${describe(value)}`);
  }
  if (value && model.stream === null) {
    throw new TypeError(`${owner}: "streaming" is true, but the model has no doStream()`);
  }
  return value;
}

const OWNER = "Agent";

function instance<T>(type: new (...args: never[]) => T) {
  return (owner: string, name: string, value: unknown) =>
    readInstance(owner, name, value as T | null | undefined, type);
}

function readSeconds(_owner: string, _name: string, value: unknown): number {
  if (typeof value === "number" && value > 0) return value;
  throw new RangeError(
    `${OWNER}: "timeBudgetSeconds" must be a number above 0, got ${describe(value)}`,
  );
}

function readManager(_owner: string, _name: string, value: unknown): ConversationManager {
  if (isRecord(value) && typeof value.apply === "function") {
    return value as Record<string, unknown> & ConversationManager;
  }
  throw new TypeError(
    `Agent: "conversationManager" must be an object with apply(), such as compaction() of ` +
      `@locus/core/memory makes, got ${describe(value)}`,
  );
}

function readProviderOptions(_owner: string, _name: string, value: unknown) {
  if (isRecord(value) && Object.values(value).every(isRecord)) {
    return frozenCopy(value) as NonNullable<CallSettings["providerOptions"]>;
  }
  throw new TypeError(
    'Agent: "providerOptions" must be an object that holds an object for each provider, got ' +
      describe(isRecord(value) ? Object.values(value).find((item) => !isRecord(item)) : value),
  );
}

function readTools(given: unknown, further: readonly Tool[]): readonly Tool[] {
  const tools = new Map<string, Tool>();
  for (const value of [...toolsIn(OWNER, given), ...further]) {
    const tool = checkTool(value, tools);
    tools.set(tool.name, tool);
  }
  return [...tools.values()];
}

function readSystemPrompt(
  _owner: string,
  _name: string,
  value: unknown = "You are a helpful AI assistant.",
): string | SystemPrompt {
  if (typeof value === "string" || typeof value === "function") return value as SystemPrompt;
  throw new TypeError(
    `Agent: "systemPrompt" must be a string or a function, got ${describe(value)}`,
  );
}

export function toSettings(config: AgentConfig): RunSettings {
  return {
    ...config,
    instruction: config.output?.instruction ?? null,
    responseFormat: config.output?.format,
    limits: limitsOf(config),
    stopChecks: stopChecksOf(config),
  };
}

function limitsOf(config: AgentConfig): StateLimits {
  return {
    agent_id: config.agentId,
    max_iterations: config.maxIterations,
    ...(config.reflexion && { confidence_threshold: config.reflexion.confidenceThreshold }),
    tool_loop_threshold: config.toolLoopThreshold,
    terminal_tools: [...config.terminalTools],
    token_budget: config.tokenBudget,
    completion_mode: config.completionMode,
  };
}

/** What ends a run before its next turn: the first that holds gives the reason. */
function stopChecksOf(config: AgentConfig): readonly StopCheck[] {
  const { timeBudgetSeconds, termination, tokenBudget, completionMode } = config;
  return [
    ...timeBudgetSeconds === null ? [] : [outOfTime(timeBudgetSeconds)],
    isCancelled,
    ...termination === null ? [] : [holds(termination)],
    terminalTool,
    outOfTurns(config.maxIterations),
    ...tokenBudget === null ? [] : [outOfTokens(tokenBudget)],
    ...completionMode === "explicit"
      ? []
      : [isConfident, isLooping(config.toolLoopThreshold), isIdle],
  ];
}
