import { type PatternSet, PII_PATTERNS } from "../../../redaction/pii.ts";
import { readChoice, readNames } from "../../../core/option_values.ts";
import { readBy, type Rules } from "../../../core/option_rules.ts";
import * as rule from "../../../core/option_rules.ts";
import type { Hook } from "../hook.ts";
import type { AfterModelCallEvent } from "../model_events.ts";
import type { ReplyChanges } from "../../model/reply.ts";
import { anyWord, matchesIn, redact } from "./guardrail_rules.ts";

/** What a policy can refuse. */
export type ContentCategory = "hate_speech" | "violence" | "self_harm" | "illegal_activity";

/** Options of an {@linkcode OutputFilterHook}. */
export interface OutputFilterOptions {
  /** Take personal data out of answers. @default {true} */
  redactPii?: boolean;
  /** Personal data to look for, by name. @default {PII_PATTERNS} */
  piiPatterns?: PatternSet;
  /** Categories whose keywords must not appear in an answer. @default {none} */
  contentPolicy?: Iterable<ContentCategory>;
  /** Topics that an answer must not touch: keywords by topic. @default {{}} */
  topicPolicy?: Readonly<Record<string, readonly string[]>>;
  /** See {@linkcode HookPriority}. @default {55} */
  priority?: number;
}

/**
 * Keeps personal data, and topics of your choice, out of what the model says. Nobody sees the original:
 * not the events, not the state, not the model itself. So answers are not streamed.
 *
 * An answer that breaks a policy is replaced as a whole, with its reasoning; personal data become
 * `[REDACTED_<NAME>]`. Tool calls, the stop reason and the usage stay as they are.
 */
export class OutputFilterHook implements Hook {
  /** Answers may be replaced. */
  readonly requiresFullResponse = true;
  /** See {@linkcode HookPriority}. */
  readonly priority: number;
  readonly #pii: PatternSet;
  /** By name of the violation: what finds it. */
  readonly #policies: ReadonlyMap<string, RegExp>;
  readonly #violations: string[] = [];

  /** Makes the hook. @throws {TypeError} If an option is unknown or of the wrong type. */
  constructor(options: OutputFilterOptions = {}) {
    const read = readBy("OutputFilterHook", options, RULES);
    this.priority = read.priority;
    this.#pii = read.redactPii ? read.piiPatterns : {};
    this.#policies = new Map([...read.contentPolicy, ...read.topicPolicy]);
  }

  /** What was found, such as `content:violence`, `topic:politics` or `pii:email`: the last 1000. */
  get violations(): readonly string[] {
    return [...this.#violations];
  }

  /** Filters an answer. */
  onAfterModelCall({ response, replaceResponse }: AfterModelCallEvent): void {
    const { content, reasoning } = response;
    const said = [content, reasoning].filter((text) => text !== null).join("\n");
    for (const [name, pattern] of this.#policies) {
      if (matchesIn(said, pattern).length === 0) continue;
      this.#note(name);
      replaceResponse({ content: `[The answer was withheld: ${name}]`, reasoning: null });
      return;
    }
    const changes: ReplyChanges = {
      ...this.#redacted("content", content),
      ...this.#redacted("reasoning", reasoning),
    };
    if (Object.keys(changes).length > 0) replaceResponse(changes);
  }

  #redacted(key: "content" | "reasoning", text: string | null): ReplyChanges {
    let rest = text ?? "";
    for (const [name, pattern] of Object.entries(this.#pii)) {
      const redacted = redact(rest, name, pattern);
      if (redacted !== rest) this.#note(`pii:${name}`);
      rest = redacted;
    }
    return rest === (text ?? "") ? {} : { [key]: rest };
  }

  #note(violation: string): void {
    this.#violations.push(violation);
    if (this.#violations.length > MAX_VIOLATIONS) this.#violations.shift();
  }
}

const MAX_VIOLATIONS = 1000;

/**
 * Phrases that tell a category. A coarse net: it knows neither context nor other languages. For more than
 * a last check, have a model judge.
 */
const CONTENT_KEYWORDS: Readonly<Record<ContentCategory, readonly string[]>> = Object.freeze(
  {
    hate_speech: ["racial slur", "ethnic cleansing", "inferior race", "master race", "subhuman"],
    violence: ["build a bomb", "how to kill", "make a bomb", "mass shooting", "pipe bomb"],
    self_harm: ["cut myself", "end my life", "hurt yourself", "kill myself", "kill yourself"],
    illegal_activity: [
      "cook meth",
      "counterfeit money",
      "launder money",
      "steal a credit card",
      "stolen credit cards",
    ],
  },
);

const RULES = /* @__PURE__ */ (() => ({
  redactPii: rule.flag(true),
  piiPatterns: rule.patterns(PII_PATTERNS),
  contentPolicy: readContentPolicy,
  topicPolicy: readTopicPolicy,
  priority: rule.unchecked(55),
} satisfies Rules<OutputFilterOptions>))();

type Policies = readonly (readonly [string, RegExp])[];

function readContentPolicy(owner: string, name: string, value: unknown = []): Policies {
  const categories = Object.keys(CONTENT_KEYWORDS);
  return [...readNames(owner, name, value)].map((category) => {
    readChoice(owner, name, category, categories);
    return [`content:${category}`, anyWord(CONTENT_KEYWORDS[category as ContentCategory])!];
  });
}

function readTopicPolicy(owner: string, name: string, value: unknown): Policies {
  return Object.entries(rule.record(owner, name, value)).flatMap(([topic, keywords]) => {
    const pattern = anyWord([...readNames(owner, `${name}.${topic}`, keywords)]);
    return pattern === null ? [] : [[`topic:${topic}`, pattern] as const];
  });
}
