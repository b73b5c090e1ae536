/** How a tool call ended. */

import { type FileContent, labelOf, NO_FILES } from "../state/files.ts";
import type { ToolCall } from "../state/messages.ts";
import type { ToolExecution } from "../state/state.ts";
import { truncate } from "../state/texts.ts";

/** How a tool call ended; exactly one of `result` and `error` is null. */
export interface ToolOutcome {
  readonly result: string | null;
  readonly error: string | null;
  readonly duration_ms: number;
  /** Taken from an equal, earlier call. */
  readonly cached: boolean;
  /** Stopped before it was done, or never started. */
  readonly cancelled: boolean;
  /** Its body has begun: even if it was cancelled, it may have had effects. */
  readonly begun: boolean;
  /** It is a terminal tool's success: the run is done. */
  readonly terminal: boolean;
  /** The files whose labels are in the result. */
  readonly files: readonly FileContent[];
}

export function succeeded(
  result: string,
  durationMs: number,
  terminal = false,
  files: readonly FileContent[] = NO_FILES,
): ToolOutcome {
  return outcome({ result, duration_ms: durationMs, terminal, files });
}

export function failed(error: string, durationMs = 0): ToolOutcome {
  return outcome({ error, duration_ms: durationMs });
}

/** The run was cancelled before the tool was called. */
export function notExecuted(): ToolOutcome {
  return outcome({ error: "cancelled", cancelled: true, begun: false });
}

export function cancelled(durationMs = 0): ToolOutcome {
  return outcome({ error: "cancelled", duration_ms: durationMs, cancelled: true });
}

/** Another tool of the same turn asks a person. @param goesOn Whether it was told to stop, and did not. */
export function stoppedByQuestion(goesOn = false): ToolOutcome {
  const result = `Cancelled: sibling tool requested interrupt${goesOn ? GOES_ON : ""}`;
  return outcome({ result, cancelled: true });
}

/** A hook canceled the call: the model gets the reason. */
export function cancelledByHook(reason: string): ToolOutcome {
  return outcome({ result: reason, cancelled: true });
}

/** The tool is not called: it has failed too often. */
export function refused(toolName: string): ToolOutcome {
  return outcome({ error: `Circuit breaker open for tool: ${toolName}`, cancelled: true });
}

export function replaced(
  original: ToolOutcome,
  { result, error }: Pick<ToolOutcome, "result" | "error">,
): ToolOutcome {
  if (result === original.result && error === original.error) return original;
  return outcome({ ...original, result, error });
}

/** The outcome with a shorter text for its result; its files stay: they do not count. */
export function withResult(original: ToolOutcome, result: string): ToolOutcome {
  if (result === original.result) return original;
  const lost = original.files.map(labelOf).filter((label) => !result.includes(label));
  return outcome({ ...original, result: [result, ...lost].join("\n") });
}

export function copied(original: ToolOutcome): ToolOutcome {
  return original.cancelled ? original : outcome({ ...original, duration_ms: 0, cached: true });
}

/** The outcome with its texts cut to `maxLength`; 0 means no limit. */
export function limited(original: ToolOutcome, maxLength: number): ToolOutcome {
  const { result, error } = original;
  if (maxLength === 0 || (result ?? error ?? "").length <= maxLength) return original;
  if (result !== null) return withResult(original, truncate(result, maxLength));
  return outcome({ ...original, error: truncate(error!, maxLength) });
}

export function contentFor(
  { result, error, cancelled = false, begun = true }:
    & Pick<ToolOutcome, "result" | "error">
    & Partial<ToolOutcome>,
): string {
  // Whether to make the call again is for the model to say, so it has to know what happened.
  if (cancelled && error === "cancelled") return begun ? STOPPED : NOT_EXECUTED;
  return error === null ? result ?? "" : `Error: ${error}`;
}

export function toExecution(
  { name, id }: ToolCall,
  args: Readonly<Record<string, unknown>>,
  { result, error, duration_ms, cached, cancelled }: ToolOutcome,
  timestamp: string,
): ToolExecution {
  return Object.freeze({
    tool_name: name,
    tool_call_id: id,
    arguments: args,
    result,
    error,
    duration_ms,
    timestamp,
    idempotent_cache_hit: cached,
    cancelled,
  });
}

/** Told of a call that was asked for, and never made. */
export const NOT_EXECUTED = "Not executed: the run was stopped before this call";
const GOES_ON = ". It was told to stop, did not at once, and may have done its work all the same";
const STOPPED =
  "Stopped with the run while it was at work: it is not known how much of it was done";

function outcome(fields: Partial<ToolOutcome>): ToolOutcome {
  return Object.freeze<ToolOutcome>({
    result: null,
    error: null,
    duration_ms: 0,
    cached: false,
    cancelled: false,
    begun: true,
    terminal: false,
    files: NO_FILES,
    ...fields,
  });
}
