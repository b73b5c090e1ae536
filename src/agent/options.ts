/** What an agent is made of, as its user says it. */

import type { Checkpointer } from "../memory/checkpointer.ts";
import type { ConversationManager } from "../memory/conversation/manager.ts";
import type { AgentEvent } from "./state/events.ts";
import type { Hook } from "./hooks/hook.ts";
import type { LanguageModel } from "./model/language_model.ts";
import type { CausalOptions } from "./reasoning/causal/growing_chain.ts";
import type { GroundingOptions } from "./reasoning/grounding/grounding.ts";
import type { GsarOptions } from "./reasoning/gsar/gsar.ts";
import type { ReflexionOptions } from "./reasoning/reflexion/reflexion.ts";
import type { TerminationCondition } from "./termination/condition.ts";
import type { CircuitBreaker } from "./tools/circuit_breaker.ts";
import type { ToolResultStore } from "./tool_results/result_store.ts";
import type { StandardSchema } from "../events/standard_schema.ts";
import type { JsonSchema } from "./json_schema/json_schema.ts";
import type { SystemPrompt } from "./loop/run_settings.ts";
import type { ProviderOptions } from "./model/request.ts";
import type { Plugin } from "./plugin.ts";
import type { ToolSet } from "./tools/ai_tool.ts";
import type { Tool } from "./tools/tool.ts";

/** Options of an {@linkcode Agent}. */
export interface AgentOptions<Output = unknown> {
  /** The language model, made by a provider package of the AI SDK. */
  model: LanguageModel;
  /** Writes the summary when `maxIterations` is reached. @default {the model} */
  auxiliaryModel?: LanguageModel | null;
  /**
   * What the model can call; names must differ. A record holds tools by their names, those of the AI SDK too:
   * `{ weather: tool({ inputSchema, execute }) }`. @default {[]}
   */
  tools?: Tool | readonly Tool[] | ToolSet;
  /** The system prompt, or a function that makes it for each run. @default {"You are a helpful AI assistant."} */
  systemPrompt?: string | SystemPrompt;
  /** After so many turns the run ends with a summary: 1 to 500. @default {20} */
  maxIterations?: number;
  /** After so many tokens no further turn begins. @default {null: no limit} */
  tokenBudget?: number | null;
  /**
   * After so many seconds the run ends with the reason `time_budget`, whatever it waits for: what is at work is told to stop
   * by its signal. @default {null: no limit}
   */
  timeBudgetSeconds?: number | null;
  /**
   * What else ends the run, looked at before each turn: `any(maxIterations(8), toolCalled("submit"))`.
   * It adds to what ends a run anyway. @default {null}
   */
  termination?: TerminationCondition | null;
  /**
   * Whether the agent looks back after its turns: its confidence rises or falls, it gets advice when it is stuck
   * or repeats itself, and in auto mode stops when it is sure enough. No model is asked.
   * @default {false}
   */
  reflexion?: boolean | ReflexionOptions | null;
  /**
   * Whether an answer is checked against what the tools returned before it is accepted, by one more
   * model call. An answer that is not supported sends the agent back to its tools; after `maxReplans`
   * of that, the run ends with the reason `grounding_failed`. In auto mode. @default {false}
   */
  grounding?: boolean | GroundingOptions | null;
  /**
   * Whether the answer that a run ends with is judged claim by claim, by one more model call or a function
   * of your own: `gsar_judgment`, `gsar_score` and `gsar_decision` of the result. @default {false}
   */
  gsar?: boolean | GsarOptions | null;
  /**
   * Whether causes and symptoms are read out of what tools return, by one more model call after each turn
   * that called some: `causal_node` and `causal_edge` events, and `causal_chain` of the result.
   * @default {false}
   */
  causal?: boolean | CausalOptions | null;
  /** Ask for a numbered plan before the first turn. @default {false} */
  planning?: boolean;
  /**
   * When the run is over: `auto`, with an answer that calls no tool; `explicit`, when a terminal tool
   * is called. Explicit mode brings the tools `task_complete` and `ask_user`, unless the names are
   * taken. @default {"auto"}
   */
  completionMode?: "auto" | "explicit";
  /** Tools that end the run when they succeed. @default {submit, done, finish, complete, task_complete} */
  terminalTools?: Iterable<string>;
  /**
   * Tools whose work should be checked: after them the model is reminded to.
   *
   * @default {write_file, write, save, create_file, update_file}
   */
  verifyTools?: Iterable<string>;
  /** In explicit mode, refuse `task_complete` while such work is unchecked. @default {true} */
  requireVerification?: boolean;
  /** Tools that check such work. @default {run_command, run_tests, run, execute, pytest, test} */
  verificationTools?: Iterable<string>;
  /** End the run after so many turns with the very same tool calls and results: at least 2. @default {3} */
  toolLoopThreshold?: number;
  /** Whether the tool calls of one turn run at the same time or one after the other. @default {"concurrent"} */
  toolExecution?: "concurrent" | "sequential";
  /** How many tool calls run at the same time. @default {10} */
  maxConcurrency?: number;
  /**
   * Whether `tool_complete` events of concurrent calls come in the order of the calls or as the calls
   * finish. @default {"sequential"}
   */
  toolEventOrder?: "sequential" | "completion";
  /** Longer results are cut, and say so; 0 means no limit. @default {32000} */
  maxToolResultLength?: number;
  /**
   * Keeps longer results elsewhere instead of cutting them, and gives the model a tool to read on. Then
   * `maxToolResultLength` holds only for errors, and for results that could not be saved.
   * @default {null}
   */
  toolResultStore?: ToolResultStore | null;
  /** Stops calling tools that keep failing. It counts over all runs of all agents that have it. @default {null} */
  circuitBreaker?: CircuitBreaker | null;
  /**
   * How long one model call may take, in milliseconds: then it has failed with a {@linkcode ModelTimeoutError}, and its
   * signal is aborted. `ModelRetryHook` repeats it. @default {null: no limit}
   */
  modelTimeoutMs?: number | null;
  /** The same for the time in which nothing of a streamed answer arrives. @default {null: no limit} */
  modelIdleTimeoutMs?: number | null;
  /** How long a tool may take that does not say itself. @default {null: no limit} */
  toolTimeoutMs?: number | null;
  /**
   * Keeps what the model is sent within what it takes: `slidingWindow()`, `summarizing()` or `compaction()` of
   * `@locus/core/memory`. It is asked before each model call, and once more when the model refuses the conversation as too
   * long. The run keeps all of its messages. @default {null: all messages are sent}
   */
  conversationManager?: ConversationManager | null;
  /**
   * Keeps conversations between runs and processes: `new MemoryCheckpointer()` or `storageCheckpointer()`
   * of `@locus/core/memory`. A run with a `threadId` then begins with what its thread holds, and what it
   * comes to is saved at its end, also after an error or while it waits for a person. What was said, what
   * tools returned and the metadata are kept as plain JSON. @default {null}
   */
  checkpointer?: Checkpointer | null;
  /**
   * Save after every so many turns as well; 0 means only at the end. A run without a `threadId` is saved
   * under its own id, and stays there until you delete it. @default {0}
   */
  checkpointEveryNIterations?: number;
  /** Code to run at fixed points of a run. @default {[]} */
  hooks?: readonly Hook[];
  /** Bundles of hooks and tools: {@linkcode Plugin}. @default {[]} */
  plugins?: readonly Plugin[];
  /** Called with every event, before the consumer gets it. What it throws is reported. */
  callbackHandler?: (event: AgentEvent) => void;
  /**
   * What the answer must be: a zod schema, another Standard Schema or a JSON Schema. The model gets the
   * schema, its provider enforces it if it can, and the result carries the value as `parsed`.
   * @default {null: any text}
   */
  outputSchema?: StandardSchema<unknown, Output> | JsonSchema | null;
  /** The answer as the model sees it, or a function that makes that of the schema, as `jsonSchema` of a tool. */
  // A method, so that the converter of a library, which takes its own schemas, is one.
  outputJsonSchema?: JsonSchema | { bivarianceHack(schema: unknown): object }["bivarianceHack"];
  /** How often to ask again for an answer that does not pass: 0 to 10. @default {2} */
  outputSchemaRetries?: number;
  /**
   * Whether to ask the provider for exactly the properties that the schema names, optional ones
   * included: some refuse a schema that leaves anything open. @default {true}
   */
  outputSchemaStrict?: boolean;
  /** Store the answer under this key of `state.metadata`. @default {null} */
  outputKey?: string | null;
  /** A name for this agent, for tools and for its use as a tool. @default {null} */
  agentId?: string | null;
  /** How freely the model chooses its words: 0 to 2. Reasoning models refuse it. @default {not sent} */
  temperature?: number | null;
  /** How many tokens one answer may have, those of its thinking included. @default {not sent} */
  maxTokens?: number | null;
  /**
   * Handed to the provider with every model call, such as
   * `{ anthropic: { thinking: { type: "enabled", budgetTokens: 2000 } } }`: see the provider's own
   * documentation. @default {not sent}
   */
  providerOptions?: ProviderOptions | null;
  /** Known to tools and hooks; that of a run is laid over it. @default {{}} */
  metadata?: Readonly<Record<string, unknown>>;
  /** Whether answers are streamed: `auto` streams in `run()` and not in `invoke()`. @default {"auto"} */
  streaming?: boolean | "auto";
}
