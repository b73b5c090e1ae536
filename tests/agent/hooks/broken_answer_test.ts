/** Answers that break off: they are asked for again, and what was streamed of them is void. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { z } from "zod";
import {
  Agent,
  type AgentEvent,
  type Hook,
  ModelRetryHook,
  structuredStream,
  tool,
} from "../../../src/agent/mod.ts";
import {
  type Script,
  ScriptedModel,
  streamOf,
  toolCall,
  usage,
} from "../../harness/support/scripted_model.ts";
import { agentOf, allOnBus, collect, only } from "../_support.ts";

const soon = { initialDelay: 0 };
const HALF: LanguageModelV4StreamPart = { type: "text-delta", id: "1", delta: "half" };

/** A model that streams these, one for each call; then it answers whole. */
function streaming(...streams: ReadableStream<LanguageModelV4StreamPart>[]): ScriptedModel {
  const model = new ScriptedModel(["whole"]);
  const whole = model.doStream.bind(model);
  return Object.assign(model, {
    doStream: (options: Parameters<typeof whole>[0]) => {
      const stream = streams.shift();
      return stream === undefined ? whole(options) : Promise.resolve({ stream });
    },
  });
}

function cut(error: unknown): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(HALF),
    pull: (controller) => controller.error(error),
  });
}

function finish(unified: "error" | "stop", raw: string): LanguageModelV4StreamPart {
  return { type: "finish", usage: usage(), finishReason: { unified, raw } };
}

const PASSING: Record<string, () => ReadableStream<LanguageModelV4StreamPart>> = {
  "a connection that breaks": () => cut(new TypeError("terminated")),
  "a stream that ends too early": () => streamOf([HALF]),
  "an error of the provider's": () =>
    streamOf([HALF, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }]),
  "an Error within the stream": () => streamOf([HALF, { type: "error", error: new Error("busy") }]),
  "a malformed tool call": () => streamOf([HALF, finish("error", "MALFORMED_FUNCTION_CALL")]),
};

for (const [what, stream] of Object.entries(PASSING)) {
  test(`ModelRetryHook asks again after ${what}, and says what is void`, async () => {
    const agent = new Agent({ model: streaming(stream()), hooks: [new ModelRetryHook(soon)] });
    const { events: bus, value } = await allOnBus(() => collect(agent.run("go")));
    const { events, error } = value;

    assertEquals([error, only(events, "terminate").final_message], [null, "whole"]);
    assertEquals(shown(events), "whole");
    const chunks = bus.filter(({ event_type }) => event_type === "agent.model.chunk");
    const last = chunks.find(({ data }) => data.discarded === true)!;
    assertEquals([last.data.done, last.data.content_preview], [true, ""]);
    // Its span is that of the attempt, and tells its text from that of the next one.
    const void_ = chunks.filter(({ data }) => data.span_id === last.data.span_id);
    assertEquals(void_.map(({ data }) => data.content_preview).join(""), "half");
    const retry = bus.find(({ event_type }) => event_type === "agent.model.retry")!;
    assertEquals(retry.data.reason, "server_error");
  });
}

/** The text that a consumer has on its screen in the end. */
function shown(events: readonly AgentEvent[]): string {
  let [text, before] = ["", ""];
  for (const event of events) {
    if (event.event_type === "model_chunk") {
      text += event.content ?? "";
      if (event.discarded) text = before;
      else if (event.done) before = text;
    }
    if (event.event_type === "model_complete" && event.discarded) text = before = "";
  }
  return text;
}

test("A malformed tool call is asked for again where nothing is streamed, too", async () => {
  const malformed: Script = {
    content: [],
    finishReason: { unified: "error", raw: "MALFORMED_FUNCTION_CALL" },
  };
  const { agent, model } = agentOf([malformed, ["ok"]], { hooks: [new ModelRetryHook(soon)] });
  assertEquals([(await agent.invoke("go")).message, model.calls.length], ["ok", 2]);
});

test("ModelRetryHook does not ask again for what will fail again", async () => {
  const refusals: unknown[] = [
    { type: "invalid_request_error", message: "prompt is too long" },
    { error: { type: "error", code: "context_length_exceeded", message: "too long" } },
    { code: 403, status: "PERMISSION_DENIED", message: "no" },
    Object.assign(new Error("bad request"), { statusCode: 400 }),
  ];
  for (const error of refusals) {
    const model = streaming(streamOf([HALF, { type: "error", error }]));
    const hook = new ModelRetryHook(soon);
    const { events } = await collect(new Agent({ model, hooks: [hook] }).run("go"));
    assertEquals([only(events, "terminate").reason, hook.retriesTotal], ["error", 0]);
  }
});

test("Tools of an answer that broke off are not called", async () => {
  const called: unknown[] = [];
  const save = tool({ name: "save", execute: () => void called.push("save") });
  const model = streaming(streamOf([toolCall("c1", "save", {})]));
  const hooks = [new ModelRetryHook(soon)];
  const { events } = await collect(new Agent({ model, tools: save, hooks }).run("go"));
  assertEquals([called, only(events, "terminate").final_message], [[], "whole"]);
});

test("An answer that a hook discards is void as well", async () => {
  let left = 1;
  const again: Hook = { onAfterModelCall: (event) => void (left-- > 0 && event.retry()) };
  const model = new ScriptedModel(["first"], ["second"]);
  const { events: bus, value } = await allOnBus(() =>
    collect(new Agent({ model, hooks: [again] }).run("go"))
  );
  assertEquals(shown(value.events), "second");
  const complete = bus.filter(({ event_type }) => event_type === "agent.model.completed");
  assertEquals(complete.map(({ data }) => data.discarded), [true, undefined]);
});

test("structuredStream() forgets what is void", async () => {
  const half: LanguageModelV4StreamPart = { type: "text-delta", id: "1", delta: '{"a": 1, "b": ' };
  const model = streaming(streamOf([half]));
  const agent = new Agent({ model, hooks: [new ModelRetryHook(soon)] });
  const stream = structuredStream(agent.run("go"), z.object({ a: z.number() }));
  const seen: unknown[] = [];
  for await (const value of stream) seen.push(value);
  assertEquals([seen, stream.final], [[{ a: 1 }], null]);
});

test("What broke off is void, too, where the run goes on without the answer", async () => {
  const broken = () => cut(new TypeError("terminated"));
  const whole = (text: string) =>
    streamOf([{ type: "text-delta", id: "1", delta: text }, finish("stop", "stop")]);
  const form = z.object({ a: z.number() });
  const mended = new Agent({
    model: streaming(whole("no form"), broken(), whole('{"a":1}')),
    outputSchema: form,
  });
  const values = structuredStream(mended.run("go"), form);
  const seen: unknown[] = [];
  for await (const value of values) seen.push(value);
  assertEquals([seen, values.final], [[{ a: 1 }], { a: 1 }]);

  const work = streamOf([toolCall("c1", "work", {}), finish("stop", "stop")]);
  const summing = new Agent({
    model: streaming(work, broken()),
    tools: tool({ name: "work", execute: () => "done" }),
    maxIterations: 1,
  });
  const { events } = await collect(summing.run("go"));
  assertEquals(shown(events), "");
  assertEquals(only(events, "terminate").reason, "max_iterations");
});
