import { test } from "node:test";
import { context, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { assertEquals } from "@std/assert";
import * as ai6 from "ai-6";
import { MockLanguageModelV3 } from "ai-6/test";
import type { generateObject, generateText, Output, streamText } from "ai";
import { EventBus, withRun } from "@locus/core";
import { LocusSpanProcessor } from "../../src/bridges/otel_spans.ts";
import { type Host, programs, scenarios } from "./_ai_programs.ts";
import { modelOf } from "./_ai_sdk.ts";
import type { Scenario } from "./_bridge.ts";
import { checkRun } from "./_contract.ts";
import { ended, testBridge } from "./_suite.ts";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/** Version 6 of the AI SDK, which makes spans of its own. */
function hostOf(spanProcessors: object[]): Host {
  const provider = new TracerProvider({ spanProcessors: spanProcessors as SpanProcessor[] });
  const experimental_telemetry = { isEnabled: true, tracer: provider.getTracer("ai") };
  const told =
    (fn: (settings: never) => unknown) =>
    ({ instructions, ...settings }: { instructions?: string }) =>
      fn(
        {
          ...settings,
          ...instructions && { system: instructions },
          experimental_telemetry,
        } as never,
      );
  return {
    generateText: told(ai6.generateText) as typeof generateText,
    streamText: told(ai6.streamText as never) as typeof streamText,
    generateObject: told(ai6.generateObject) as typeof generateObject,
    Output: ai6.Output as never as typeof Output,
    modelOf: (turns, modelId) => modelOf(turns, modelId, MockLanguageModelV3 as never),
  };
}

/** A scenario of which the spans say less: how its agents look then, and its run. */
function less(name: keyof typeof scenarios, ends: readonly string[], outcome = "ok") {
  return { [name]: { ...scenarios[name] as Scenario<Host>, ends, outcome, check() {} } };
}

testBridge<Host>({
  name: "OpenTelemetry spans",
  source: "otel",
  ways: { "its spans": (options) => hostOf(options ? [new LocusSpanProcessor(options)] : []) },
  twice: (options) => hostOf([new LocusSpanProcessor(options), new LocusSpanProcessor(options)]),
  hooks: {
    make: (options) => new LocusSpanProcessor(options),
    host: (processor) => hostOf([processor]),
  },
  scenarios: {
    ...scenarios,
    // Spans of aborted streams end as if they were done, those of broken ones not at all.
    ...less("an error in the stream", ["model_error"], "error"),
    ...less("an abort in the text", ["complete"]),
    ...less("an abort in a tool of a stream", ["complete"]),
    ...less("a stream that breaks", ["cancelled"], "cancelled"),
    // No span says why the loop of turns ended, who runs a tool, or how often a model was asked.
    "a limit of turns": "no span says why a loop of turns ended",
    ...less("a tool that the caller executes", ["complete"]),
    ...less("a call that is tried again", ["complete"]),
    // A span processor cannot have a tool run inside of its span.
    "a tool that yields, and spans in it": "what a program says itself is placed where it began",
    ...less("two tools at once, one of them an agent", ["complete", "complete"]),
  },
  ...programs,
  waiting: "no span says that a person is asked",
  hidesText: true,
  endsLate: true,
  content: [
    "input arguments 0",
    "output result 0",
    "input messages 0 system,user",
    "output messages 0 assistant",
    "input messages 3 tool",
    "output messages 0 assistant",
    "output text 0",
  ],
});

/** A model that calls a tool, by the conventions of OpenTelemetry, under a request. */
function program(tracer: Tracer, options: { attributes?: object; fails?: boolean } = {}): void {
  const inside = (name: string, attributes: object, fn: () => void) =>
    tracer.startActiveSpan(name, { attributes: { ...attributes } }, (span) => {
      fn();
      if (options.fails && name === "chat gpt") {
        span.recordException(new RangeError("too long"));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.setAttributes({
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "gen_ai.response.finish_reasons": ["tool_calls"],
        "gen_ai.tool.call.result": "Oslo 18",
        ...options.attributes,
      });
      span.end();
    });
  inside("POST /ask", {}, () => {
    inside("invoke_agent planner", {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "planner",
    }, () => {
      inside("chat gpt", {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt",
        "gen_ai.provider.name": "openai",
      }, () => {});
      inside("GET /retry", {}, () =>
        inside("execute_tool weather", {
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": "weather",
          "gen_ai.tool.call.id": "c1",
          "gen_ai.tool.call.arguments": '{"city":"Oslo"}',
        }, () => {}));
    });
  });
}

const sdks = {
  "sdk-trace 3": (processor: LocusSpanProcessor) =>
    new TracerProvider({ spanProcessors: [processor] }),
  "sdk-trace-base 2": (processor: LocusSpanProcessor) =>
    new BasicTracerProvider({ spanProcessors: [processor] }),
};

for (const [sdk, providerOf] of Object.entries(sdks)) {
  test(`OpenTelemetry spans: by its conventions and ${sdk}, a request is one run`, async () => {
    const bus = new EventBus();
    program(providerOf(new LocusSpanProcessor({ bus })).getTracer("app"));
    await ended(bus, 1);
    const { outline, of, events } = checkRun(bus);
    assertEquals(outline, ["run run", ["agent planner", "model gpt", "tool weather"]]);
    assertEquals(events[0]!.data.name, "planner");
    const { prompt_tokens, cached_input_tokens } = of("agent.tokens.used")[0]!;
    assertEquals([prompt_tokens, cached_input_tokens], [5, 2]);
    const { span_id, arg_keys } = of("agent.tool.started")[0]!;
    assertEquals([span_id, arg_keys], ["c1", ["city"]]);
    assertEquals(of("agent.tool.completed")[0]!.output_preview, "Oslo 18");
  });
}

test("OpenTelemetry spans: what a span failed with is what its exception says", async () => {
  const bus = new EventBus();
  const provider = sdks["sdk-trace 3"](new LocusSpanProcessor());
  await withRun({ bus }, () => program(provider.getTracer("app"), { fails: true }));
  const [model] = checkRun(bus).of("span.completed");
  assertEquals(model!.error, "RangeError: too long");
});

test("OpenTelemetry spans: messages by the conventions are content as they are", async () => {
  const bus = new EventBus();
  const provider = sdks["sdk-trace 3"](new LocusSpanProcessor());
  const message = (role: string, content: string) =>
    JSON.stringify([{ role, parts: [{ type: "text", content }] }]);
  const attributes = {
    "gen_ai.system_instructions": '[{"type":"text","content":"Be brief"}]',
    "gen_ai.input.messages": message("user", "Oslo?"),
    "gen_ai.output.messages": message("assistant", "Fine."),
  };
  await withRun({ bus, content: true }, () => program(provider.getTracer("app"), { attributes }));
  const { of } = checkRun(bus);
  const said = of("span.content").filter(({ kind }) => kind === "messages")
    .flatMap(({ content }) => content as { role: string }[]);
  assertEquals(said.map(({ role }) => role), ["system", "user", "assistant"]);
  assertEquals(of("agent.terminate")[0]!.final_message_preview, "Fine.");
});

test("OpenTelemetry spans: runs that toOtel() exports do not come back", () => {
  const bus = new EventBus();
  const provider = sdks["sdk-trace 3"](new LocusSpanProcessor({ bus }));
  program(provider.getTracer("@locus/core"));
  assertEquals(bus.runs().length, 0);
});

for (
  const [convention, attributes] of Object.entries({
    OpenInference: { "openinference.span.kind": "LLM", "llm.model_name": "gpt" },
    OpenLLMetry: { "llm.request.type": "chat", "gen_ai.request.model": "gpt" },
  })
) {
  test(`OpenTelemetry spans: models are known by ${convention}, too`, async () => {
    const bus = new EventBus();
    const tracer = sdks["sdk-trace 3"](new LocusSpanProcessor()).getTracer("app");
    await withRun({ bus }, () => tracer.startSpan("call", { attributes }).end());
    assertEquals(checkRun(bus).outline, ["run run", "model gpt"]);
  });
}

test("OpenTelemetry spans: those of Google's ADK are known by their names, and say the rest at their end", async () => {
  const bus = new EventBus();
  const tracer = sdks["sdk-trace 3"](new LocusSpanProcessor({ bus })).getTracer("gcp.vertex.agent");
  const inSpan = (name: string, attributes: Record<string, string | number>, fn = () => {}) =>
    tracer.startActiveSpan(name, (span) => {
      fn();
      span.setAttributes(attributes).end();
    });
  const answer = { content: { parts: [{ text: "Fine." }] } };
  inSpan(
    "invocation",
    {},
    () =>
      inSpan("invoke_agent planner", { "gen_ai.operation.name": "invoke_agent" }, () => {
        inSpan("execute_tool weather", { "gcp.vertex.agent.tool_response": '{"result":"18"}' });
        inSpan("execute_tool (merged)", {});
        inSpan("call_llm", {
          "gen_ai.usage.input_tokens": 5,
          "gcp.vertex.agent.llm_response": JSON.stringify(answer),
        });
      }),
  );
  await ended(bus, 1);
  const { outline, of } = checkRun(bus);
  assertEquals(outline, ["run run", ["agent planner", "tool weather", "model model"]]);
  assertEquals(of("agent.tool.completed")[0]!.output_preview, '{"result":"18"}');
  assertEquals(of("agent.terminate")[0]!.final_message_preview, "Fine.");
});

test("OpenTelemetry spans: what begins in a model's span is beside it", async () => {
  const bus = new EventBus();
  const tracer = sdks["sdk-trace 3"](new LocusSpanProcessor()).getTracer("app");
  const inSpan = (operation: string, fn = () => {}) =>
    tracer.startActiveSpan("x", { attributes: { "gen_ai.operation.name": operation } }, (span) => {
      fn();
      span.end();
    });
  await withRun(
    { bus },
    () => inSpan("invoke_agent", () => inSpan("chat", () => inSpan("execute_tool"))),
  );
  assertEquals(checkRun(bus).outline, ["run run", ["agent x", "model x", "tool x"]]);
});
