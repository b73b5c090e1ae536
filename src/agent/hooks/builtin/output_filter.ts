import { checkOptions, describe } from "../../../core/options.ts";
import { type PatternSet, PII_PATTERNS } from "../../../redaction/pii.ts";
import { isRecord } from "../../../core/json.ts";
import { readChoice, readFlag, readNames, readPatterns } from "../../../core/option_values.ts";
import { CONTENT_KEYWORDS, type ContentCategory } from "./content_keywords.ts";
import type { Hook } from "../hook.ts";
import type { AfterModelCallEvent } from "../model_events.ts";
import type { ReplyChanges } from "../../model/reply.ts";
import { anyWord, matchesIn, redact } from "./patterns.ts";

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
    checkOptions(OWNER, options, OPTION_NAMES);
    const {
      redactPii = true,
      piiPatterns = PII_PATTERNS,
      contentPolicy = [],
      topicPolicy = {},
      priority = 55,
    } = options;
    readFlag(OWNER, "redactPii", redactPii);
    const pii = readPatterns(OWNER, "piiPatterns", piiPatterns);
    this.priority = priority;
    this.#pii = redactPii ? pii : {};
    this.#policies = new Map(readPolicies(contentPolicy, topicPolicy));
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

const OWNER = "OutputFilterHook";
const MAX_VIOLATIONS = 1000;

const OPTION_NAMES: readonly string[] = Object.keys(
  {
    redactPii: 0,
    piiPatterns: 0,
    contentPolicy: 0,
    topicPolicy: 0,
    priority: 0,
  } satisfies Record<keyof OutputFilterOptions, 0>,
);

function* readPolicies(
  contentPolicy: Iterable<ContentCategory>,
  topicPolicy: unknown,
): Generator<[string, RegExp]> {
  const categories = Object.keys(CONTENT_KEYWORDS);
  for (const category of readNames(OWNER, "contentPolicy", contentPolicy)) {
    readChoice(OWNER, "contentPolicy", category, categories);
    yield [`content:${category}`, anyWord(CONTENT_KEYWORDS[category as ContentCategory])!];
  }
  if (!isRecord(topicPolicy)) {
    throw new TypeError(`${OWNER}: "topicPolicy" must be an object, got ${describe(topicPolicy)}`);
  }
  for (const [topic, keywords] of Object.entries(topicPolicy)) {
    const pattern = anyWord([...readNames(OWNER, `topicPolicy.${topic}`, keywords)]);
    if (pattern !== null) yield [`topic:${topic}`, pattern];
  }
}
