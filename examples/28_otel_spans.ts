/**
 * An agent that is instrumented with OpenTelemetry, watched: a span processor beside the exporters makes a run of its spans.
 */
import { context, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { EventBus } from "@locus/core";
import { LocusSpanProcessor } from "@locus/core/bridges/otel-spans";

const bus = new EventBus();
// Without `bus`, runs go to the default one. Your exporters stand beside it in the list.
const provider = new TracerProvider({ spanProcessors: [new LocusSpanProcessor({ bus })] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

// In place of your framework's instrumentation, which makes such spans.
function inSpan<R>(name: string, about: object, fn: (span: Span) => R): R {
  const attributes = Object.fromEntries(
    Object.entries(about).map(([key, value]) => [`gen_ai.${key}`, value]),
  );
  return trace.getTracer("app").startActiveSpan(name, { attributes }, (span) => {
    const result = fn(span);
    span.end();
    return result;
  });
}
inSpan("invoke_agent", { "operation.name": "invoke_agent", "agent.name": "forecaster" }, () => {
  inSpan(
    "chat",
    { "operation.name": "chat", "request.model": "gpt-5" },
    (span) =>
      span.setAttributes({ "gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 3 }),
  );
  inSpan(
    "tool",
    { "operation.name": "execute_tool", "tool.name": "weather" },
    (span) => span.setAttribute("gen_ai.tool.call.result", "clear, 18 °C"),
  );
});

const [tool] = bus.history("agent.tool.completed");
console.log(tool?.data.tool_name, "→", tool?.data.output_preview);
const [end] = bus.history("agent.terminate");
if (end?.data.total_tool_calls !== 1 || !end.data.success) throw new Error("Expected one tool");
