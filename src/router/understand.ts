/** The first half of a dispatch: what the request asks for, and what a person says if that is not clear. */

import { summarize } from "../core/error_text.ts";
import type { EventPayload } from "../events/stream_event.ts";
import type { NodeContext } from "../graph/mod.ts";
import { FrameExtractionError, type GoalFrame, readFrame } from "./frame.ts";
import type { RouterParts } from "./parts.ts";
import { isStopped, type RouterNode, type RouterState } from "./state.ts";

/** Says something in the router's span, unless it is over. */
export function say<T extends `router.${string}`>(
  { span, signal }: NodeContext,
  type: T,
  data: EventPayload<T>,
): void {
  if (signal.aborted) return;
  span?.run.emit<string>(type, { ...data, span_id: span.run.spanId });
}

/** Extracts the frame. */
export function extracting({ extractor, capabilities, minConfidence, onFrame }: RouterParts) {
  const node: RouterNode = async (state, ctx) => {
    let frame: GoalFrame;
    try {
      frame = readFrame(await extractor.run(state.text, ctx));
      if (isUnsure(minConfidence, { ...state, frame }) && state.asked >= MAX_QUESTIONS) {
        throw new FrameExtractionError(`still not sure after ${MAX_QUESTIONS} questions`);
      }
    } catch (cause) {
      if (isStopped(ctx)) throw cause;
      const error = cause instanceof FrameExtractionError
        ? cause
        : new FrameExtractionError(summarize(cause), { cause });
      say(ctx, "router.frame.failed", { error: summarize(error) });
      throw error;
    }
    ctx.signal.throwIfAborted();
    const unknown_capabilities = frame.required_capabilities.filter((id) => !capabilities.has(id));
    say(ctx, "router.frame.extracted", { ...frame, unknown_capabilities });
    await onFrame?.(frame);
    return { frame };
  };
  return node;
}

/** Whether a person should say whether the frame is right. */
export function isUnsure(
  minConfidence: number,
  { frame, isSure, explains }: Pick<RouterState, "frame" | "isSure" | "explains">,
): boolean {
  return !isSure && !explains && (frame?.confidence ?? 1) < minConfidence;
}

/** Asks whether the frame is right, or else what is meant. */
export const clarify: RouterNode = (state, ctx) => {
  const { primary_goal, domain } = state.frame!;
  const question =
    `Understood as "${primary_goal}", about "${domain}". Is that right? If not, say what you mean.`;
  const answer = ctx.interrupt({ question, options: [YES] });
  const asked = state.asked + 1;
  if (answer === YES || answer === true) return Promise.resolve({ asked, isSure: true });
  const words = typeof answer === "string" ? answer : JSON.stringify(answer);
  return Promise.resolve({ asked, text: `${state.text}\n\nWhat is meant: ${words}` });
};

const YES = "yes";
const MAX_QUESTIONS = 3;
