import type { Message } from "../../events/message.ts";
import { checkCount, checkOptions } from "../../core/options.ts";
import type { ConversationContext, ConversationManager } from "./manager.ts";
import { countMessages, isSaid, lastUnits, messagesOf, toUnits } from "./units.ts";

/** Options of {@linkcode slidingWindow}. */
export interface SlidingWindowOptions {
  /** How many messages are sent at most; instructions are not counted. @default {20} */
  windowSize?: number;
}

/**
 * Sends the last messages only; what is older is forgotten, what the user said included. It needs no model. Choose it where
 * old messages don't matter; `compaction()` forgets nothing that the user said.
 *
 * - **Instructions** stay. So does the question that is being answered, and a call stays with its results: if a turn has more
 *   calls than fit, their results alone may be more than `windowSize`.
 * - **Too long for the model** all the same: half of the messages go, and the call is made again.
 * - **Event:** `memory.conversation.pruned`, each time that messages go.
 *
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If `windowSize` is not a whole number of at least 1.
 *
 * @example The last two messages
 * ```ts
 * import { type Message, slidingWindow } from "@locus/core/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const messages = ["one", "two", "three"].map((content): Message => (
 *   { role: "user", content, tool_calls: [], tool_call_id: null, name: null, metadata: {} }
 * ));
 * const kept = await slidingWindow({ windowSize: 2 }).apply(messages);
 * assertEquals(kept.map(({ content }) => content), ["two", "three"]);
 * ```
 */
export function slidingWindow(options: SlidingWindowOptions = {}): ConversationManager {
  checkOptions(OWNER, options, ["windowSize"]);
  const windowSize = checkCount(OWNER, "windowSize", options.windowSize ?? 20, 1);
  return { apply: (messages, context = {}) => slide(messages, windowSize, context) };
}

const OWNER = "slidingWindow()";

function slide(
  messages: readonly Message[],
  windowSize: number,
  { because = "threshold", spanId = null, emit }: ConversationContext,
): readonly Message[] {
  const units = toUnits(messages);
  const said = units.filter(isSaid);
  const count = countMessages(said);
  // A window that is too large for the model is half as large, this time.
  const size = because === "overflow" ? Math.min(windowSize, Math.ceil(count / 2)) : windowSize;
  if (count <= size) return messages;
  const kept = new Set(lastUnits(said, size));
  const left = messagesOf(units.filter((unit) => !isSaid(unit) || kept.has(unit)));
  const removed = messages.length - left.length;
  if (removed === 0) return messages;
  emit?.("memory.conversation.pruned", {
    strategy: "sliding_window",
    window_size: size,
    removed_count: removed,
    span_id: spanId,
  });
  return left;
}
