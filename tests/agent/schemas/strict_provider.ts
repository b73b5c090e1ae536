/** Providers on the loopback interface that refuse what the real ones refuse. */

import { createServer } from "node:http";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModel } from "@locus/core/agent";
import {
  anthropicFormatProblems,
  anthropicProblems,
  googleProblems,
  openAiProblems,
  type Sent,
} from "./rules.ts";

/** What a request asks for. */
interface Asked {
  readonly tool?: Sent;
  readonly format?: Sent;
  readonly problems: readonly string[];
  readonly hasResult: boolean;
}

/** One provider: how its requests are read, and its answers written. */
export interface Provider {
  readonly name: string;
  model(baseURL: string): LanguageModel;
  read(body: Sent): Asked;
  call(args: unknown): object;
  say(text: string): object;
}

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };

const chat: Provider = {
  name: "@ai-sdk/openai, chat",
  model: (baseURL) => createOpenAI({ baseURL, apiKey: "k" }).chat("gpt-5"),
  read(body) {
    const [tool] = (body["tools"] ?? []) as { function: { parameters: Sent; strict?: boolean } }[];
    const { json_schema: format } = Object(body["response_format"]) as {
      json_schema?: { schema: Sent; strict?: boolean };
    };
    return {
      tool: tool?.function.parameters,
      format: format?.schema,
      problems: [
        ...tool ? openAiProblems(tool.function.parameters, tool.function.strict === true) : [],
        ...format ? openAiProblems(format.schema, format.strict === true) : [],
      ],
      hasResult: (body["messages"] as { role: string }[]).some(({ role }) => role === "tool"),
    };
  },
  call: (args) => ({
    ...answer,
    choices: [{
      index: 0,
      finish_reason: "tool_calls",
      message: {
        role: "assistant",
        content: null,
        tool_calls: [{
          id: "c1",
          type: "function",
          function: { name: "work", arguments: JSON.stringify(args) },
        }],
      },
    }],
    usage,
  }),
  say: (content) => ({
    ...answer,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
    usage,
  }),
};

const answer = { id: "1", object: "chat.completion", created: 1, model: "m" };

const responses: Provider = {
  name: "@ai-sdk/openai, responses",
  model: (baseURL) => createOpenAI({ baseURL, apiKey: "k" }).responses("gpt-5"),
  read(body) {
    const [tool] = (body["tools"] ?? []) as { parameters: Sent; strict?: boolean }[];
    const { format } = Object(body["text"]) as { format?: { schema?: Sent; strict?: boolean } };
    return {
      tool: tool?.parameters,
      format: format?.schema,
      problems: [
        ...tool ? openAiProblems(tool.parameters, tool.strict === true) : [],
        ...format?.schema ? openAiProblems(format.schema, format.strict === true) : [],
      ],
      hasResult: (body["input"] as { type?: string }[]).some(({ type }) =>
        type === "function_call_output"
      ),
    };
  },
  call: (args) => ({
    ...response,
    output: [{
      type: "function_call",
      id: "fc_1",
      call_id: "c1",
      name: "work",
      arguments: JSON.stringify(args),
      status: "completed",
    }],
  }),
  say: (text) => ({
    ...response,
    output: [{
      type: "message",
      id: "m_1",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text, annotations: [] }],
    }],
  }),
};

const response = {
  id: "r",
  created_at: 1,
  model: "m",
  usage: { input_tokens: 1, output_tokens: 1 },
};

const anthropic: Provider = {
  name: "@ai-sdk/anthropic",
  model: (baseURL) => createAnthropic({ baseURL, apiKey: "k" })("claude-sonnet-4-5"),
  read(body) {
    const [tool] = (body["tools"] ?? []) as { input_schema: Sent }[];
    const { format } = Object(body["output_config"]) as { format?: { schema: Sent } };
    return {
      tool: tool?.input_schema,
      format: format?.schema,
      problems: [
        ...tool ? anthropicProblems(tool.input_schema) : [],
        ...format ? anthropicFormatProblems(format.schema) : [],
      ],
      hasResult: JSON.stringify(body["messages"]).includes("tool_result"),
    };
  },
  call: (input) => ({
    ...message,
    stop_reason: "tool_use",
    content: [{ type: "tool_use", id: "c1", name: "work", input }],
  }),
  say: (text) => ({ ...message, stop_reason: "end_turn", content: [{ type: "text", text }] }),
};

const message = {
  id: "m",
  type: "message",
  role: "assistant",
  model: "m",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};

const google: Provider = {
  name: "@ai-sdk/google",
  model: (baseURL) => createGoogle({ baseURL, apiKey: "k" })("gemini-2.5-flash"),
  read(body) {
    const [tools] = (body["tools"] ?? []) as {
      functionDeclarations: { parametersJsonSchema?: Sent; parameters?: Sent }[];
    }[];
    const declared = tools?.functionDeclarations[0];
    const tool = declared && (declared.parametersJsonSchema ?? declared.parameters);
    const config = Object(body["generationConfig"]) as {
      responseJsonSchema?: Sent;
      responseSchema?: Sent;
    };
    const format = config.responseJsonSchema ?? config.responseSchema;
    return {
      tool,
      format,
      problems: [...tool ? googleProblems(tool) : [], ...format ? googleProblems(format) : []],
      hasResult: JSON.stringify(body["contents"]).includes("functionResponse"),
    };
  },
  call: (args) => candidate({ functionCall: { name: "work", args } }),
  say: (text) => candidate({ text }),
};

function candidate(part: object): object {
  return {
    candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  };
}

/** The providers. */
export const providers: readonly Provider[] = [chat, responses, anthropic, google];

/** What a model writes for a schema; undefined if it was sent none. */
type Write = (schema: Sent | undefined) => unknown;

/** A provider that listens. */
export interface Visit {
  readonly model: LanguageModel;
  /** Begins anew: what was asked is forgotten, and the model writes this. */
  expect(write: Write): void;
  asked(): readonly Asked[];
  close(): Promise<void>;
}

/** Serves a provider, which refuses what breaks its rules. */
export async function serveProvider(provider: Provider): Promise<Visit> {
  let asked: Asked[] = [];
  let write: Write = () => undefined;
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const seen = provider.read(JSON.parse(text));
    asked.push(seen);
    const body = answerTo(provider, seen, write);
    response.writeHead("error" in body ? 400 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const { port } = server.address() as { port: number };
  return {
    model: provider.model(`http://127.0.0.1:${port}/v1`),
    expect(next) {
      asked = [];
      write = next;
    },
    asked: () => asked,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function answerTo(provider: Provider, { problems, tool, format, hasResult }: Asked, write: Write) {
  if (problems.length > 0) return refusal(`Invalid schema: ${problems}`);
  try {
    if (tool !== undefined && !hasResult) return provider.call(write(tool));
    return provider.say(JSON.stringify(write(format) ?? "done"));
  } catch (error) {
    return refusal(`The model cannot say it: ${(error as Error).message}`);
  }
}

function refusal(message: string): object {
  const error = { type: "invalid_request_error", code: 400, status: "INVALID_ARGUMENT", message };
  return { type: "error", error };
}
