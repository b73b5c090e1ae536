import { mapTexts } from "../../../redaction/map_texts.ts";
import { GuardrailError } from "../../state/errors.ts";
import { canonicalJson } from "../../../core/json.ts";
import type { AgentState } from "../../state/state.ts";
import { truncate } from "../../state/texts.ts";
import { dropRejection } from "../../../runtime/promise_like.ts";
import { type HookContext, inSpan } from "../context.ts";
import {
  type Finding,
  findInText,
  findTooLong,
  GUARDRAIL_OPTIONS,
  type GuardrailAction,
  type GuardrailLocation,
  type GuardrailsOptions,
  type GuardrailViolation,
  redact,
} from "./guardrail_rules.ts";
import { type ReadBy, readBy } from "../../../core/option_rules.ts";
import type { Hook } from "../hook.ts";
import type { AfterToolCallEvent, BeforeToolCallEvent } from "../model_events.ts";

/**
 * Rules for what goes into an agent and its tools. Each violation is published as
 * `agent.guardrail.triggered` before anything else happens.
 *
 * - **Prompt** (`max_prompt_length`, `blocked_<name>`, `pii_<name>`): `block` ends the run with a
 *   `GuardrailError` before the model is called; everything else is noted in
 *   `state.metadata.guardrail_violations`.
 * - **Tool calls** (`blocked_tool`, `tool_not_allowed`, and the patterns on the arguments): `block`
 *   cancels the call, and the model is told why.
 * - **Tool results** (`max_tool_result_length`, `pii_<name>`): `block` replaces the result.
 * - `redact` puts `[REDACTED_<NAME>]` in the place of what matched; `warn` only tells; `allow` is told too.
 */
export class GuardrailsHook implements Hook {
  /** See {@linkcode HookPriority}. */
  readonly priority: number;
  readonly #settings: ReadBy<typeof GUARDRAIL_OPTIONS>;

  /** Makes the hook. @throws {TypeError | RangeError} If an option is unknown, of the wrong type or out of its range. */
  constructor(options: GuardrailsOptions = {}) {
    this.#settings = readBy("GuardrailsHook", options, GUARDRAIL_OPTIONS);
    this.priority = this.#settings.priority;
  }

  /** Checks the prompt. @throws {GuardrailError} If a rule blocks it. */
  onBeforeInvocation(prompt: string, state: AgentState, context: HookContext): AgentState | void {
    const { maxPromptLength, blockedContentPatterns, piiPatterns } = this.#settings;
    const findings = [
      findTooLong("max_prompt_length", "A prompt", prompt, maxPromptLength),
      ...findInText(prompt, blockedContentPatterns, piiPatterns),
    ];
    const spanId = context.spanId;
    const { violations, blocking, text } = this.#apply(findings, "input", context, spanId, prompt);
    if (blocking !== undefined) throw refusal(blocking);
    if (violations.length === 0) return;
    const at = state.messages.findLastIndex(({ role }) => role === "user");
    return {
      ...state,
      messages: text === prompt
        ? state.messages
        : state.messages.map((message, i) => i === at ? { ...message, content: text } : message),
      metadata: {
        ...state.metadata,
        guardrail_violations: violations.map(({ matched_content: _, ...record }) => record),
      },
    };
  }

  /** Checks the tool and its arguments. @throws {GuardrailError} If that is what was asked for. */
  onBeforeToolCall(event: BeforeToolCallEvent): void {
    const { tool_name, arguments: args, context } = event;
    const settings = this.#settings;
    const findings = [
      settings.blockDangerousTools.has(tool_name)
        ? aboutTool(tool_name, "blocked_tool", "may not be called")
        : null,
      settings.allowOnlyTools?.has(tool_name) === false
        ? aboutTool(tool_name, "tool_not_allowed", "is not among those that may be called")
        : null,
      ...findInText(canonicalJson(args), settings.blockedContentPatterns, settings.piiPatterns),
    ];
    const { blocking, redactions } = this.#apply(findings, "tool_args", context, event.spanId);
    if (blocking !== undefined) {
      if (settings.onToolViolation === "throw") throw refusal(blocking);
      event.cancel(refusal(blocking).message);
    } else if (redactions.length > 0) {
      event.replaceArguments(
        mapTexts(args, (text) => redactWith(text, redactions)) as Record<string, unknown>,
      );
    }
  }

  /** Checks what the tool returned. */
  onAfterToolCall(event: AfterToolCallEvent): void {
    const { result, context } = event;
    if (result === null) return;
    const { maxToolResultLength: max, piiPatterns } = this.#settings;
    const tooLong = findTooLong("max_tool_result_length", "A tool result", result, max);
    const findings = [tooLong, ...findInText(result, {}, piiPatterns)];
    const { spanId } = event;
    const applied = this.#apply(findings, "tool_result", context, spanId, result);
    const { violations, blocking, text } = applied;
    if (blocking !== undefined) event.replaceResult(refusal(blocking).message);
    else {
      const isCut = violations.some(({ rule_name, action }) =>
        rule_name === tooLong?.rule_name && action === "redact"
      );
      const kept = isCut ? truncate(text, max) : text;
      if (kept !== result) event.replaceResult(kept);
    }
  }

  #apply(
    findings: readonly (Finding | null)[],
    location: GuardrailLocation,
    context: HookContext,
    spanId: string | null | undefined,
    text = "",
  ) {
    const violations: GuardrailViolation[] = [];
    const redactions: Removal[] = [];
    for (const finding of findings) {
      if (finding === null) continue;
      const { rule_name, description, matched_content, remove } = finding;
      const action = this.#actionFor(rule_name, location);
      const violation = { rule_name, description, action, location, matched_content };
      violations.push(violation);
      if (action === "redact" && remove !== undefined) redactions.push(remove);
      const told = { rule_name, action, location, description, ...inSpan(spanId) };
      context.emit("agent.guardrail.triggered", told);
      dropRejection(this.#settings.onViolation?.(violation));
    }
    const blocking = violations.find(({ action }) => action === "block");
    return { violations, blocking, redactions, text: redactWith(text, redactions) };
  }

  #actionFor(rule: string, location: GuardrailLocation): GuardrailAction {
    const { actionOverrides, defaultAction } = this.#settings;
    const isSoft = location === "tool_result" ||
      (location === "input" && (rule.startsWith("pii_") || rule === "blocked_command_injection"));
    return actionOverrides.get(rule) ?? defaultAction ?? (isSoft ? "warn" : "block");
  }
}

type Removal = NonNullable<Finding["remove"]>;

function aboutTool(name: string, rule_name: string, why: string): Finding {
  return { rule_name, description: `The tool ${name} ${why}`, matched_content: name };
}

function redactWith(text: string, removals: readonly Removal[]): string {
  return removals.reduce((rest, { name, pattern }) => redact(rest, name, pattern), text);
}

function refusal({ rule_name, description }: GuardrailViolation): GuardrailError {
  return new GuardrailError(rule_name, `Blocked by guardrail ${rule_name}: ${description}`);
}
