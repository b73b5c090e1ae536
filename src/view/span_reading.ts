import { isRecord } from "../core/options.ts";
import { type Fields, fieldsOf, numberIn, textIn } from "./payload.ts";
import type { SpanRole, SpanState } from "./picture_rows.ts";
import { count } from "./words.ts";

/** What an event says of a piece of work. */
export interface SpanReading {
  readonly phase: "start" | "end";
  readonly role: SpanRole;
  /** What the two events of a pair have in common. */
  readonly pairKey: string;
  readonly spanId: string | null;
  /** The id that a provider gave a tool call. */
  readonly callId: string | null;
  /** Whether it goes on after it waited. */
  readonly isResumed: boolean;
  /** Which attempt at a call it is, from 1. */
  readonly attempt: number;
  /** The span that it says it is part of; undefined if it does not say, null is the run itself. */
  readonly parentId?: string | null;
  readonly name: string;
  readonly subject: string;
  /** How it ended. */
  readonly state: SpanState;
  readonly durationMs: number | null;
  readonly result: string;
}

/** What the two events of a pair have in common: the id of the span where there is one. */
export type Pairing = Readonly<Record<string, string>>;

/** Work begins. */
export function start(
  role: SpanRole,
  pairing: Pairing,
  name: string,
  subject: string,
): SpanReading {
  return {
    phase: "start",
    role,
    pairKey: pairKeyOf(role, pairing),
    spanId: pairing.spanId || null,
    callId: role === "tool" && pairing.spanId || null,
    isResumed: false,
    attempt: 1,
    name,
    subject,
    state: "running",
    durationMs: null,
    result: "",
  };
}

/**
 * Work is over, with success or not, as far as the payload says.
 *
 * @param output What the payload has of the result: its start, or only its length.
 */
export function end(
  role: SpanRole,
  pairing: Pairing,
  name: string,
  data: Fields,
  output?: "output_preview" | "output_length",
): SpanReading {
  const error = textIn(data, "error");
  const failed = data.success === false || (data.success === undefined && error !== "");
  return {
    ...start(role, pairing, name, ""),
    phase: "end",
    state: failed ? "failed" : "done",
    durationMs: numberIn(data, "duration_ms"),
    result: failed
      ? error
      : output === "output_length"
      ? `${count(numberIn(data, output) ?? 0, "character")}`
      : output === undefined
      ? ""
      : textIn(data, output),
  };
}

/** Paired by the id of the span. */
export function byId(data: Fields): Pairing {
  return { spanId: textIn(data, "span_id") };
}

/** Paired by what both events say of these. */
export function by(data: Fields, ...keys: string[]): Pairing {
  return Object.fromEntries(keys.map((key) => [key, textIn(data, key)]));
}

function pairKeyOf(role: SpanRole, pairing: Pairing): string {
  return `${role}\n${Object.values(pairing).join("\n")}`;
}

/** The span that a payload says it is part of; null is the run itself. */
export function parentIn(data: Fields): string | null {
  return textIn(data, "parent_span_id") || null;
}

/** The same, by the ids that a payload carries beside those of its pair. */
export function withIds(reading: SpanReading, data: Fields): SpanReading {
  const id = textIn(data, "tool_span_id") || textIn(data, "span_id");
  return {
    ...reading,
    ...id !== "" && { spanId: id, pairKey: id },
    ...Object.hasOwn(data, "parent_span_id") && { parentId: parentIn(data) },
    isResumed: data.resumed === true,
    attempt: Math.max(1, numberIn(data, "attempt") ?? 1),
  };
}

/** The attributes of a span, on one line. */
export function attributesIn(data: Fields): string {
  const { attributes } = data;
  return isRecord(attributes) ? fieldsOf(attributes) : "";
}

/** The names of the arguments of a call. */
export function keysIn(value: unknown): string {
  return isRecord(value) ? Object.keys(value).slice(0, 100).sort().join(", ") : "";
}

/** `stage 1`: people count from one. */
export function nth(noun: string, data: Fields, key: string): string {
  return `${noun} ${(numberIn(data, key) ?? 0) + 1}`;
}

/** `of 3`; `""` if the payload does not say of how many. */
export function of(data: Fields, key: string): string {
  const total = numberIn(data, key);
  return total === null ? "" : `of ${total}`;
}
