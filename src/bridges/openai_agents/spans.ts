/** What of the OpenAI Agents SDK the bridge reads. Structural: nothing of it is imported. */

/** A span of the SDK's tracing. */
export interface AgentsSpan {
  /** The id of its trace. */
  readonly traceId: string;
  /** Its own. */
  readonly spanId: string;
  /** The id of the span around it. */
  readonly parentId: string | null;
  /** What it is about; filled in until it ends. */
  readonly spanData: { readonly type: string };
  /** What it failed with. */
  readonly error: { readonly message: string; readonly data?: object } | null;
  /** When it ended. */
  readonly endedAt: string | null;
}

/** What a provider of models answers. */
export interface AgentsModel {
  /** Asks the model. */
  getResponse(request: never): Promise<unknown>;
  /** Asks the model, whose answer streams. */
  getStreamedResponse(request: never): AsyncIterable<unknown>;
}

/** What a `Runner` gets its models from. */
export interface AgentsModelProvider {
  /** The model of a name. */
  getModel(modelName?: string): Promise<AgentsModel> | AgentsModel;
}

/** The error of a span. Its class is told by a text only. */
export function errorOf({ error }: AgentsSpan): Error | undefined {
  if (error === null) return undefined;
  const { error: inner } = (error.data ?? {}) as { error?: unknown };
  const text = typeof inner === "string" ? inner : error.message;
  if (/Request was aborted\.?$/.test(text)) return new DOMException(text, "AbortError");
  const [, name, message] = /^(\w*(?:Error|Exceeded|Triggered)\w*): (.*)$/s.exec(text) ?? [];
  if (name === undefined) return new Error(text);
  return Object.assign(new Error(message), { name });
}
