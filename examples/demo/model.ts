/**
 * Which model answers: a real one if there is a key for it, else the demo's own planner. A provider's
 * client is loaded only when it is used.
 *
 * @module
 */
import type { LanguageModel } from "@locus/core/agent";
import { createPlannerModel } from "./planner_model.ts";
import { load } from "../support/load.ts";

/** A model, and what to say of it. */
export interface ChosenModel {
  readonly model: LanguageModel;
  readonly description: string;
  /** Whether it is the planner, which the demo slows down so that a person can follow. */
  readonly isPlanner: boolean;
}

/** Chooses by environment; `LOCUS_DEMO_MODEL` names another model of the same provider. */
export async function chooseModel(
  env: Readonly<Record<string, string | undefined>>,
): Promise<ChosenModel> {
  const name = env.LOCUS_DEMO_MODEL;
  if (env.OPENAI_API_KEY) {
    const { createOpenAI } = await load<typeof import("@ai-sdk/openai")>(
      "@ai-sdk/openai",
    );
    const id = name ?? "gpt-5-mini";
    return real(createOpenAI({ apiKey: env.OPENAI_API_KEY })(id), `${id} of OpenAI`);
  }
  if (env.ANTHROPIC_API_KEY) {
    const { createAnthropic } = await load<typeof import("@ai-sdk/anthropic")>(
      "@ai-sdk/anthropic",
    );
    const id = name ?? "claude-haiku-4-5";
    return real(createAnthropic({ apiKey: env.ANTHROPIC_API_KEY })(id), `${id} of Anthropic`);
  }
  if (env.OLLAMA_HOST) {
    const { createOpenAICompatible } = await load<typeof import("@ai-sdk/openai-compatible")>(
      "@ai-sdk/openai-compatible",
    );
    const id = name ?? "qwen3";
    const baseURL = ollamaUrl(env.OLLAMA_HOST);
    const ollama = createOpenAICompatible({ name: "ollama", baseURL, includeUsage: true });
    return real(ollama(id), `${id} of Ollama`);
  }
  return {
    model: createPlannerModel({ thinkMs: 400, wordMs: 35 }),
    description: "the demo's built-in planner, a small program; no language model, no key",
    isPlanner: true,
  };
}

/** Ollama's own variable may lack the scheme and the port, or name the address it listens on. */
export function ollamaUrl(host: string): string {
  const url = new URL(/^https?:\/\//.test(host) ? host : `http://${host}`);
  if (url.port === "" && url.protocol === "http:" && !/:80\b/.test(host)) url.port = "11434";
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  return `${url.origin}/v1`;
}

function real(model: LanguageModel, description: string): ChosenModel {
  return { model, description, isPlanner: false };
}
