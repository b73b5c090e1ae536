/**
 * Agents: language models that reason, call tools, and say what they do while they do it.
 *
 * Give an {@linkcode Agent} any language model of the AI SDK and tools made by {@linkcode tool}, and
 * iterate over {@linkcode Agent.run}: every step is an {@linkcode AgentEvent} that narrows on its
 * `event_type`. Inside a run context the same run appears on the event bus, as `agent.*` events.
 *
 * @example Watch an agent work
 * ```ts
 * import { Agent, tool } from "@locus/core/agent";
 * import { scriptedModel } from "@locus/core/testing";
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const weather = tool({
 *   name: "weather",
 *   description: "Current weather in a city.",
 *   parameters: z.object({ city: z.string() }),
 *   execute: ({ city }) => `Sunny in ${city}, 18 °C`,
 * });
 *
 * // In place of openai("gpt-5") and the like: a model that says what is written down for it.
 * const model = scriptedModel([
 *   { toolCalls: [{ toolName: "weather", input: { city: "Oslo" } }] },
 *   "Yes, it is sunny.",
 * ]);
 * const agent = new Agent({ model, tools: [weather], streaming: false });
 * const lines: string[] = [];
 * for await (const event of agent.run("Should I cycle to work in Oslo?")) {
 *   switch (event.event_type) {
 *     case "tool_start":
 *       lines.push(`${event.tool_name}(${event.arguments.city})`);
 *       break;
 *     case "tool_complete":
 *       lines.push(event.error ?? event.result ?? "");
 *       break;
 *     case "terminate":
 *       lines.push(`${event.reason}: ${event.final_message}`);
 *       break;
 *   }
 * }
 * assertEquals(lines, ["weather(Oslo)", "Sunny in Oslo, 18 °C", "complete: Yes, it is sunny."]);
 * ```
 *
 * @module
 */

export { Agent } from "./agent.ts";
export type { AgentRun } from "./agent_run.ts";
export { bridgeAgentEvent } from "./spans/bus_bridge.ts";
export {
  AgentError,
  type AgentErrorKind,
  ContextOverflowError,
  GuardrailError,
  InterruptError,
  ModelResponseError,
  ModelTimeoutError,
  ThreadBusyError,
  ToolTimeoutError,
} from "./state/errors.ts";
export {
  type GsarInput,
  type GsarJudge,
  type GsarOptions,
  GSARValidationError,
} from "./reasoning/gsar/gsar.ts";
export type {
  AgentEvent,
  AgentEventBase,
  AgentEventType,
  CausalEdgeEvent,
  CausalNodeEvent,
  GroundingEvent,
  InterruptEvent,
  ModelChunkEvent,
  ModelCompleteEvent,
  ReflectEvent,
  TerminateEvent,
  ThinkEvent,
  ToolCompleteEvent,
  ToolStartEvent,
} from "./state/events.ts";
export { ContentFilterHook, type ContentFilterOptions } from "./hooks/builtin/content_filter.ts";
export type { HookContext } from "./hooks/context.ts";
export { EventBusHook, type EventBusHookOptions } from "./hooks/builtin/event_bus_hook.ts";
export type {
  GuardrailAction,
  GuardrailLocation,
  GuardrailsOptions,
  GuardrailViolation,
} from "./hooks/builtin/guardrail_rules.ts";
export { GuardrailsHook } from "./hooks/builtin/guardrails.ts";
export { type Hook, HookPriority } from "./hooks/hook.ts";
export {
  LoggingHook,
  type LoggingOptions,
  type LogLevel,
  type LogSink,
  StructuredLoggingHook,
  type StructuredLoggingOptions,
} from "./hooks/builtin/logging.ts";
export type {
  AfterModelCallEvent,
  AfterToolCallEvent,
  BeforeModelCallEvent,
  BeforeToolCallEvent,
  ModelErrorEvent,
} from "./hooks/model_events.ts";
export type { ModelReply, ReplyChanges } from "./model/reply.ts";
export { ModelRetryHook, type ModelRetryOptions } from "./hooks/builtin/model_retry.ts";
export {
  type ContentCategory,
  OutputFilterHook,
  type OutputFilterOptions,
} from "./hooks/builtin/output_filter.ts";
export { type PatternSet, PII_PATTERNS } from "../redaction/pii.ts";
export {
  type SteeringDecision,
  SteeringHook,
  type SteeringOptions,
} from "./hooks/builtin/steering.ts";
export type { Message, MessageRole, Source, ToolCall } from "./state/messages.ts";
export type { InputMessage, Prompt } from "./state/read_prompt.ts";
export type { LanguageModel } from "./model/language_model.ts";
export { definePlugin, type Plugin, type PluginHost, type PluginOptions } from "./plugin.ts";
export type { AgentOptions } from "./options.ts";
export type { ProviderOptions } from "./model/request.ts";
export type { SystemPrompt } from "./loop/run_settings.ts";
export { AgentResult, type ExecutionMetrics } from "./result.ts";
export type { InvokeOptions, ResumeOptions, RunOptions } from "./run_options.ts";
export type { AgentState, PendingInterrupt, ReasoningStep, ToolExecution } from "./state/state.ts";
export type { AgentToolOptions, SubAgentResult } from "./tools/agent_tool.ts";
export { CircuitBreaker, type CircuitBreakerOptions } from "./tools/circuit_breaker.ts";
export type { InterruptRequest, ToolContext } from "./tools/context.ts";
export { mcpTools, type McpToolsOptions } from "./tools/mcp/mcp_tools.ts";
export type { McpClient, McpTool, McpToolAnnotations } from "./tools/mcp/mcp_client.ts";
export { type OpenAIToolSchema, ToolRegistry } from "./tools/registry.ts";
export {
  extractReferenceKey,
  type ResultOrigin,
  ToolResultStore,
  type ToolResultStoreOptions,
} from "./tool_results/result_store.ts";
export { safeResolve } from "./tools/safe_path.ts";
export { isSafeUrl, type SafeUrlOptions, validateUrl } from "./tools/safe_url.ts";
export type {
  InferOutput,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from "../events/standard_schema.ts";
export type { JsonSchema } from "./json_schema/json_schema.ts";
export type { JsonSchemaSource } from "./tools/schema.ts";
export {
  type StructuredStream,
  structuredStream,
  type StructuredStreamOptions,
} from "./output/structured_stream.ts";
export { buildCausalChain, type CausalEventInit } from "./reasoning/causal/build_causal_chain.ts";
export {
  CausalChain,
  type CausalChainData,
  type CausalChainSummary,
} from "./reasoning/causal/causal_chain.ts";
export type {
  CausalConflict,
  CausalEdge,
  CausalEdgeOptions,
  CausalNode,
  CausalNodeOptions,
  CausalNodeType,
  CausalRelationship,
} from "./reasoning/causal/causal_data.ts";
export type { CausalOptions } from "./reasoning/causal/growing_chain.ts";
export type { GroundingOptions } from "./reasoning/grounding/grounding.ts";
export {
  type ClaimSupport,
  evaluateGrounding,
  type GroundingReport,
  type GroundingScoreOptions,
} from "./reasoning/grounding/grounding_score.ts";
export {
  type GsarClaim,
  type GsarDecision,
  type GsarEvidenceType,
  type GsarJudgment,
  type GsarScore,
  gsarScore,
  type GsarScoreOptions,
  type GsarVerdict,
} from "./reasoning/gsar/gsar_score.ts";
export {
  evaluateProgress,
  type ProgressOptions,
  type ProgressReport,
} from "./reasoning/reflexion/progress.ts";
export type { ReflexionOptions } from "./reasoning/reflexion/reflexion.ts";
export {
  all,
  any,
  type TerminationCondition,
  type TerminationContext,
} from "./termination/condition.ts";
export {
  confidenceMet,
  customCondition,
  maxIterations,
  noToolCalls,
  textMention,
  type TextMentionOptions,
  timeLimit,
  tokenLimit,
  toolCalled,
} from "./termination/conditions.ts";
export { type StopReason, toStopReason } from "../events/stop_reason.ts";
export {
  type InputSchemaToolOptions,
  type JsonSchemaToolOptions,
  type Tool,
  tool,
  type ToolOptions,
  type ToolOptionsBase,
} from "./tools/tool.ts";
export type { AiTool, ToolSet } from "./tools/ai_tool.ts";
