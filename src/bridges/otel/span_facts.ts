/** What is read off a line of the picture, or off what is known of a run. */

import { type Attributes, type Span, SpanStatusCode } from "@opentelemetry/api";
import type { PictureRow, PictureSpan, PictureTurn } from "../../view/picture_rows.ts";
import { type ContentPolicy, errorType, recordedText } from "./content.ts";

/** The nearest span that a line is part of; turns are model calls here, and hold nothing. */
export function spanAround(row: PictureRow): PictureSpan | null {
  let { parent } = row;
  while (parent?.kind === "turn") ({ parent } = parent);
  return parent;
}

/** Tells how a piece of work ended, and how much of its time it waited for a person. */
export function setStatus(span: Span, row: PictureSpan | PictureTurn, policy: ContentPolicy): void {
  if (row.kind === "span") {
    const { state, waitedMs } = row;
    if (waitedMs > 0) span.setAttribute("locus.waited_ms", waitedMs);
    if (state === "skipped" || state === "waiting") span.setAttribute("locus.status", state);
  }
  if (row.state === "failed") setFailed(span, row.kind === "turn" ? row.error : row.result, policy);
}

/** Tells what something failed with. */
export function setFailed(span: Span, result: string, policy: ContentPolicy): void {
  span.setAttribute("error.type", errorType(result));
  const message = recordedText(result, policy);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message === "" ? {} : { message }) });
}

/** What may become a dimension of metrics: not, say, who asked. */
export function modelLabels(attributes: Attributes): Attributes {
  return Object.fromEntries(
    ["gen_ai.provider.name", "gen_ai.request.model"].flatMap((key) => {
      const value = attributes[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
