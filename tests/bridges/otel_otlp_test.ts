import { test } from "node:test";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { assertEquals } from "@std/assert";
import { EventBus, runContext } from "@locus/core";
import { toOtel } from "../../src/bridges/otel.ts";
import { addTool, agentOf } from "../agent/_support.ts";
import { requires } from "../harness/support/requires.ts";
import { toolCall } from "../harness/support/scripted_model.ts";
import { serve } from "../harness/support/serve.ts";

/** A span as OTLP writes it in JSON: ids in hexadecimal, times in nanoseconds as texts. */
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

interface Received {
  readonly spans: OtlpSpan[];
  readonly metrics: string[];
}

/** A collector that understands OTLP over HTTP with JSON, on loopback. */
async function collector() {
  const received: Received = { spans: [], metrics: [] };
  const server = await serve({
    async fetch(request) {
      const body = JSON.parse(await request.text());
      switch (new URL(request.url).pathname) {
        case "/v1/traces":
          for (const { scopeSpans } of body.resourceSpans) {
            for (const { spans } of scopeSpans) received.spans.push(...spans);
          }
          break;
        case "/v1/metrics":
          for (const { scopeMetrics } of body.resourceMetrics) {
            for (const { metrics } of scopeMetrics) {
              for (const { name } of metrics) received.metrics.push(name);
            }
          }
      }
      return Response.json({});
    },
  });
  return { ...received, url: server.url, close: () => server.close() };
}

test("A run arrives at a collector, over OTLP", await requires("async-context"), async () => {
  const { spans, metrics, url, close } = await collector();
  const tracers = new TracerProvider({
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }) }),
    ],
  });
  const meters = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }),
        exportIntervalMillis: 3_600_000,
      }),
    ],
  });
  const bus = new EventBus();
  const stop = toOtel(bus, { tracer: tracers.getTracer("app"), meter: meters.getMeter("app") });

  const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], ["3"]], {
    tools: [addTool()],
  });
  await runContext({ runId: "order-42", bus }, () => agent.invoke("1 + 2?"));
  bus.closeStream("order-42");
  stop();
  await stop.done;
  await tracers.shutdown();
  await meters.shutdown();
  await close();

  assertEquals(spans.map(({ name }) => name).sort(), [
    "chat scripted",
    "chat scripted",
    "execute_tool add",
    "invoke_agent",
    "run",
  ]);
  const root = spans.find(({ name }) => name === "run")!;
  const agentSpan = spans.find(({ name }) => name === "invoke_agent")!;
  for (const span of spans) {
    assertEquals(span.traceId, root.traceId);
    assertEquals(/^[0-9a-f]{16}$/.test(span.spanId), true);
    const around = span.name === "invoke_agent" ? root : agentSpan;
    if (span !== root) assertEquals(span.parentSpanId, around.spanId);
    assertEquals(BigInt(span.startTimeUnixNano) >= BigInt(root.startTimeUnixNano), true);
    assertEquals(BigInt(span.endTimeUnixNano) <= BigInt(root.endTimeUnixNano), true);
  }
  assertEquals(
    root.attributes.find(({ key }) => key === "locus.run.id")?.value,
    { stringValue: "order-42" },
  );
  for (
    const name of [
      "gen_ai.client.token.usage",
      "gen_ai.client.operation.duration",
      "locus.invocations",
      "locus.iterations",
      "locus.tool_calls",
      "locus.invocation.duration",
      "locus.tool_call.duration",
    ]
  ) {
    assertEquals(metrics.includes(name), true, name);
  }
});
