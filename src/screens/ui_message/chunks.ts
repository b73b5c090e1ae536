/** What a nested agent does; the part with the same id is replaced. */
export interface AgentData {
  /** Its name. */
  readonly name: string;
  /** How it stands. */
  readonly state: "running" | "done" | "failed";
  /** `<ErrorName>: <first line>`; absent if it did not fail. */
  readonly error?: string;
}

/** A question to a person; the part with the same id is replaced when it is answered. */
export interface InterruptData {
  /** What is asked. */
  readonly question: string;
  /** The answers to choose from, or null if any answer will do. */
  readonly options: readonly unknown[] | null;
  /** Whether it was answered. */
  readonly state: "waiting" | "answered";
}

/** A chunk of the AI SDK's UI message stream, as {@linkcode toUiMessageStream} writes it. */
export type UiMessageStreamChunk =
  | { type: "start"; messageId: string }
  | { type: "start-step" | "finish-step" | "reset-step" }
  | { type: "text-start" | "text-end" | "reasoning-start" | "reasoning-end"; id: string }
  | { type: "text-delta" | "reasoning-delta"; id: string; delta: string }
  | {
    type: "tool-input-available";
    toolCallId: string;
    toolName: string;
    input: unknown;
    dynamic: true;
  }
  | { type: "tool-output-available"; toolCallId: string; output: unknown; dynamic: true }
  | { type: "tool-output-error"; toolCallId: string; errorText: string; dynamic: true }
  | { type: "data-agent"; id: string; data: AgentData }
  | { type: "data-interrupt"; id: string; data: InterruptData }
  | { type: "data-gap"; id: string; data: { readonly count: number } }
  | { type: "finish"; finishReason: "stop" | "other" }
  | { type: "abort" }
  | { type: "error"; errorText: string };
