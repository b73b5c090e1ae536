/** Agents inside of a node that go on where they were when the node starts again. */

import { Agent } from "../agent/agent.ts";
import type { LanguageModel } from "../agent/model/language_model.ts";
import type { AgentOptions } from "../agent/options.ts";
import type { AgentResult } from "../agent/result.ts";
import { toolsIn } from "../agent/tools/ai_tool.ts";
import { isTool, type Tool } from "../agent/tools/tool.ts";
import { toBase64 } from "../agent/state/files.ts";
import type { AnyRun } from "../core/run/run.ts";
import { builtinOf } from "../runtime/realm.ts";
import type { NodeContext } from "../graph/types/node.ts";

/** Where an agent is called. */
export interface DurablePlace {
  readonly ctx: NodeContext;
  /** Told apart from the other agents of the node. */
  readonly name: string;
  /** The run, inside of the span that the agent's is part of. */
  readonly run: AnyRun | undefined;
  /** How many tool calls are made at most; what is called after that says so. @default {no limit} */
  readonly maxCalls?: number;
  /** Called for each tool call that has ended, with the span that it was in. */
  readonly called?: (toolCallId: string, span: string | null) => void;
}

/**
 * Asks an agent. What its model answers and its tools return is kept in the graph's thread: a node that starts again repeats
 * no call that had ended.
 *
 * @throws {Error} If it does not come to a whole answer.
 */
export async function askDurably(
  { ctx, name, run, maxCalls = Infinity, called }: DurablePlace,
  { tools = [], model, ...options }: AgentOptions,
  prompt: string,
): Promise<AgentResult> {
  let calls = 0;
  let toolCalls = 0;
  const keys = new Map<string, number>();
  const agent = new Agent({
    ...options,
    model: durableModel(model, (call) => ctx.once(`${name} model ${calls++}`, call)),
    tools: toolsIn("research", tools).map((tool) => {
      if (!isTool(tool)) return tool as Tool;
      const execute: Tool["execute"] = async (args, context) => {
        if (toolCalls++ >= maxCalls) {
          return "There are enough sources: answer with what you have.";
        }
        // Some providers give calls of one turn the same id.
        const key = `${name} tool ${context.iteration} ${context.toolCallId}`;
        const nth = (keys.get(key) ?? 0) + 1;
        keys.set(key, nth);
        const ended = await ctx.once(nth === 1 ? key : `${key} ${nth}`, async () => ({
          // What the model is told of it is its text, or its JSON.
          value: asJson(await tool.execute(args, context)),
          span: context.run?.spanId ?? null,
        }));
        called?.(context.toolCallId, ended.span);
        return ended.value;
      };
      return { ...tool, execute };
    }),
  });
  const at: { signal: AbortSignal; run?: AnyRun } = { signal: ctx.signal };
  if (run !== undefined) at.run = run;
  const result = await agent.invoke(prompt, at);
  if (result.state.pending_interrupt !== null) {
    throw new Error(`A tool asked "${result.message}": tools of a research cannot ask a person`);
  }
  return result;
}

/** A model whose answers are kept. What is not part of the answer, such as the HTTP response, is not. */
function durableModel(
  model: LanguageModel,
  once: <T>(call: () => Promise<T>) => Promise<T>,
): LanguageModel {
  const { specificationVersion, provider, modelId, supportedUrls } = model;
  const doGenerate = (request: never) =>
    once(async (): Promise<unknown> => {
      const {
        content,
        finishReason,
        usage,
        warnings,
        providerMetadata,
        response,
      } = await model.doGenerate(request);
      const { id, modelId } = response ?? {};
      const kept = { content, finishReason, usage, warnings, providerMetadata };
      return asJson({ ...kept, response: { id, modelId } });
    });
  const kept = { specificationVersion, provider, modelId, supportedUrls, doGenerate };
  return kept as object as LanguageModel;
}

/** A value as it is stored: bytes as base64, which models and tools may give as well. */
function asJson(value: unknown): unknown {
  const bytes = (_: string, item: unknown) =>
    builtinOf(item) === "Uint8Array" ? toBase64(item as Uint8Array) : item;
  return JSON.parse(JSON.stringify(value ?? null, bytes));
}
