/** How a run of an agent ends: from the words of a `terminate` event to a reason that code can switch on. */

/** Why a run ended. */
export type StopReason =
  | "complete"
  | "terminal_tool"
  | "confidence_met"
  | "max_iterations"
  | "tool_loop"
  | "no_tools"
  | "grounding_failed"
  | "token_budget"
  | "time_budget"
  | "interrupted"
  | "error"
  | "cancelled";

/** Whether a run that ended like this did what it was asked. @param error What is wrong with its answer. */
export function isSuccess(reason: StopReason, error: string | null = null): boolean {
  if (error !== null) return false;
  return reason === "complete" || reason === "terminal_tool" || reason === "confidence_met";
}

/**
 * The kind of end that a reason stands for: what `AgentResult.stop_reason` says where
 * `TerminateEvent.reason` may say anything.
 *
 * - One of the reasons themselves stands for itself.
 * - `tool_called:…` is a `terminal_tool`, `text_mention:…` is `complete`.
 * - Otherwise the first of the reasons, as {@linkcode StopReason} lists them, that the text contains;
 *   `complete` if it contains none.
 *
 * @example A reason of a combined condition
 * ```ts
 * import { toStopReason } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toStopReason("confidence_met AND max_iterations"), "confidence_met");
 * assertEquals(toStopReason("tool_called:book"), "terminal_tool");
 * assertEquals(toStopReason("out_of_stock"), "complete");
 * ```
 */
export function toStopReason(reason: string): StopReason {
  const exact = STOP_REASONS.find((literal) => literal === reason);
  if (exact !== undefined) return exact;
  if (reason.includes("tool_called:")) return "terminal_tool";
  if (reason.includes("text_mention:")) return "complete";
  return STOP_REASONS.find((literal) => reason.includes(literal)) ?? "complete";
}

// Complete by construction, and in the order in which a text is searched for them.
const STOP_REASONS = Object.keys(
  {
    complete: 0,
    terminal_tool: 0,
    confidence_met: 0,
    max_iterations: 0,
    tool_loop: 0,
    no_tools: 0,
    grounding_failed: 0,
    token_budget: 0,
    time_budget: 0,
    interrupted: 0,
    error: 0,
    cancelled: 0,
  } satisfies Record<StopReason, 0>,
) as readonly StopReason[];
