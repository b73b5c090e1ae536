/** What an agent is made of: its options, checked and complete. */

import { checkFunction, checkOptions, describe } from "../core/options.ts";
import type { ConversationManager } from "../memory/conversation/manager.ts";
import { readManager } from "./conversation/read_manager.ts";
import { readCheckpointer } from "./threads/check_checkpointer.ts";
import type { AgentEvent } from "./state/events.ts";
import type { Hook } from "./hooks/hook.ts";
import { sortHooks } from "./hooks/order.ts";
import { asChatModel } from "./model/language_model.ts";
import type { ChatModel } from "./model/chat_model.ts";
import { checkPlugins, type Plugin } from "./plugin.ts";
import type { AgentOptions } from "./options.ts";
import { readCallSettings } from "./call_settings.ts";
import type { CallSettings } from "./model/request.ts";
import type { ModelLimits } from "./loop/model_deadline.ts";
import type { SystemPrompt } from "./loop/run_settings.ts";
import { type OutputConfig, readOutput } from "./output/output_config.ts";
import { type CausalConfig, readCausal } from "./reasoning/causal/causal_options.ts";
import { type GroundingConfig, readGrounding } from "./reasoning/grounding/grounding.ts";
import { type GsarConfig, readGsar } from "./reasoning/gsar/gsar_options.ts";
import { readReflexion, type ReflexionConfig } from "./reasoning/reflexion/reflexion.ts";
import { checkCondition } from "./termination/condition.ts";
import { CircuitBreaker } from "./tools/circuit_breaker.ts";
import { ToolResultStore } from "./tool_results/result_store.ts";
import { toolsIn } from "./tools/ai_tool.ts";
import { isTool, type Tool } from "./tools/tool.ts";
import { isPlain } from "../core/describe.ts";
import {
  MAX_TIMER_MS,
  readChoice,
  readFlag,
  readInstance,
  readName,
  readNames,
  readWhole,
} from "../core/option_values.ts";

/** Options of an agent that are complete as they are given, once the defaults are filled in. */
type Plain = Readonly<Required<AgentOptions>>;

/** Options, checked and complete. */
export interface AgentConfig
  extends
    Pick<Plain, "systemPrompt" | "maxIterations" | "tokenBudget" | "timeBudgetSeconds">,
    Pick<Plain, "planning" | "completionMode" | "requireVerification" | "toolLoopThreshold">,
    Pick<Plain, "toolExecution" | "maxConcurrency" | "toolEventOrder" | "maxToolResultLength">,
    Pick<Plain, "termination" | "toolResultStore" | "circuitBreaker" | "checkpointer">,
    Pick<Plain, "checkpointEveryNIterations" | "outputKey" | "agentId" | "streaming">,
    ModelLimits {
  readonly model: ChatModel;
  readonly auxiliaryModel: ChatModel;
  readonly tools: readonly Tool[];
  readonly reflexion: ReflexionConfig | null;
  readonly grounding: GroundingConfig | null;
  readonly gsar: GsarConfig | null;
  readonly causal: CausalConfig | null;
  readonly terminalTools: ReadonlySet<string>;
  readonly verifyTools: ReadonlySet<string>;
  readonly verificationTools: ReadonlySet<string>;
  readonly toolTimeoutMs: number | null;
  readonly conversationManager: ConversationManager | null;
  readonly hooks: readonly Hook[];
  readonly plugins: readonly Plugin[];
  readonly callbackHandler: ((event: AgentEvent) => void) | null;
  readonly output: OutputConfig | null;
  readonly callSettings: CallSettings;
  readonly metadata: Readonly<Record<string, unknown>>;
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
    terminalTools = TERMINAL_TOOLS,
    verifyTools = ["write_file", "write", "save", "create_file", "update_file"],
    requireVerification = true,
    verificationTools = ["run_command", "run_tests", "run", "execute", "pytest", "test"],
    toolLoopThreshold = 3,
    toolExecution = "concurrent",
    maxConcurrency = 10,
    toolEventOrder = "sequential",
    maxToolResultLength = 32_000,
    checkpointer = null,
    checkpointEveryNIterations = 0,
    hooks = [],
    plugins: givenPlugins = [],
    callbackHandler,
    outputKey = null,
    agentId = null,
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
    maxIterations: readWhole(OWNER, "maxIterations", maxIterations, 1, 500),
    tokenBudget: tokenBudget === null ? null : readWhole(OWNER, "tokenBudget", tokenBudget, 1),
    timeBudgetSeconds: timeBudgetSeconds === null ? null : readSeconds(timeBudgetSeconds),
    termination: termination === null ? null : checkCondition('Agent: "termination"', termination),
    reflexion: readReflexion(options.reflexion),
    grounding: readGrounding(options.grounding),
    gsar: readGsar(options.gsar),
    causal: readCausal(options.causal),
    planning: readFlag(OWNER, "planning", planning),
    completionMode: readChoice(OWNER, "completionMode", completionMode, ["auto", "explicit"]),
    terminalTools: readNames(OWNER, "terminalTools", terminalTools),
    verifyTools: readNames(OWNER, "verifyTools", verifyTools),
    requireVerification: readFlag(OWNER, "requireVerification", requireVerification),
    verificationTools: readNames(OWNER, "verificationTools", verificationTools),
    toolLoopThreshold: readWhole(OWNER, "toolLoopThreshold", toolLoopThreshold, 2),
    toolExecution: readChoice(OWNER, "toolExecution", toolExecution, ["concurrent", "sequential"]),
    maxConcurrency: readWhole(OWNER, "maxConcurrency", maxConcurrency, 1),
    toolEventOrder: readChoice(OWNER, "toolEventOrder", toolEventOrder, [
      "sequential",
      "completion",
    ]),
    maxToolResultLength: readWhole(OWNER, "maxToolResultLength", maxToolResultLength, 0),
    modelTimeoutMs: readTimeout("modelTimeoutMs", options.modelTimeoutMs),
    modelIdleTimeoutMs: readTimeout("modelIdleTimeoutMs", options.modelIdleTimeoutMs),
    toolTimeoutMs: readTimeout("toolTimeoutMs", options.toolTimeoutMs),
    toolResultStore: readInstance(
      OWNER,
      "toolResultStore",
      options.toolResultStore,
      ToolResultStore,
    ),
    circuitBreaker: readInstance(OWNER, "circuitBreaker", options.circuitBreaker, CircuitBreaker),
    conversationManager: readManager(options.conversationManager),
    checkpointer: readCheckpointer(checkpointer),
    checkpointEveryNIterations: readWhole(
      OWNER,
      "checkpointEveryNIterations",
      checkpointEveryNIterations,
      0,
    ),
    hooks: readHooks(hooks, plugins.flatMap((plugin) => plugin.getHooks())),
    plugins,
    callbackHandler: callbackHandler ?? null,
    output: readOutput(options),
    outputKey: outputKey === null ? null : readName(OWNER, "outputKey", outputKey),
    agentId: agentId === null ? null : readName(OWNER, "agentId", agentId),
    callSettings: readCallSettings(options),
    metadata: readMetadata(OWNER, metadata),
    streaming: readChoice(OWNER, "streaming", streaming, ["auto", true, false]),
  };
}

/** What ends a run when it is called, unless an agent says otherwise. */
export const TERMINAL_TOOLS: readonly string[] = [
  "submit",
  "done",
  "finish",
  "complete",
  "task_complete",
];

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

/** @throws {TypeError} If `value` is not an object. */
export function readMetadata(
  owner: string,
  value: unknown = {},
): Readonly<Record<string, unknown>> {
  if (isPlain(value)) return Object.freeze({ ...value });
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

/** @throws {RangeError} If it is not a number above 0. */
function readTimeout(name: keyof AgentOptions, value: unknown = null): number | null {
  return value === null ? null : readWhole(OWNER, name, value as number, 1, MAX_TIMER_MS);
}

function readSeconds(value: unknown): number {
  if (typeof value === "number" && value > 0) return value;
  throw new RangeError(
    `${OWNER}: "timeBudgetSeconds" must be a number above 0, got ${describe(value)}`,
  );
}

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
    modelTimeoutMs: 0,
    modelIdleTimeoutMs: 0,
    toolResultStore: 0,
    circuitBreaker: 0,
    conversationManager: 0,
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
  for (const value of [...toolsIn(OWNER, given), ...further]) {
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
