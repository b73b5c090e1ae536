// Where an event belongs: the schemas of `catalogue/places.ts`.

import { z } from "zod";
import type {
  Beginning,
  InParent,
  InSpan,
  RouteCandidate,
  SpanPair,
  ToolSpan,
} from "../catalogue/places.ts";
import { flag, numberOrNull, ordinal, text, textOrNull, texts } from "./_fields.ts";

/** The fields of an object that `T` describes. */
type Fields<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

/** An event that happened in a span. */
export const inSpan: Fields<InSpan> = { span_id: textOrNull.optional() };

/** An event that opens or closes a span with a `span_id` of its own. */
export const inParent: Fields<InParent> = { parent_span_id: textOrNull.optional() };

/** An event that opens or closes a span. */
export const spanPair: Fields<SpanPair> = { span_id: text.optional(), ...inParent };

/** An event that opens or closes the span of a tool call. */
export const toolSpan: Fields<ToolSpan> = {
  ...inParent,
  tool_span_id: text.optional(),
  attempt: ordinal.optional(),
  resumed: flag.optional(),
};

/** An event that begins work which may begin again. */
export const beginning: Fields<Beginning> = {
  execution: ordinal.optional(),
  because: z.enum(["scheduled", "answer", "recover", "replay"]).optional(),
  kept: texts.optional(),
};

/** The routes that were open to a choice. */
export const candidates: z.ZodType<readonly RouteCandidate[] | undefined> = z.array(z.looseObject({
  id: text,
  chosen: flag,
  reason: textOrNull,
  score: numberOrNull,
})).optional();
