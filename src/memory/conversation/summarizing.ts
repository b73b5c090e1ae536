import type { Message } from "../../events/message.ts";
import { checkCount, checkOptions } from "../../core/options.ts";
import { compacting } from "./compactor_events.ts";
import type { ConversationContext, ConversationManager } from "./manager.ts";
import { putSummary, readSummarize, type Summarize, summarizeUnits } from "./summary.ts";
import { countMessages, isSaid, lastUnits, toUnits, type Unit } from "./units.ts";

/** Options of {@linkcode summarizing}. */
export interface SummarizingOptions {
  /** With more messages than this, the older ones are summarised; instructions are not counted. @default {30} */
  threshold?: number;
  /** How many of the last messages stay as they are; less than `threshold`. @default {10} */
  keepRecent?: number;
  /**
   * Writes the summary; false for excerpts of the last messages, without a model.
   *
   * @default {the agent's auxiliary model}
   */
  summarize?: Summarize | false;
}

/**
 * Puts a summary in the place of all but the last messages, once there are too many. What the user said is repeated in it,
 * word for word; files are not.
 *
 * - **Instructions** stay, and so does the question that is being answered. A call stays with its results.
 * - **The next summary** is made from the last one and what came since.
 * - **If the summary fails**, it is made of excerpts of the last eight texts, and the event says so: `fallback`.
 * - **Too long for the model** all the same: the older messages are summarised at once, and the call is made again.
 * - **Events:** `memory.compactor.triggered` and `memory.compactor.completed`.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is not a whole number of at least 1, or `keepRecent` not less than `threshold`.
 *
 * @example A summary of one's own
 * ```ts
 * import { type Message, summarizing } from "@locus/core/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const messages = ["one", "two", "three"].map((content): Message => (
 *   { role: "user", content, tool_calls: [], tool_call_id: null, name: null, metadata: {} }
 * ));
 * const manager = summarizing({ threshold: 2, keepRecent: 1, summarize: () => "They count." });
 * const [summary, last] = await manager.apply(messages);
 * assertEquals(summary?.content?.split("\n").slice(0, 2), [
 *   "[Summary of previous conversation (2 messages)]:",
 *   "They count.",
 * ]);
 * assertEquals(last?.content, "three");
 * ```
 */
export function summarizing(options: SummarizingOptions = {}): ConversationManager {
  checkOptions(OWNER, options, ["threshold", "keepRecent", "summarize"]);
  const threshold = checkCount(OWNER, "threshold", options.threshold ?? 30, 1);
  const keepRecent = checkCount(OWNER, "keepRecent", options.keepRecent ?? 10, 1);
  if (keepRecent >= threshold) {
    throw new RangeError(
      `${OWNER}: "keepRecent" must be less than "threshold", got ${keepRecent} and ${threshold}`,
    );
  }
  const summarize = readSummarize(OWNER, options.summarize);
  return {
    apply(messages, context = {}) {
      const { because = "threshold" } = context;
      const units = toUnits(messages);
      const said = units.filter(isSaid);
      const count = countMessages(said);
      if (count <= threshold && because === "threshold") return messages;
      // What does not fit although it is short is halved.
      const keep = count > keepRecent ? keepRecent : Math.ceil(count / 2);
      const kept = new Set(lastUnits(said, keep));
      const older = said.filter((unit) => !kept.has(unit));
      if (older.length === 0) return messages;
      const given = { units, older, threshold, count, because, summarize };
      return replace(given, messages, context);
    },
  };
}

const OWNER = "summarizing()";

interface Given {
  readonly units: readonly Unit[];
  readonly older: readonly Unit[];
  readonly threshold: number;
  readonly count: number;
  readonly because: NonNullable<ConversationContext["because"]>;
  readonly summarize: Summarize | false | null;
}

function replace(
  { units, older, threshold, count, because, summarize }: Given,
  messages: readonly Message[],
  context: ConversationContext,
): Promise<readonly Message[]> {
  const gone = new Set([...units.filter(({ kind }) => kind === "summary"), ...older]);
  const triggered = { messages_before: count, threshold, unit: "messages", because } as const;
  const unchanged = { messages_after: messages.length, summarized_count: 0 };
  return compacting(context, triggered, unchanged, async () => {
    const toSummarize = { units: units.filter((unit) => gone.has(unit)), summarize };
    const { message, fallback } = await summarizeUnits(
      { ...toSummarize, repeatsUser: true },
      context,
    );
    const value = putSummary(units, gone, message);
    const last = older.at(-1)!;
    const compacted = {
      messages_after: value.length,
      summarized_count: countMessages(older),
      from_index: older[0]!.at,
      to_index: last.at + last.messages.length,
      fallback,
    };
    return { value, compacted };
  });
}
