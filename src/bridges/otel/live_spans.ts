import { type Context, createContextKey, type Span, trace } from "@opentelemetry/api";
import type { Run } from "../../core/run/run.ts";
import { type ContextCarrier, registeredCarrier } from "./registered.ts";
import type { RunSpans } from "./run_spans.ts";

/**
 * Makes the spans of `withSpan()` and of tools the active ones while their work is done, so that the spans of
 * instrumented libraries are part of them.
 *
 * @param spansOf The spans of a run; null if it is not traced.
 */
export function enterLiveSpan<R>(
  run: Run,
  spansOf: (runId: string) => RunSpans | null,
  enter: () => R,
  onError: (error: unknown) => void,
): R {
  const carrier = registeredCarrier();
  let live: Context | null = null;
  try {
    live = liveContext(run, spansOf, carrier);
  } catch (error) {
    onError(error);
  }
  return live === null ? enter() : carrier.with(live, enter);
}

function liveContext(
  { id, spanId }: Run,
  spansOf: (runId: string) => RunSpans | null,
  carrier: ContextCarrier,
): Context | null {
  if (spanId === null) return null;
  const active = carrier.active();
  const here = active.setValue(RUN, id);
  // Without a context manager nothing would be active, and a span that is made now would know less than one made later.
  if (!carrier.with(here, () => carrier.active().getValue(RUN) === id)) return null;
  const spans = spansOf(id);
  if (spans === null) return null;
  // Inside the run, the parent is whatever is active: a span of the run, or one of a library inside of it.
  const around = active.getValue(RUN) === id ? trace.getSpan(active) : undefined;
  const span: Span = spans.begin(spanId, around);
  return trace.setSpan(here, span);
}

/** The run that a context is inside of. */
const RUN = createContextKey("locus.run");
