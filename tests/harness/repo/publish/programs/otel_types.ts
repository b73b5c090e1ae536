/** A3: tracers, meters and contexts of the consumer's own API fit. Compiled, not run. */
import { context, metrics, trace } from "@opentelemetry/api";
import { EventBus } from "@locus/core";
import { toOtel } from "@locus/core/bridges/otel";

export const stop = toOtel(new EventBus(), {
  tracer: trace.getTracer("x"),
  meter: metrics.getMeter("x"),
  parent: () => context.active(),
});
