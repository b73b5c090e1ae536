/** How a tool call ended. */

import type { ToolCall } from "./messages.ts";
import type { ToolExecution } from "./state.ts";
import { truncate } from "./tools/result_text.ts";

/** How a tool call ended; exactly one of `result` and `error` is null. */
export interface ToolOutcome {
  readonly result: string | null;
  readonly error: string | null;
  readonly duration_ms: number;
  /** Taken from an equal, earlier call. */
  readonly cached: boolean;
  /** Stopped before it was done, or never started. */
  readonly cancelled: boolean;
  /** It is a terminal tool's success: the run is done. */
  readonly terminal: boolean;
}

/** The tool returned. */
export function succeeded(result: string, durationMs: number, terminal = false): ToolOutcome {
  return outcome({ result, duration_ms: durationMs, terminal });
}

/** The tool failed, or could not be called. */
export function failed(error: string, durationMs = 0): ToolOutcome {
  return outcome({ error, duration_ms: durationMs });
}

/** The run was cancelled meanwhile. */
export function cancelled(durationMs = 0): ToolOutcome {
  return outcome({ error: "cancelled", duration_ms: durationMs, cancelled: true });
}

/** Another tool of the same turn asks a person. */
export function stoppedBySibling(): ToolOutcome {
  return outcome({ result: "Cancelled: sibling tool requested interrupt", cancelled: true });
}

/** A hook did not let the call happen: the model is told why. */
export function cancelledByHook(reason: string): ToolOutcome {
  return outcome({ result: reason, cancelled: true });
}

/** The tool is not called: it has failed too often. */
export function refused(toolName: string): ToolOutcome {
  return outcome({ error: `Circuit breaker open for tool: ${toolName}`, cancelled: true });
}

/** The outcome as hooks have left it. */
export function replaced(
  original: ToolOutcome,
  { result, error }: Pick<ToolOutcome, "result" | "error">,
): ToolOutcome {
  if (result === original.result && error === original.error) return original;
  return outcome({ ...original, result, error });
}

/** The outcome with another text for its result. */
export function withResult(original: ToolOutcome, result: string): ToolOutcome {
  return result === original.result ? original : outcome({ ...original, result });
}

/** The outcome of an equal call, for this one. */
export function copied(original: ToolOutcome): ToolOutcome {
  return original.cancelled ? original : outcome({ ...original, duration_ms: 0, cached: true });
}

/** The outcome with its texts cut to `maxLength`; 0 means no limit. */
export function limited(original: ToolOutcome, maxLength: number): ToolOutcome {
  const { result, error } = original;
  if (maxLength === 0 || (result ?? error ?? "").length <= maxLength) return original;
  return outcome({
    ...original,
    result: result === null ? null : truncate(result, maxLength),
    error: error === null ? null : truncate(error, maxLength),
  });
}

/** What the model is told. */
export function contentFor({ result, error }: Pick<ToolOutcome, "result" | "error">): string {
  return error === null ? result ?? "" : `Error: ${error}`;
}

/** The outcome as the run's state keeps it. */
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

function outcome(fields: Partial<ToolOutcome>): ToolOutcome {
  return Object.freeze<ToolOutcome>({
    result: null,
    error: null,
    duration_ms: 0,
    cached: false,
    cancelled: false,
    terminal: false,
    ...fields,
  });
}
