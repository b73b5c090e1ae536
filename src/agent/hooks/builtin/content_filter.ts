import { GuardrailError } from "../../state/errors.ts";
import { canonicalJson } from "../../../core/json.ts";
import { type ReadBy, readBy, type Rules } from "../../../core/option_rules.ts";
import * as rule from "../../../core/option_rules.ts";
import { clip } from "../../state/texts.ts";
import type { Hook } from "../hook.ts";
import type { AfterModelCallEvent, BeforeToolCallEvent } from "../model_events.ts";
import { anyWord, matchesIn } from "./guardrail_rules.ts";

/** Options of a {@linkcode ContentFilterHook}. */
export interface ContentFilterOptions {
  /** Words that must not appear, as whole words. @default {[]} */
  blockedWords?: Iterable<string>;
  /** Patterns that must not appear. @default {[]} */
  blockedPatterns?: readonly RegExp[];
  /** The longest prompt, in characters. @default {50000} */
  maxInputLength?: number;
  /** The longest answer, in characters; the rest is cut off. @default {100000} */
  maxOutputLength?: number;
  /** Tell capital and small letters of `blockedWords` apart. @default {false} */
  caseSensitive?: boolean;
  /** See {@linkcode HookPriority}. @default {60} */
  priority?: number;
}

/**
 * Keeps words and patterns of yours out of a run. It publishes nothing; for that use `GuardrailsHook`.
 *
 * A prompt that has one, or is too long, ends the run with a `GuardrailError`; a tool call that has one
 * is cancelled; an answer that has one is replaced. So answers are not streamed.
 */
export class ContentFilterHook implements Hook {
  /** Answers may be replaced. */
  readonly requiresFullResponse = true;
  /** See {@linkcode HookPriority}. */
  readonly priority: number;
  readonly #patterns: readonly RegExp[];
  readonly #options: ReadBy<typeof RULES>;

  /** Makes the hook. @throws {TypeError | RangeError} If an option is unknown, of the wrong type or out of its range. */
  constructor(options: ContentFilterOptions = {}) {
    this.#options = readBy("ContentFilterHook", options, RULES);
    const { priority, blockedWords, blockedPatterns, caseSensitive } = this.#options;
    const words = anyWord([...blockedWords], caseSensitive);
    this.priority = priority;
    this.#patterns = words === null ? blockedPatterns : [words, ...blockedPatterns];
  }

  /** Checks the prompt. @throws {GuardrailError} If it is too long or has something blocked. */
  onBeforeInvocation(prompt: string): void {
    const { maxInputLength: max } = this.#options;
    if (prompt.length > max) {
      throw new GuardrailError(
        "max_input_length",
        `The prompt is longer than the content filter allows: ${prompt.length} of ${max} characters`,
      );
    }
    if (this.#isBlocked(prompt)) {
      throw new GuardrailError("blocked_content", "The prompt has content that is blocked");
    }
  }

  /** Checks the arguments of a tool. */
  onBeforeToolCall(event: BeforeToolCallEvent): void {
    if (this.#isBlocked(canonicalJson(event.arguments))) {
      event.cancel("The arguments have content that is blocked");
    }
  }

  /** Checks the answer. */
  onAfterModelCall({ response, replaceResponse }: AfterModelCallEvent): void {
    const { content, reasoning } = response;
    const { maxOutputLength: max } = this.#options;
    if (this.#isBlocked(reasoning ?? "")) replaceResponse({ reasoning: null });
    if (content === null) return;
    if (this.#isBlocked(content)) replaceResponse({ content: REPLACEMENT });
    else if (content.length > max) replaceResponse({ content: clip(content, max) });
  }

  #isBlocked(text: string): boolean {
    return this.#patterns.some((pattern) => matchesIn(text, pattern).length > 0);
  }
}

const REPLACEMENT = "[The answer had content that is blocked]";

const RULES = /* @__PURE__ */ (() => ({
  blockedWords: rule.names([]),
  blockedPatterns: rule.patterns<readonly RegExp[]>([]),
  maxInputLength: rule.whole(50_000, 1),
  maxOutputLength: rule.whole(100_000, 1),
  caseSensitive: rule.flag(false),
  priority: rule.unchecked(60),
} satisfies Rules<ContentFilterOptions>))();
