/**
 * Those that speak OpenAI's Chat Completions, each with its own words for reasoning and for tokens:
 * https://console.groq.com/docs/api-reference, https://api-docs.deepseek.com/api/create-chat-completion,
 * https://docs.mistral.ai/api
 */

import { createDeepSeek } from "@ai-sdk/deepseek";
import { createGroq } from "@ai-sdk/groq";
import { createMistral } from "@ai-sdk/mistral";
import { events, said, type Turn, type Written } from "./turns.ts";

const base = { id: "1", object: "chat.completion.chunk", created: 1, model: "m" };
const chunk = (delta: object, rest: object = {}, finish_reason: string | null = null) => ({
  ...base,
  ...rest,
  choices: [{ index: 0, delta, finish_reason }],
});

interface Dialect {
  readonly reasoning: object;
  /** The usage of a response, with what else is said in its last chunk. */
  usage(prompt: number, completion: number, cached: number, reasoning: number): object;
  /** Whether the arguments come in one piece. */
  readonly isWhole?: boolean;
}

function turnsOf({ reasoning, usage, isWhole = false }: Dialect): [Turn, Turn] {
  const call = (text: string, rest: object = {}) => ({
    tool_calls: [{ index: 0, ...rest, function: { name: said.tool, arguments: text } }],
  });
  const args = JSON.stringify(said.args);
  const begun = { id: "call_abc1", type: "function" };
  const calls = isWhole ? [chunk(call(args, begun))] : [
    chunk(call(args.slice(0, 5), begun)),
    chunk({ tool_calls: [{ index: 0, function: { arguments: args.slice(5) } }] }),
  ];
  return [
    [
      ...events(
        chunk({ role: "assistant", content: "" }),
        chunk(reasoning),
        chunk({ content: said.before }),
        ...calls,
        chunk({}, usage(40, 20, 10, 7), "tool_calls"),
      ),
      "data: [DONE]\n\n",
    ],
    [
      ...events(
        chunk({ role: "assistant", content: "" }),
        ...said.after.map((content) => chunk({ content })),
        chunk({}, usage(60, 5, 40, 0), "stop"),
      ),
      "data: [DONE]\n\n",
    ],
  ];
}

const common = {
  stopReasons: ["tool_calls", "stop"],
  tokens: [100, 25, 50, 7],
} as const;

/** As OpenAI counts. */
const details: Dialect["usage"] = (
  prompt_tokens,
  completion_tokens,
  cached_tokens,
  reasoning_tokens,
) => ({
  usage: {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens },
    completion_tokens_details: { reasoning_tokens },
  },
});

/** Groq, DeepSeek and Mistral. */
export const chatCompletions: readonly Written[] = [
  {
    name: "@ai-sdk/groq",
    model: (baseURL) => createGroq({ baseURL, apiKey: "k" })("openai/gpt-oss-20b"),
    turns: turnsOf({
      reasoning: { reasoning: said.reasoning },
      usage: (...counts) => ({ x_groq: { id: "req_1", ...details(...counts) } }),
    }),
    ...common,
  },
  {
    name: "@ai-sdk/deepseek",
    model: (baseURL) => createDeepSeek({ baseURL, apiKey: "k" })("deepseek-reasoner"),
    turns: turnsOf({
      reasoning: { content: null, reasoning_content: said.reasoning },
      usage: (prompt_tokens, completion_tokens, hit, reasoning_tokens) => ({
        usage: {
          prompt_tokens,
          completion_tokens,
          total_tokens: prompt_tokens + completion_tokens,
          prompt_cache_hit_tokens: hit,
          prompt_cache_miss_tokens: prompt_tokens - hit,
          completion_tokens_details: { reasoning_tokens },
        },
      }),
    }),
    ...common,
  },
  {
    name: "@ai-sdk/mistral",
    model: (baseURL) => createMistral({ baseURL, apiKey: "k" })("magistral-small-latest"),
    turns: turnsOf({
      reasoning: {
        content: [{ type: "thinking", thinking: [{ type: "text", text: said.reasoning }] }],
      },
      usage: details,
      isWhole: true,
    }),
    ...common,
    // Its client does not count its thinking apart.
    tokens: [100, 25, 50, 0],
  },
];
