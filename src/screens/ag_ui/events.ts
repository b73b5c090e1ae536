/** What every event of AG-UI may carry. */
export interface AgUiBase<T extends string> {
  /** Which event it is. */
  readonly type: T;
  /** When it happened, in milliseconds since 1970. */
  timestamp?: number;
  /** The nested agent that it belongs to; absent for the run's own. */
  readonly subagentRunId?: string;
}

/** A question that a run waits for the answer to. */
export interface AgUiInterrupt {
  /** Names it in the answer. */
  readonly id: string;
  /** What kind of question it is. */
  readonly reason: string;
  /** What is asked. */
  readonly message?: string;
  /** The nested agent that asks; absent for the run's own. */
  readonly subagentRunId?: string;
  /** What else a page needs to show it. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Tokens of one model. */
export interface AgUiUsage {
  /** The model, as its provider calls it. */
  readonly model?: string;
  /** Tokens sent. */
  inputTokens: number;
  /** Tokens written. */
  outputTokens: number;
  /** Both. */
  totalTokens: number;
}

/** How a run finished. */
export type AgUiOutcome =
  | { readonly type: "success" | "cancelled" }
  | { readonly type: "interrupt"; readonly interrupts: readonly AgUiInterrupt[] };

/** An event of AG-UI 1.0, as {@linkcode toAgUi} writes it. */
export type AgUiEvent =
  | (AgUiBase<"RUN_STARTED"> & { threadId: string; runId: string; parentRunId?: string })
  | (AgUiBase<"RUN_FINISHED"> & {
    threadId: string;
    runId: string;
    outcome?: AgUiOutcome;
    result?: string;
    usage?: AgUiUsage[];
  })
  | (AgUiBase<"RUN_ERROR"> & { message: string; code?: string; usage?: AgUiUsage[] })
  | (AgUiBase<"STEP_STARTED" | "STEP_FINISHED"> & { stepName: string })
  | (AgUiBase<"TEXT_MESSAGE_START"> & { messageId: string; role: "assistant" })
  | (AgUiBase<"TEXT_MESSAGE_CONTENT" | "REASONING_MESSAGE_CONTENT"> & {
    messageId: string;
    delta: string;
  })
  | (
    & AgUiBase<
      "TEXT_MESSAGE_END" | "REASONING_START" | "REASONING_MESSAGE_END" | "REASONING_END"
    >
    & { messageId: string }
  )
  | (AgUiBase<"REASONING_MESSAGE_START"> & { messageId: string; role: "reasoning" })
  | (AgUiBase<"TOOL_CALL_START"> & { toolCallId: string; toolCallName: string })
  | (AgUiBase<"TOOL_CALL_ARGS"> & { toolCallId: string; delta: string })
  | (AgUiBase<"TOOL_CALL_END"> & { toolCallId: string })
  | (AgUiBase<"TOOL_CALL_RESULT"> & {
    messageId: string;
    toolCallId: string;
    content: string;
    role: "tool";
  })
  | (AgUiBase<"SUBAGENT_STARTED"> & {
    subagentRunId: string;
    name: string;
    parentSubagentRunId?: string;
    parentToolCallId?: string;
  })
  | (AgUiBase<"SUBAGENT_FINISHED"> & {
    subagentRunId: string;
    outcome?: { type: "suspended"; interruptIds: string[] };
  })
  | (AgUiBase<"SUBAGENT_ERROR"> & { subagentRunId: string; message: string })
  | (AgUiBase<"CUSTOM"> & { name: string; value: unknown });
