import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import {
  Agent,
  type AgentEvent,
  type LanguageModel,
  ModelResponseError,
  ModelRetryHook,
} from "../../src/agent/mod.ts";
import { ScriptedModel, streamOf, usage } from "../harness/support/scripted_model.ts";
import { agentOf, collect, gate, only, outline } from "./_support.ts";

/** A model that streams these parts, and tells when its stream is cancelled. */
function streaming(
  open: () => PromiseLike<{ stream: ReadableStream<LanguageModelV4StreamPart> }>,
): LanguageModel {
  return Object.assign(new ScriptedModel(), { doStream: open });
}

function ofParts(...parts: LanguageModelV4StreamPart[]): LanguageModel {
  return streaming(() => Promise.resolve({ stream: streamOf(parts) }));
}

const HELLO: LanguageModelV4StreamPart = { type: "text-delta", id: "1", delta: "Hello" };

function finish(unified: "stop" | "error" | "interrupted"): LanguageModelV4StreamPart {
  return { type: "finish", usage: usage(), finishReason: { unified, raw: `raw ${unified}` } };
}

/** What an error does to a run that streams, after these events. */
async function assertFails(model: LanguageModel, before: string[]): Promise<unknown> {
  const { events, error } = await collect(new Agent({ model }).run("go"));
  assertEquals(outline(events), [...before, "terminate"]);
  const { reason, final_message } = only(events, "terminate");
  assertEquals([reason, final_message], ["error", null]);
  assert(error !== null);
  return error;
}

test("A model that throws at once ends the run with its error", async () => {
  const failure = new Error("sync");
  const error = await assertFails(
    streaming(() => {
      throw failure;
    }),
    [],
  );
  assertStrictEquals(error, failure);
});

test("A model that rejects ends the run with its error", async () => {
  const failure = new Error("async");
  assertStrictEquals(await assertFails(streaming(() => Promise.reject(failure)), []), failure);
});

test("An error part in a stream ends the run with that error", async () => {
  const failure = new Error("overloaded");
  const error = await assertFails(ofParts(HELLO, { type: "error", error: failure }), [
    "model_chunk",
  ]);
  assertStrictEquals(error, failure);
});

test("A stream with an error part is freed, whatever follows", async () => {
  const cancelled = gate<unknown>();
  const parts = [{ type: "error" as const, error: new Error("overloaded") }, HELLO, finish("stop")];
  const model = streaming(() => Promise.resolve({ stream: streamOf(parts, cancelled.resolve) }));
  await assertFails(model, []);
  await cancelled.promise;
});

test("An error part without an Error is told by its message", async () => {
  const error = await assertFails(
    ofParts({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
    [],
  );
  assertInstanceOf(error, ModelResponseError);
  assertEquals(error.kind, "model_response");
  assertStringIncludes(error.message, "Overloaded");
});

test("A stream that breaks ends the run with its error", async () => {
  const failure = new Error("connection reset");
  const stream = new ReadableStream<LanguageModelV4StreamPart>({
    start: (controller) => controller.enqueue(HELLO),
    pull: (controller) => controller.error(failure),
  });
  const error = await assertFails(streaming(() => Promise.resolve({ stream })), ["model_chunk"]);
  assertStrictEquals(error, failure);
});

test("A stream that ends without a finish is an error", async () => {
  const error = await assertFails(ofParts(HELLO), ["model_chunk"]);
  assertInstanceOf(error, ModelResponseError);
});

test("An answer that the model says is broken off is an error", async () => {
  for (const unified of ["error", "interrupted"] as const) {
    const error = await assertFails(ofParts(HELLO, finish(unified)), ["model_chunk"]);
    assertInstanceOf(error, ModelResponseError);
    assertStringIncludes(error.message, `raw ${unified}`);
  }
});

test("A model's error is thrown by invoke(), or is in the result if asked for", async () => {
  const failure = new Error("token=abc123 is wrong");
  await assertRejects(() => agentOf([failure]).agent.invoke("go"), Error, "abc123");

  const result = await agentOf([failure]).agent.invoke("go", { throwOnError: false });
  assertEquals(result.stop_reason, "error");
  assertEquals(result.error, "Error: token=[REDACTED] is wrong");
});

test("Cancelling a stream that never goes on frees it", async () => {
  const cancelled = gate<unknown>();
  const stream = new ReadableStream<LanguageModelV4StreamPart>({
    start: (controller) => controller.enqueue(HELLO),
    cancel: (reason) => cancelled.resolve(reason),
  });
  const controller = new AbortController();
  const agent = new Agent({ model: streaming(() => Promise.resolve({ stream })) });
  const seen: string[] = [];
  for await (const event of agent.run("go", { signal: controller.signal })) {
    seen.push(event.event_type);
    // The next read is under way when the signal comes.
    if (event.event_type === "model_chunk") queueMicrotask(() => controller.abort("enough"));
  }
  assertEquals(seen, ["model_chunk", "terminate"]);
  assertEquals(await cancelled.promise, "enough");
});

test("Leaving while a stream is open frees it", async () => {
  const cancelled = gate<unknown>();
  const model = streaming(() =>
    Promise.resolve({ stream: streamOf([HELLO, HELLO, finish("stop")], cancelled.resolve) })
  );
  for await (const _ of new Agent({ model }).run("go")) break;
  assert(await cancelled.promise instanceof DOMException);
});

test("Cancelling a model that never answers ends the run, and a late stream is freed", async () => {
  for (const streams of [true, false]) {
    const asked = gate();
    const late = gate<{ stream: ReadableStream<LanguageModelV4StreamPart> }>();
    const model = Object.assign(new ScriptedModel(), {
      doStream: () => {
        asked.resolve();
        return late.promise;
      },
      doGenerate: () => {
        asked.resolve();
        return new Promise<never>(() => {});
      },
    });
    const agent = new Agent({ model, streaming: streams });
    const collected = collect(agent.run("go"));
    await asked.promise;
    agent.cancel();
    const { events, error } = await collected;
    assertEquals([outline(events), error], [["terminate"], null]);

    const cancelled = gate<unknown>();
    late.resolve({ stream: streamOf([HELLO], cancelled.resolve) });
    if (streams) await cancelled.promise;
  }
});

test("AgentRun.return() does not wait for a model that never answers", async () => {
  const asked = gate();
  const model = Object.assign(new ScriptedModel(), {
    doGenerate: () => {
      asked.resolve();
      return new Promise<never>(() => {});
    },
  });
  const run = new Agent({ model, streaming: false }).run("go");
  const pending = run.next();
  await asked.promise;
  assertEquals(await run.return(), { done: true, value: undefined });
  await pending;
  assertEquals((await run.next()).done, true);
});

test("Whatever a model throws is what the run rejects with", async () => {
  const fails = () => {
    throw new Error("must not be read");
  };
  const unreadable = new Proxy({}, { get: fails, getPrototypeOf: fails, ownKeys: fails });
  const circular: Error = Object.assign(new Error("round"), { cause: null });
  circular.cause = circular;
  const hidden = Object.defineProperty(new Error("x"), "statusCode", { get: fails });
  for (const thrown of [null, undefined, "text", 0, unreadable, circular, hidden]) {
    for (const hooks of [[], [new ModelRetryHook({ initialDelay: 0 })]]) {
      for (const streams of [true, false]) {
        const reject = () => Promise.reject(thrown);
        const model = Object.assign(new ScriptedModel(), { doGenerate: reject, doStream: reject });
        const run = new Agent({ model, streaming: streams, hooks }).run("go");
        const events: AgentEvent[] = [];
        let error: unknown = "nothing";
        try {
          for await (const event of run) events.push(event);
        } catch (cause) {
          error = cause;
        }
        assert(Object.is(error, thrown));
        assertEquals(only(events, "terminate").reason, "error");
        assert(typeof run.result!.error === "string");
      }
    }
  }
});
