/** What of the AI SDK's settings, models and tools the bridge reads. Structural: `ai` itself is not imported. */

/** The settings of a call, as far as they are read or wrapped. */
export interface Settings {
  readonly model?: unknown;
  readonly prompt?: unknown;
  readonly messages?: readonly unknown[];
  readonly tools?: Readonly<Record<string, Tool>>;
  readonly maxRetries?: number;
  readonly experimental_telemetry?: { readonly functionId?: string };
  readonly prepareStep?: (step: unknown) => unknown;
  readonly onStepFinish?: (step: object) => unknown;
  readonly onFinish?: (event: object) => unknown;
  readonly onError?: (event: { readonly error: unknown }) => unknown;
  readonly onAbort?: (event: object) => unknown;
}

/** A tool; what it is besides is the host's. */
export interface Tool {
  readonly execute?: (input: unknown, options: { readonly toolCallId: string }) => unknown;
}

/** A model of a provider. */
export interface Model {
  readonly modelId: string;
  readonly provider: string;
  doStream(params: ModelParams): PromiseLike<{ readonly stream: ReadableStream<unknown> }>;
  doGenerate(params: ModelParams): PromiseLike<object>;
}

/** What a model is asked. */
export interface ModelParams {
  readonly prompt?: readonly unknown[];
  readonly tools?: unknown;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
}

/** Whether it is a model: a text names one that the host looks up, and which cannot be watched. */
export function isModel(model: unknown): model is Model {
  return typeof (model as Partial<Model> | null | undefined)?.doStream === "function";
}

/** What a call asks, as messages. */
export function messagesOf({ messages, prompt }: Settings): readonly unknown[] {
  if (messages !== undefined) return messages;
  return Array.isArray(prompt) ? prompt : [{ role: "user", content: prompt }];
}
