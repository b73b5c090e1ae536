/** What an agent is made of: its options, checked and complete. */

import { checkFunction, checkOptions, describe } from "../core/options.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import { readCheckpointer } from "./checkpoint/check_checkpointer.ts";
import { MAX_TIMER_MS } from "./checks.ts";
import {
  choice,
  flag,
  instance,
  names,
  readSeconds,
  readTemperature,
  text,
  whole,
} from "./config_values.ts";
import type { AgentEvent } from "./events.ts";
import type { Hook } from "./hooks/hook.ts";
import { sortHooks } from "./hooks/order.ts";
import { frozenCopy, isRecord } from "./json.ts";
import { asChatModel, type ChatModel } from "./model/language_model.ts";
import { checkPlugins, type Plugin } from "./plugin.ts";
import type { AgentOptions, ProviderOptions, SystemPrompt } from "./options.ts";
import { type OutputConfig, readOutput } from "./output/output_config.ts";
import { type CausalConfig, readCausal } from "./reasoning/causal/causal_options.ts";
import { type GroundingConfig, readGrounding } from "./reasoning/grounding.ts";
import { type GsarConfig, readGsar } from "./reasoning/gsar/gsar_options.ts";
import { readReflexion, type ReflexionConfig } from "./reasoning/reflexion.ts";
import { checkCondition, type TerminationCondition } from "./termination/condition.ts";
import { CircuitBreaker } from "./tools/circuit_breaker.ts";
import { ToolResultStore } from "./tools/result_store.ts";
import { isTool, type Tool } from "./tools/tool.ts";

/** Options, checked and complete. */
export interface AgentConfig {
  readonly model: ChatModel;
  readonly auxiliaryModel: ChatModel;
  readonly tools: readonly Tool[];
  readonly systemPrompt: string | SystemPrompt;
  readonly maxIterations: number;
  readonly tokenBudget: number | null;
  readonly timeBudgetSeconds: number | null;
  readonly termination: TerminationCondition | null;
  readonly reflexion: ReflexionConfig | null;
  readonly grounding: GroundingConfig | null;
  readonly gsar: GsarConfig | null;
  readonly causal: CausalConfig | null;
  readonly planning: boolean;
  readonly completionMode: "auto" | "explicit";
  readonly terminalTools: ReadonlySet<string>;
  readonly verifyTools: ReadonlySet<string>;
  readonly requireVerification: boolean;
  readonly verificationTools: ReadonlySet<string>;
  readonly toolLoopThreshold: number;
  readonly toolExecution: "concurrent" | "sequential";
  readonly maxConcurrency: number;
  readonly toolEventOrder: "sequential" | "completion";
  readonly maxToolResultLength: number;
  readonly toolTimeoutMs: number | null;
  readonly toolResultStore: ToolResultStore | null;
  readonly circuitBreaker: CircuitBreaker | null;
  readonly checkpointer: Checkpointer | null;
  readonly checkpointEveryNIterations: number;
  readonly hooks: readonly Hook[];
  readonly plugins: readonly Plugin[];
  readonly callbackHandler: ((event: AgentEvent) => void) | null;
  readonly output: OutputConfig | null;
  readonly outputKey: string | null;
  readonly agentId: string | null;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly providerOptions: ProviderOptions | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly streaming: boolean | "auto";
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 */
export function resolveOptions(options: AgentOptions): AgentConfig {
  checkOptions(OWNER, options, OPTION_NAMES);
  const {
    auxiliaryModel = null,
    tools = [],
    systemPrompt = "You are a helpful AI assistant.",
    maxIterations = 20,
    tokenBudget = null,
    timeBudgetSeconds = null,
    termination = null,
    planning = false,
    completionMode = "auto",
    terminalTools = ["submit", "done", "finish", "complete", "task_complete"],
    verifyTools = ["write_file", "write", "save", "create_file", "update_file"],
    requireVerification = true,
    verificationTools = ["run_command", "run_tests", "run", "execute", "pytest", "test"],
    toolLoopThreshold = 3,
    toolExecution = "concurrent",
    maxConcurrency = 10,
    toolEventOrder = "sequential",
    maxToolResultLength = 32_000,
    toolTimeoutMs = null,
    checkpointer = null,
    checkpointEveryNIterations = 0,
    hooks = [],
    plugins: givenPlugins = [],
    callbackHandler,
    outputKey = null,
    agentId = null,
    temperature = 0.7,
    maxTokens = 4096,
    providerOptions,
    metadata,
    streaming = "auto",
  } = options;
  const model = asChatModel("model", options.model);
  const plugins = checkPlugins(givenPlugins);
  checkFunction(OWNER, "callbackHandler", callbackHandler);
  if (streaming === true) readStreaming(OWNER, streaming, model);
  return {
    model,
    auxiliaryModel: auxiliaryModel === null ? model : asChatModel("auxiliaryModel", auxiliaryModel),
    tools: readTools(tools, plugins.flatMap((plugin) => plugin.getTools())),
    systemPrompt: readSystemPrompt(systemPrompt),
    maxIterations: whole("maxIterations", maxIterations, 1, 500),
    tokenBudget: tokenBudget === null ? null : whole("tokenBudget", tokenBudget, 1),
    timeBudgetSeconds: timeBudgetSeconds === null ? null : readSeconds(timeBudgetSeconds),
    termination: termination === null ? null : checkCondition('Agent: "termination"', termination),
    reflexion: readReflexion(options.reflexion),
    grounding: readGrounding(options.grounding),
    gsar: readGsar(options.gsar),
    causal: readCausal(options.causal),
    planning: flag("planning", planning),
    completionMode: choice("completionMode", completionMode, ["auto", "explicit"]),
    terminalTools: names("terminalTools", terminalTools),
    verifyTools: names("verifyTools", verifyTools),
    requireVerification: flag("requireVerification", requireVerification),
    verificationTools: names("verificationTools", verificationTools),
    toolLoopThreshold: whole("toolLoopThreshold", toolLoopThreshold, 2),
    toolExecution: choice("toolExecution", toolExecution, ["concurrent", "sequential"]),
    maxConcurrency: whole("maxConcurrency", maxConcurrency, 1),
    toolEventOrder: choice("toolEventOrder", toolEventOrder, ["sequential", "completion"]),
    maxToolResultLength: whole("maxToolResultLength", maxToolResultLength, 0),
    toolTimeoutMs: toolTimeoutMs === null
      ? null
      : whole("toolTimeoutMs", toolTimeoutMs, 1, MAX_TIMER_MS),
    toolResultStore: instance("toolResultStore", options.toolResultStore, ToolResultStore),
    circuitBreaker: instance("circuitBreaker", options.circuitBreaker, CircuitBreaker),
    checkpointer: readCheckpointer(checkpointer),
    checkpointEveryNIterations: whole(
      "checkpointEveryNIterations",
      checkpointEveryNIterations,
      0,
    ),
    hooks: readHooks(hooks, plugins.flatMap((plugin) => plugin.getHooks())),
    plugins,
    callbackHandler: callbackHandler ?? null,
    output: readOutput(options),
    outputKey: outputKey === null ? null : text("outputKey", outputKey),
    agentId: agentId === null ? null : text("agentId", agentId),
    temperature: readTemperature(temperature),
    maxTokens: whole("maxTokens", maxTokens, 1),
    providerOptions: readProviderOptions(providerOptions),
    metadata: readMetadata(OWNER, metadata),
    streaming: choice("streaming", streaming, ["auto", true, false]),
  };
}

/** @throws {TypeError} If `value` is no tool, or its name is in `taken`. */
export function checkTool(value: unknown, taken: { has(name: string): boolean }): Tool {
  if (!isTool(value)) {
    throw new TypeError(`Agent: "tools" must hold tools made by tool(), got ${describe(value)}`);
  }
  if (taken.has(value.name)) {
    throw new TypeError(`Agent: there is already a tool named "${value.name}"`);
  }
  return value;
}

/** @throws {TypeError} If `value` is no object. */
export function readMetadata(
  owner: string,
  value: unknown = {},
): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return Object.freeze({ ...value });
  throw new TypeError(`${owner}: "metadata" must be an object, got ${describe(value)}`);
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

// Complete by construction: a missing or additional name does not compile.
const OPTION_NAMES: readonly string[] = Object.keys(
  {
    model: 0,
    auxiliaryModel: 0,
    tools: 0,
    systemPrompt: 0,
    maxIterations: 0,
    tokenBudget: 0,
    timeBudgetSeconds: 0,
    termination: 0,
    reflexion: 0,
    grounding: 0,
    gsar: 0,
    causal: 0,
    planning: 0,
    completionMode: 0,
    terminalTools: 0,
    verifyTools: 0,
    requireVerification: 0,
    verificationTools: 0,
    toolLoopThreshold: 0,
    toolExecution: 0,
    maxConcurrency: 0,
    toolEventOrder: 0,
    maxToolResultLength: 0,
    toolTimeoutMs: 0,
    toolResultStore: 0,
    circuitBreaker: 0,
    checkpointer: 0,
    checkpointEveryNIterations: 0,
    hooks: 0,
    plugins: 0,
    callbackHandler: 0,
    outputSchema: 0,
    outputJsonSchema: 0,
    outputSchemaRetries: 0,
    outputSchemaStrict: 0,
    outputKey: 0,
    agentId: 0,
    temperature: 0,
    maxTokens: 0,
    providerOptions: 0,
    metadata: 0,
    streaming: 0,
  } satisfies Record<keyof AgentOptions, 0>,
);

function readTools(given: unknown, further: readonly Tool[]): readonly Tool[] {
  const tools = new Map<string, Tool>();
  for (const value of [...(Array.isArray(given) ? given : [given]), ...further]) {
    const tool = checkTool(value, tools);
    tools.set(tool.name, tool);
  }
  return [...tools.values()];
}

function readHooks(hooks: unknown, further: readonly Hook[]): readonly Hook[] {
  if (Array.isArray(hooks)) return sortHooks([...hooks, ...further]);
  throw new TypeError(`Agent: "hooks" must be an array, got ${describe(hooks)}`);
}

function readSystemPrompt(value: string | SystemPrompt): string | SystemPrompt {
  if (typeof value === "string" || typeof value === "function") return value;
  throw new TypeError(
    `Agent: "systemPrompt" must be a string or a function, got ${describe(value)}`,
  );
}

function readProviderOptions(value: unknown): ProviderOptions | undefined {
  if (value === undefined) return undefined;
  if (isRecord(value) && Object.values(value).every(isRecord)) {
    return frozenCopy(value) as ProviderOptions;
  }
  throw new TypeError(
    'Agent: "providerOptions" must be an object that holds an object for each provider, got ' +
      describe(isRecord(value) ? Object.values(value).find((item) => !isRecord(item)) : value),
  );
}
