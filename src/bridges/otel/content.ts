/** What of a payload may become attributes: what happened always, what was said only where it is asked for. */

import type { Attributes, AttributeValue } from "@opentelemetry/api";
import { eventCatalogue } from "../../events/catalogue/mod.ts";
import type { Redactor } from "../../redaction/redactor.ts";

/** How payloads become attributes. */
export interface ContentPolicy {
  /** Whether texts are recorded that people, models and tools wrote. */
  readonly recordContent: boolean;
  /** Takes secrets out of every text. */
  readonly redactor: Redactor;
}

/**
 * The values of a payload as attributes: `iteration` becomes `locus.iteration`.
 *
 * Without content: numbers, flags, and the names, ids and kinds of the catalogue's events; of events of your
 * own, nothing. Nested values are left out.
 */
export function payloadAttributes(
  eventType: string,
  data: Readonly<Record<string, unknown>>,
  policy: ContentPolicy,
): Attributes {
  const isKnown = Object.hasOwn(eventCatalogue, eventType);
  const attributes: Attributes = {};
  for (const key of Object.keys(data).slice(0, MAX_KEYS)) {
    if (SHOWN_ELSEWHERE.has(key)) continue;
    const isFact = isKnown && (FACT.test(key) || (key === "reason" && WITH_REASON.has(eventType)));
    const value = attributeValue(data[key], policy, policy.recordContent || isFact);
    if (value === null || (!policy.recordContent && !isKnown)) continue;
    attributes[`locus.${key.slice(0, MAX_NAME)}`] = value;
  }
  return attributes;
}

/**
 * The attributes of a `withSpan()`. Those with dotted names, as OpenTelemetry's are, are kept. Texts under other
 * names are content.
 */
export function ownAttributes(attributes: unknown, policy: ContentPolicy): Attributes {
  const own: Attributes = {};
  if (typeof attributes !== "object" || attributes === null) return own;
  const given = attributes as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(given).slice(0, MAX_KEYS)) {
    const isContent = GEN_AI_CONTENT.test(key);
    if (isContent && !policy.recordContent) continue;
    const isDotted = key.includes(".");
    const value = attributeValue(given[key], policy, policy.recordContent || isDotted);
    if (value !== null) own[(isDotted ? key : `locus.${key}`).slice(0, MAX_NAME)] = value;
  }
  return policy.redactor.data(own);
}

/** The class of an error that is written as `<ErrorName>: <first line>`; `_OTHER` if it has none. */
export function errorType(error: string): string {
  return /^([A-Za-z_$][\w.$]{0,63})(?::|$)/.exec(error)?.[1] ?? "_OTHER";
}

/** A text as it may be recorded. */
export function recordedText(text: string, { redactor }: ContentPolicy): string {
  return redactor.preview(text, MAX_TEXT);
}

function attributeValue(
  value: unknown,
  policy: ContentPolicy,
  withText: boolean,
): AttributeValue | null {
  switch (typeof value) {
    case "number":
    case "boolean":
      return value;
    case "string":
      return withText && value !== "" ? recordedText(value, policy) : null;
    default:
      if (!withText || !Array.isArray(value)) return null;
      return value.filter((item) => typeof item === "string").slice(0, MAX_ITEMS)
        .map((item) => recordedText(item, policy));
  }
}

const MAX_KEYS = 64;
const MAX_NAME = 128;
const MAX_TEXT = 1_000;
const MAX_ITEMS = 32;

// They have places of their own on a span: its id, its name, its status, its duration.
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  "span_id",
  "parent_span_id",
  "name",
  "error",
  "duration_ms",
  "attributes",
]);

const FACT =
  /(?:^|_)(?:action|assessment|backend|by|complexity|cost|decision|domain|failed|goal|goals|id|invoked|keys|kind|latency|location|method|name|node|nodes|risk|selected|status|strategy|succeeded|trigger|type)$/;

/** The events whose `reason` is one of a few words, and not prose. */
const WITH_REASON: ReadonlySet<string> = new Set([
  "agent.model.retry",
  "agent.terminate",
  "bus.gap",
  "multiagent.handoff.initiated",
]);

/** What the conventions say may hold content. */
const GEN_AI_CONTENT =
  /^gen_ai\.(?:.*\.messages|system_instructions|prompt|completion|content|tool\.(?:description|definitions|call\.(?:arguments|result))|retrieval\.(?:documents|query\.text)|evaluation\.explanation)/;
