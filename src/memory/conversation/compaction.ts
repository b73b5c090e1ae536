import type { Message } from "../../events/message.ts";
import { checkCount, checkOptions } from "../../core/options.ts";
import { readNames, readNumber } from "../../core/option_values.ts";
import { compacting } from "./compactor_events.ts";
import { evictResults } from "./evict.ts";
import {
  type ConversationContext,
  type ConversationManager,
  ConversationTooLongError,
} from "./manager.ts";
import { findMiddle, sizeOf } from "./middle.ts";
import { putSummary, readSummarize, type Summarize, summarizeUnits } from "./summary.ts";
import { TokenCount } from "./token_count.ts";
import { countMessages, isSaid, messagesOf, toUnits, type Unit } from "./units.ts";

/** Options of {@linkcode compaction}. */
export interface CompactionOptions {
  /** How many tokens the model takes. @default {128_000} */
  contextTokens?: number;
  /** Above this share of them the conversation is compacted. @default {0.75} */
  trigger?: number;
  /** To this share, if that is enough to go; less than `trigger`. @default {0.5} */
  target?: number;
  /** How many turns stay as they are for as long as there is room; a turn begins with what the user says. @default {2} */
  keepTurns?: number;
  /** Results of tools with more tokens than this may be cut. @default {400} */
  evictAbove?: number;
  /**
   * Writes the summary; false for excerpts of the last messages, without a model.
   *
   * @default {the agent's auxiliary model}
   */
  summarize?: Summarize | false;
  /** Tools whose results stay as they are. @default {["skills"]} */
  protect?: Iterable<string>;
}

/**
 * Keeps a conversation within what a model takes, by its tokens. First long results of tools are cut, the oldest first; if that
 * is not enough, a summary takes the place of what the model said and did.
 *
 * - **What stays:** instructions, everything that the user said, and the results of `protect`. A call stays with its results.
 * - **Tokens** are those that the provider reported for the last call, and an estimate of what came since.
 * - **The next summary** is made from the last one and what came since. **If it fails**, it is made of excerpts of the last
 *   eight texts, and the event says so: `fallback`.
 * - **Too long for the model** all the same: it is compacted to 0.35, and the call is made again. If what has to stay is more than
 *   `contextTokens`, the run ends with a `ContextOverflowError`: nothing is cut in silence.
 * - **Events:** `memory.compactor.triggered` and `memory.compactor.completed`.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of its range, or `target` not less than `trigger`.
 *
 * @example For a model that takes 200,000 tokens
 * ```ts
 * import { Agent } from "@locus/core/agent";
 * import { compaction } from "@locus/core/memory";
 * import { scriptedModel } from "@locus/core/testing";
 *
 * const agent = new Agent({
 *   model: scriptedModel(["Hello!"]),
 *   conversationManager: compaction({ contextTokens: 200_000 }),
 * });
 * await agent.invoke("Hi");
 * ```
 */
export function compaction(options: CompactionOptions = {}): ConversationManager {
  const settings = readOptions(options);
  return {
    cutsResults: true,
    apply(messages, context = {}) {
      const plan = planOf(settings, messages, context);
      return plan === null ? messages : compact(plan, settings, messages, context);
    },
  };
}

const OWNER = "compaction()";
/** The `target` after a model refused the conversation. */
const OVERFLOW_TARGET = 0.35;
const MAX_EVICTED = 100;

type Settings = ReturnType<typeof readOptions>;

function readOptions(options: CompactionOptions) {
  checkOptions(OWNER, options, [
    "contextTokens",
    "trigger",
    "target",
    "keepTurns",
    "evictAbove",
    "summarize",
    "protect",
  ]);
  const trigger = readNumber(OWNER, "trigger", options.trigger ?? 0.75, 0, 1);
  const target = readNumber(OWNER, "target", options.target ?? 0.5, 0, 1);
  if (target >= trigger) {
    throw new RangeError(
      `${OWNER}: "target" must be less than "trigger", got ${target} and ${trigger}`,
    );
  }
  return {
    contextTokens: checkCount(OWNER, "contextTokens", options.contextTokens ?? 128_000, 1),
    trigger,
    target,
    keepTurns: checkCount(OWNER, "keepTurns", options.keepTurns ?? 2, 1),
    evictAbove: checkCount(OWNER, "evictAbove", options.evictAbove ?? 400, 1),
    summarize: readSummarize(OWNER, options.summarize),
    protect: readNames(OWNER, "protect", options.protect ?? ["skills"]),
  };
}

/** What is to be done. */
interface Plan extends ReturnType<typeof evictResults> {
  readonly count: TokenCount;
  readonly tokensBefore: number;
  /** In tokens. */
  readonly threshold: number;
  /** What a summary is to stand for. */
  readonly middle: readonly Unit[];
}

/** What is to be done; null for nothing. */
function planOf(
  { contextTokens, trigger, target, keepTurns, evictAbove, protect }: Settings,
  messages: readonly Message[],
  { because = "threshold", counted, keep }: ConversationContext,
): Plan | null {
  const count = new TokenCount(counted);
  const tokensBefore = count.of(messages);
  // What the model refused is more than it takes, whatever was thought that it takes.
  const window = because === "overflow" ? Math.min(contextTokens, tokensBefore) : contextTokens;
  const threshold = Math.floor(window * trigger);
  if (because === "threshold" && tokensBefore <= threshold) return null;
  const goal = window * (because === "overflow" ? Math.min(target, OVERFLOW_TARGET) : target);
  const isProtected = ({ name, metadata }: Message) =>
    protect.has(name ?? "") || metadata.protected === true;
  const all = toUnits(messages);
  const lastTurn = all.at(-1)?.turn ?? 0;
  const evicted = evictResults(all, {
    tokens: tokensBefore,
    target: goal,
    above: evictAbove,
    count: (message) => count.ofOne(message),
    isProtected,
    isRecent: ({ turn }) => turn > lastTurn - keepTurns,
  }, keep);
  const { units, tokens } = evicted;
  const middle = tokens <= goal ? [] : findMiddle(units, {
    tokens,
    limit: because === "threshold" ? threshold : goal,
    keepTurns,
    count: (message) => count.ofOne(message),
    isProtected,
  });
  const isIdle = middle.length === 0 && evicted.evicted.length === 0;
  if (isIdle && (because !== "threshold" || tokensBefore <= contextTokens)) return null;
  return { ...evicted, count, tokensBefore, threshold, middle };
}

async function compact(
  { units, evicted, tokens: left, middle, count, tokensBefore, threshold }: Plan,
  { contextTokens, summarize }: Settings,
  messages: readonly Message[],
  context: ConversationContext,
): Promise<readonly Message[]> {
  const { because = "threshold" } = context;
  const triggered = {
    messages_before: countMessages(units.filter(isSaid)),
    threshold,
    unit: "tokens",
    tokens_before: tokensBefore,
    because,
  } as const;
  const unchanged = {
    messages_after: messages.length,
    summarized_count: 0,
    tokens_after: tokensBefore,
    over_budget: tokensBefore > contextTokens,
  };
  const { value, tokens } = await compacting(context, triggered, unchanged, async () => {
    const summary = middle.length === 0
      ? null
      : await summarizeUnits({ units: middle, repeatsUser: false, summarize }, context);
    const value = summary === null
      ? messagesOf(units)
      : putSummary(units, new Set(middle), summary.message);
    const added = summary === null ? 0 : count.ofOne(summary.message);
    const tokens = Math.ceil(left - sizeOf(middle, (message) => count.ofOne(message)) + added);
    const gone = middle.filter(isSaid);
    const last = gone.at(-1);
    const compacted = {
      messages_after: value.length,
      summarized_count: countMessages(gone),
      tokens_after: tokens,
      evicted: evicted.slice(0, MAX_EVICTED),
      from_index: gone[0]?.at ?? null,
      to_index: last === undefined ? null : last.at + last.messages.length,
      fallback: summary?.fallback ?? null,
      over_budget: tokens > contextTokens,
    };
    return { value: { value, tokens }, compacted };
  });
  // A model that has refused it may still take it: it is the one that knows.
  if (tokens > contextTokens && because !== "overflow") {
    throw new ConversationTooLongError(tokens, contextTokens);
  }
  return value;
}
