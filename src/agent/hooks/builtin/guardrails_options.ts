import { checkCount, checkFunction, checkOptions, describe } from "../../../core/options.ts";
import { type PatternSet, PII_PATTERNS } from "../../../redaction/pii.ts";
import { isRecord } from "../../../core/json.ts";
import { readChoice, readNames, readPatterns } from "../../../core/option_values.ts";
import {
  BLOCKED_CONTENT,
  DANGEROUS_TOOLS,
  type GuardrailAction,
  type GuardrailViolation,
} from "./guardrail_rules.ts";
import { HookPriority } from "../priority.ts";

/** Options of a `GuardrailsHook`. */
export interface GuardrailsOptions {
  /**
   * Tools that are never called.
   *
   * @default {eval, exec, system, shell, rm, delete, drop, truncate}
   */
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

/** Options, checked and complete. */
export interface GuardrailSettings
  extends
    Pick<Required<GuardrailsOptions>, "piiPatterns" | "blockedContentPatterns" | "priority">,
    Pick<Required<GuardrailsOptions>, "maxPromptLength" | "maxToolResultLength">,
    Pick<GuardrailsOptions, "defaultAction" | "onToolViolation" | "onViolation"> {
  readonly blockedTools: ReadonlySet<string>;
  readonly allowedTools: ReadonlySet<string> | null;
  readonly overrides: ReadonlyMap<string, GuardrailAction>;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a length is out of its range.
 */
export function readGuardrails(options: GuardrailsOptions): GuardrailSettings {
  checkOptions(OWNER, options, OPTION_NAMES);
  const {
    blockDangerousTools = DANGEROUS_TOOLS,
    allowOnlyTools = null,
    piiPatterns = PII_PATTERNS,
    blockedContentPatterns = BLOCKED_CONTENT,
    maxPromptLength = 100_000,
    maxToolResultLength = 50_000,
    defaultAction,
    actionOverrides = {},
    onToolViolation = "cancel",
    onViolation,
    priority = HookPriority.SECURITY_DEFAULT,
  } = options;
  checkFunction(OWNER, "onViolation", onViolation);
  if (defaultAction !== undefined) readChoice(OWNER, "defaultAction", defaultAction, ACTIONS);
  return {
    blockedTools: readNames(OWNER, "blockDangerousTools", blockDangerousTools),
    allowedTools: allowOnlyTools === null
      ? null
      : readNames(OWNER, "allowOnlyTools", allowOnlyTools),
    piiPatterns: readPatterns(OWNER, "piiPatterns", piiPatterns),
    blockedContentPatterns: readPatterns(OWNER, "blockedContentPatterns", blockedContentPatterns),
    maxPromptLength: checkCount(OWNER, "maxPromptLength", maxPromptLength, 1),
    maxToolResultLength: checkCount(OWNER, "maxToolResultLength", maxToolResultLength, 1),
    defaultAction,
    overrides: readOverrides(actionOverrides),
    onToolViolation: readChoice(OWNER, "onToolViolation", onToolViolation, ["cancel", "throw"]),
    onViolation,
    priority,
  };
}

const OWNER = "GuardrailsHook";

const ACTIONS: readonly GuardrailAction[] = ["block", "warn", "redact", "allow"];

const OPTION_NAMES: readonly string[] = Object.keys(
  {
    blockDangerousTools: 0,
    allowOnlyTools: 0,
    piiPatterns: 0,
    blockedContentPatterns: 0,
    maxPromptLength: 0,
    maxToolResultLength: 0,
    defaultAction: 0,
    actionOverrides: 0,
    onToolViolation: 0,
    onViolation: 0,
    priority: 0,
  } satisfies Record<keyof GuardrailsOptions, 0>,
);

function readOverrides(value: unknown): ReadonlyMap<string, GuardrailAction> {
  if (!isRecord(value)) {
    throw new TypeError(`${OWNER}: "actionOverrides" must be an object, got ${describe(value)}`);
  }
  return new Map(
    Object.entries(value).map(([rule, action]) => [
      rule,
      readChoice(OWNER, `actionOverrides.${rule}`, action as GuardrailAction, ACTIONS),
    ]),
  );
}
