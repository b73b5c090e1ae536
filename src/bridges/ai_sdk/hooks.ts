/** What of the AI SDK's hooks the bridge reads. Structural: `ai` itself is not imported. */

/** Every event of a call has its id. */
export interface CallEvent {
  /** The id. */
  readonly callId: string;
}

/** A call begins. */
export interface StartEvent extends CallEvent {
  readonly operationId: string;
  readonly modelId?: string;
  readonly provider?: string;
  readonly functionId?: string;
  readonly tools?: object;
  readonly maxRetries?: number;
  readonly instructions?: unknown;
  readonly messages?: readonly unknown[];
  /** The version of `ai`. */
  readonly aiVersion?: string;
}

/** A model is called, for the first time or again. */
export interface ModelEvent extends CallEvent {
  readonly modelId?: string;
  readonly provider?: string;
  readonly instructions?: unknown;
  readonly messages?: readonly unknown[];
  readonly promptMessages?: readonly unknown[];
  readonly tools?: unknown;
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly recordOutputs?: boolean;
}

/** A model has answered. */
export interface ModelEndEvent extends CallEvent {
  readonly finishReason?: string;
  readonly usage?: Usage;
  readonly content?: readonly unknown[];
  readonly objectText?: string;
  readonly responseId?: string;
}

/** Tokens of a model call. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  readonly inputTokenDetails?: {
    readonly cacheReadTokens?: number;
    readonly cacheWriteTokens?: number;
  };
  readonly outputTokenDetails?: { readonly reasoningTokens?: number };
}

/** A tool is called, or has returned. */
export interface ToolEvent extends CallEvent {
  readonly toolCall: {
    readonly toolCallId: string;
    readonly toolName: string;
    readonly input?: unknown;
  };
  readonly toolOutput?: {
    readonly type: string;
    readonly output?: unknown;
    readonly error?: unknown;
  };
}

/** A step, or the whole call, is over. */
export interface EndEvent {
  readonly callId?: string;
  readonly finishReason?: string;
  readonly text?: string;
  readonly content?: readonly unknown[];
}

/** A part of a message, of an answer or of a model's stream, as far as it is read. */
export interface Part {
  readonly type?: string;
  readonly text?: string;
  readonly delta?: string;
  readonly error?: unknown;
  readonly approvalId?: string;
  readonly isAutomatic?: boolean;
  readonly toolCall?: { readonly toolName?: string };
  readonly toolCallId?: string;
  readonly toolName?: string;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly data?: unknown;
  readonly image?: unknown;
  readonly mediaType?: string;
}

/** The parts of a type. */
export function partsOf(content: unknown, type: string): readonly Part[] {
  return partsIn(content).filter((part) => part.type === type);
}

/** The parts of a message or an answer; a text is one part. */
export function partsIn(content: unknown): readonly Part[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter((part: unknown) => typeof part === "object" && part !== null);
}
