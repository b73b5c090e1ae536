/** The real SDK of OpenTelemetry around a bus. */

import type { Tracer } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { EventBus, type EventBusOptions } from "@locus/core";
import { type Listening, toOtel, type ToOtelOptions } from "../../src/bridges/otel.ts";

/** What was exported. */
export interface Exported {
  readonly spans: readonly ReadableSpan[];
  /** The only span of a name. */
  span(name: string): ReadableSpan;
  /** The name of the span that a span is part of; null at the top of a trace. */
  parentOf(name: string): string | null;
  /** Sums of counters and counts of histograms by name, with their attributes. */
  readonly metrics: ReadonlyMap<string, readonly { labels: object; value: number }[]>;
}

/** A bus that is traced. */
export interface Traced {
  readonly bus: EventBus;
  readonly bridge: Listening;
  /** What a program, and the libraries that it instruments, make their own spans with. */
  readonly tracer: Tracer;
  /** Publishes to run `r`. */
  say(eventType: string, data?: object): void;
  /** Stops, and returns what was exported. */
  end(): Promise<Exported>;
}

/** Traces a bus with the real SDK. */
export function traced(options: ToOtelOptions = {}, busOptions: EventBusOptions = {}): Traced {
  const bus = new EventBus(busOptions);
  const spanExporter = new InMemorySpanExporter();
  const tracers = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })],
  });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meters = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: metricExporter,
        exportIntervalMillis: 3_600_000,
      }),
    ],
  });
  const bridge = toOtel(bus, {
    tracer: tracers.getTracer("test"),
    meter: meters.getMeter("test"),
    ...options,
  });
  return {
    bus,
    bridge,
    tracer: tracers.getTracer("program"),
    say: (eventType, data = {}) =>
      bus.publish({ run_id: "r", event_type: eventType, data } as never),
    async end() {
      bridge();
      await bridge.done;
      await tracers.forceFlush();
      await meters.forceFlush();
      const spans = spanExporter.getFinishedSpans().slice();
      const exported = read(spans, metricExporter);
      await tracers.shutdown();
      await meters.shutdown();
      return exported;
    },
  };
}

function read(spans: readonly ReadableSpan[], exporter: InMemoryMetricExporter): Exported {
  const span = (name: string) => {
    const found = spans.filter((one) => one.name === name);
    if (found.length !== 1) {
      throw new Error(`${found.length} spans "${name}" in ${spans.map((one) => one.name)}`);
    }
    return found[0]!;
  };
  const metrics = new Map<string, { labels: object; value: number }[]>();
  for (const { scopeMetrics } of exporter.getMetrics()) {
    for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      metrics.set(
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({
          labels: { ...attributes },
          value: typeof value === "number" ? value : (value as { sum?: number }).sum ?? 0,
        })),
      );
    }
  }
  return {
    spans,
    span,
    metrics,
    parentOf(name) {
      const id = span(name).parentSpanContext?.spanId;
      return spans.find((one) => one.spanContext().spanId === id)?.name ?? null;
    },
  };
}
