/** The rules of a guardrail, apart from what is done when one matches. */

import { type PatternSet, PII_PATTERNS } from "../../../redaction/pii.ts";
import { readChoice } from "../../../core/option_values.ts";
import type { Rules } from "../../../core/option_rules.ts";
import * as rule from "../../../core/option_rules.ts";
import { HookPriority } from "../hook.ts";
import type { AgentGuardrailTriggered } from "../../../events/catalogue/agent.ts";

/** What is done when a rule matches. */
export type GuardrailAction = AgentGuardrailTriggered["action"];

/** Where a rule matched. */
export type GuardrailLocation = Exclude<AgentGuardrailTriggered["location"], "output">;

/** A rule that matched. */
export interface GuardrailViolation {
  /** The rule, such as `pii_email`. */
  readonly rule_name: string;
  /** What the rule is there for. */
  readonly description: string;
  /** What is done about it. */
  readonly action: GuardrailAction;
  /** Where it matched. */
  readonly location: GuardrailLocation;
  /** What matched, or how many matches there were; null if it is not to be repeated. */
  readonly matched_content: string | null;
}

export interface Finding {
  readonly rule_name: string;
  readonly description: string;
  readonly matched_content: string | null;
  /** What to take out of the text if it is redacted, and the name to leave in its place. */
  readonly remove?: { readonly name: string; readonly pattern: RegExp };
}

/** Tools that do more than one would let a model do without asking. */
export const DANGEROUS_TOOLS: readonly string[] = [
  "eval",
  "exec",
  "system",
  "shell",
  "rm",
  "delete",
  "drop",
  "truncate",
];

/** Attacks that come as text: `sql_injection`, `path_traversal`, `command_injection`. */
export const BLOCKED_CONTENT: PatternSet = Object.freeze({
  sql_injection:
    /\b(?:drop\s+(?:table|database)|truncate\s+table|delete\s+from|insert\s+into|union\s+(?:all\s+)?select)\b|['"]\s*or\s+['"]?1['"]?\s*=\s*['"]?1/i,
  path_traversal: /(?:^|[\\/"'\s=])\.\.[\\/]|%2e%2e(?:%2f|%5c|[\\/])/i,
  // A separator and then a command: an ampersand alone is how people write "R&D".
  command_injection:
    /(?:[;&|]|\$\(|`)\s*(?:bash|cat|chmod|chown|curl|eval|exec|kill|nc|perl|python3?|rm|sh|sudo|wget)\b/i,
});

const MAX_SCANNED = 8192;

export function findInText(text: string, blocked: PatternSet, pii: PatternSet): Finding[] {
  const findings: Finding[] = [];
  const head = text.slice(0, MAX_SCANNED);
  for (const [name, pattern] of Object.entries(blocked)) {
    if (matchesIn(head, pattern).length === 0) continue;
    findings.push({
      rule_name: `blocked_${name}`,
      description: `Content that looks like ${name.replaceAll("_", " ")}`,
      matched_content: null,
      remove: { name, pattern },
    });
  }
  for (const [name, pattern] of Object.entries(pii)) {
    const matches = matchesIn(text, pattern);
    if (matches.length === 0) continue;
    findings.push({
      rule_name: `pii_${name}`,
      description: `Personal data: ${name.replaceAll("_", " ")}`,
      matched_content: matches.length === 1 ? matches[0]! : `${matches.length} matches`,
      remove: { name, pattern },
    });
  }
  return findings;
}

export function findTooLong(rule: string, what: string, text: string, max: number): Finding | null {
  if (text.length <= max) return null;
  return {
    rule_name: rule,
    description: `${what} of more than ${max} characters`,
    matched_content: `${text.length} characters`,
  };
}

/** Options of a `GuardrailsHook`. */
export interface GuardrailsOptions {
  /** Tools that are never called. @default {eval, exec, system, shell, rm, delete, drop, truncate} */
  blockDangerousTools?: Iterable<string>;
  /** The only tools that are called. @default {null: all} */
  allowOnlyTools?: Iterable<string> | null;
  /** Personal data to look for, by name. @default {PII_PATTERNS} */
  piiPatterns?: PatternSet;
  /**
   * Attacks to look for, by name, in the first 8192 characters of a text.
   *
   * @default {sql_injection, path_traversal, command_injection}
   */
  blockedContentPatterns?: PatternSet;
  /** The longest prompt, in characters. @default {100000} */
  maxPromptLength?: number;
  /** The longest result of a tool, in characters. @default {50000} */
  maxToolResultLength?: number;
  /**
   * What is done when a rule matches that has no override.
   *
   * @default {"block", but "warn" for personal data and command injection in prompts, and for all that
   * tools return}
   */
  defaultAction?: GuardrailAction;
  /** What is done for single rules, by name: `{ pii_email: "redact" }`. @default {{}} */
  actionOverrides?: Readonly<Record<string, GuardrailAction>>;
  /** Whether a tool call that is blocked is only cancelled, or ends the run. @default {"cancel"} */
  onToolViolation?: "cancel" | "throw";
  /** Called with every violation. @default {nothing} */
  onViolation?: (violation: GuardrailViolation) => void;
  /** See {@linkcode HookPriority}. @default {50} */
  priority?: number;
}

const ACTIONS: readonly GuardrailAction[] = ["block", "warn", "redact", "allow"];

export const GUARDRAIL_OPTIONS = /* @__PURE__ */ (() => ({
  blockDangerousTools: rule.names(DANGEROUS_TOOLS),
  allowOnlyTools: rule.orNull(rule.names([])),
  piiPatterns: rule.patterns(PII_PATTERNS),
  blockedContentPatterns: rule.patterns(BLOCKED_CONTENT),
  maxPromptLength: rule.whole(100_000, 1),
  maxToolResultLength: rule.whole(50_000, 1),
  defaultAction: rule.orNull(rule.choice<GuardrailAction>("block", ACTIONS)),
  actionOverrides: readOverrides,
  onToolViolation: rule.choice("cancel", ["cancel", "throw"]),
  onViolation: rule.optionalFunction<NonNullable<GuardrailsOptions["onViolation"]>>(),
  priority: rule.unchecked<number>(HookPriority.SECURITY_DEFAULT),
} satisfies Rules<GuardrailsOptions>))();

function readOverrides(owner: string, name: string, value: unknown) {
  const actions = Object.entries(rule.record(owner, name, value)).map(([key, action]) =>
    [key, readChoice(owner, `${name}.${key}`, action as GuardrailAction, ACTIONS)] as const
  );
  return new Map(actions);
}

export function matchesIn(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(everywhere(pattern)), ([match]) => match);
}

/** `text` with `[REDACTED_<NAME>]` in the place of every match. */
export function redact(text: string, name: string, pattern: RegExp): string {
  return text.replaceAll(everywhere(pattern), `[REDACTED_${name.toUpperCase()}]`);
}

/** Finds any of the words, as whole words; null if there are none. */
export function anyWord(words: readonly string[], caseSensitive = false): RegExp | null {
  if (words.length === 0) return null;
  const list = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const edge = "[\\p{L}\\p{N}_]";
  return new RegExp(`(?<!${edge})(?:${list})(?!${edge})`, caseSensitive ? "gu" : "giu");
}

/** A copy: global, as `matchAll()` demands, and with a `lastIndex` of its own. */
function everywhere(pattern: RegExp): RegExp {
  const flags = pattern.flags.replace("y", "");
  return new RegExp(pattern.source, flags.includes("g") ? flags : `${flags}g`);
}
