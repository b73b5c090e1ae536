import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { emit, enterSpan, EventBus, type Run, withRun, withSpan } from "@locus/core";
import {
  recordCall,
  recorderFor,
  type SpanEnding,
  type SpanKind,
  type SpanRecorder,
} from "../../src/bridges/write_your_own.ts";
import { until } from "../harness/support/until.ts";
import { checkRun, SECRET, type Told } from "./_contract.ts";

/** What a recorder tells of a run. */
async function tell(
  record: (recorder: SpanRecorder, run: Run) => unknown,
  options: { content?: boolean } = {},
): Promise<Told & { recorder: SpanRecorder; bus: EventBus }> {
  const bus = new EventBus({ historyPerRun: 5_000 });
  let recorder!: SpanRecorder;
  await withRun({ bus, ...options }, async (run) => {
    await record(recorder = recorderFor(run, "test"), run);
  });
  return { ...checkRun(bus), recorder, bus };
}

test("a recorder tells agents, model calls and tools in the order of the contract", async () => {
  const { events, outline } = await tell((recorder) => {
    recorder.open("agent", "a", { name: "cook" });
    recorder.open("model", "m", { name: "gpt", parent: "a" });
    recorder.delta("m", "Let me ");
    recorder.delta("m", "look.");
    recorder.close("m", { toolCalls: 1, finish: "tool-calls", usage: { input: 5, output: 3 } });
    recorder.open("tool", "t", {
      name: "weigh",
      parent: "a",
      callId: "call_0",
      args: { b: 1, a: 2 },
    });
    recorder.close("t", { output: { grams: 200 } });
    recorder.close("a", { text: "Enough." });
  });
  assertEquals(outline, ["run run", ["agent cook", "model gpt", "tool weigh"]]);
  assertEquals(events.map(({ event_type }) => event_type), [
    "run.started",
    "span.started",
    "span.started",
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.chunk",
    "agent.model.completed",
    "agent.tokens.used",
    "span.completed",
    "agent.think",
    "agent.tool.started",
    "agent.tool.completed",
    "agent.terminate",
    "span.completed",
    "run.completed",
  ]);
});

test("a tool's names of arguments come from an object or from JSON, and its call id stays", async () => {
  for (const args of [{ b: 1, a: 2 }, '{"b":1,"a":2}']) {
    const { of } = await tell((recorder) => {
      recorder.open("tool", "t", { name: "weigh", callId: "call_0", args });
      recorder.close("t", { output: { grams: 200 } });
    });
    const { span_id, arg_keys } = of("agent.tool.started")[0]!;
    assertEquals({ span_id, arg_keys }, { span_id: "call_0", arg_keys: ["a", "b"] });
    assertEquals(of("agent.tool.completed")[0]!.output_preview, '{"grams":200}');
  }
});

test("many pieces become few events, which add up to the text", async () => {
  const words = Array.from({ length: 2_000 }, (_, n) => `word${n} `);
  const { of } = await tell((recorder) => {
    recorder.open("model", "m", { name: "gpt" });
    for (const word of words) recorder.delta("m", word);
    recorder.close("m");
  });
  const chunks = of("agent.model.chunk");
  assert(chunks.length < 200, `${chunks.length} events`);
  assertEquals(chunks.map(({ content_preview }) => content_preview).join(""), words.join(""));
});

test("a model call that fails says so, and its agent for what reason", async () => {
  const { of, events } = await tell((recorder) => {
    recorder.open("agent", "a", { name: "cook" });
    recorder.open("model", "m", { name: "gpt", parent: "a" });
    recorder.close("m", { error: new TypeError(`key ${SECRET} is wrong\nsecond line`) });
    recorder.close("a", { error: new Error("gave up") });
  });
  assertMatch(String(of("span.completed")[0]!.error), /^TypeError: key .* is wrong$/);
  const { success, error, error_kind, reason } = of("agent.terminate")[0]!;
  assertEquals({ success, error, error_kind, reason }, {
    success: false,
    error: "Error: gave up",
    error_kind: "model",
    reason: "error",
  });
  assertEquals(of("agent.model.completed"), []);
  assertEquals(events.at(-1)!.data.outcome, "error");
});

test("an AbortError cancels, whoever throws it", async () => {
  const { of, events } = await tell((recorder) => {
    recorder.open("agent", "a", { name: "cook" });
    recorder.close("a", { error: new DOMException("stop", "AbortError") });
  });
  const { reason, error_kind, error } = of("agent.terminate")[0]!;
  assertEquals({ reason, error_kind, error }, {
    reason: "cancelled",
    error_kind: "cancelled",
    error: "AbortError: stop",
  });
  assertEquals(events.at(-1)!.data.outcome, "cancelled");
});

test("closing a span closes what is open in it, innermost first, and late ends are dropped", async () => {
  const { of, recorder } = await tell((recorder) => {
    recorder.open("agent", "a", { name: "cook" });
    recorder.open("tool", "t", { name: "ask", parent: "a" });
    recorder.open("agent", "b", { name: "helper", parent: "t" });
    recorder.close("a", { text: "done" });
    recorder.close("b");
    recorder.close("t", { output: "late" });
  });
  assertEquals(of("agent.tool.completed")[0]!.error, "AbortError: cancelled");
  assertEquals(recorder.odd, {
    unknownParent: 0,
    unknownKey: 2,
    openedTwice: 0,
    abandoned: 2,
    failed: 0,
  });
});

test("the end of the run closes what its host left open", async () => {
  const { of, events } = await tell((recorder) => {
    recorder.open("agent", "a", { name: "cook" });
    recorder.open("model", "m", { name: "gpt", parent: "a" });
    recorder.delta("m", "half a sen");
  });
  assertEquals(of("agent.terminate")[0]!.error, "AbortError: its reader left");
  assertEquals(events.at(-1)!.event_type, "run.completed");
});

test("what is opened without a parent is where the calling code is", async () => {
  const { outline } = await tell(async (recorder) => {
    recorder.open("agent", "a", { name: "cook" });
    recorder.open("tool", "t", { name: "ask", parent: "a" });
    await enterSpan(recorder.runAt("t"), recorder.runAt("t").spanId!, async () => {
      await withSpan("phone", () => {
        recorderFor(recorder.runAt("t"), "test").open("agent", "b", { name: "helper" });
        recorder.close("b");
      });
    });
    recorder.close("t");
    recorder.close("a");
  });
  assertEquals(outline, ["run run", ["agent cook", ["tool ask", ["work phone", "agent helper"]]]]);
});

test("an unknown parent, a key that is open, and unknown ends are counted", async () => {
  const { recorder, outline } = await tell((recorder) => {
    recorder.open("tool", "t", { name: "ask", parent: "nobody" });
    recorder.open("tool", "t", { name: "again" });
    recorder.close("t");
    recorder.close("t");
    recorder.delta("nobody", "text");
    recorder.interrupt("nobody", { id: "q", question: "?" });
  });
  assertEquals(outline, ["run run", "tool ask"]);
  assertEquals(recorder.odd, {
    unknownParent: 1,
    unknownKey: 3,
    openedTwice: 1,
    abandoned: 0,
    failed: 0,
  });
});

test("a recorder neither throws at what cannot be read nor keeps or changes what can", async (t) => {
  t.mock.method(console, "error", () => {});
  const hostile = new Proxy({}, {
    get() {
      throw new Error("no");
    },
    ownKeys() {
      throw new Error("no");
    },
  });
  const args = { city: { name: "Rome" } };
  await tell((recorder) => {
    recorder.open("agent", "a", hostile as never);
    recorder.open("tool", "t", { name: "weigh", args: hostile });
    recorder.open("tool", "u", { name: "weigh", args });
    recorder.close("u", { output: hostile, error: hostile });
    recorder.say("u", "x.y", hostile);
    args.city.name = "Oslo";
  }, { content: true });
  assertEquals(args, { city: { name: "Oslo" } });
});

test("no secret of a name, argument, result, error or question is published", async () => {
  await tell((recorder) => {
    recorder.open("agent", "a", { name: SECRET, attributes: { hint: SECRET } });
    recorder.open("model", "m", { name: "gpt", parent: "a" });
    for (const piece of `it is ${SECRET} ok`) recorder.delta("m", piece);
    recorder.delta("m", SECRET, "reasoning");
    recorder.close("m", { text: SECRET });
    recorder.open("tool", "t", { name: "t", parent: "a", args: { [SECRET]: SECRET } });
    recorder.close("t", { output: { token: SECRET } });
    recorder.interrupt("a", { id: "q", question: SECRET, options: [SECRET] });
    recorder.say("a", "my.event", { password: SECRET });
    recorder.content("a", "input", "text", SECRET);
    recorder.close("a", { text: SECRET, error: new Error(SECRET) });
  }, { content: true });
});

test("content is published only where it is asked for, and messages once", async () => {
  const user = { role: "user", parts: [{ type: "text", content: "hi" }] };
  const answer = { role: "assistant", parts: [{ type: "text", content: "hello" }] };
  const record = (recorder: SpanRecorder) => {
    recorder.open("agent", "a", { name: "cook" });
    for (const [key, messages] of [["m", [user]], ["n", [user, answer, user]]] as const) {
      recorder.open("model", key, { name: "gpt", parent: "a" });
      recorder.delta(key, "hm", "reasoning");
      recorder.content(key, "input", "messages", messages);
      recorder.content(key, "output", "messages", [answer]);
      recorder.close(key, { text: "hello" });
    }
    recorder.close("a", { text: "bye" });
  };
  const off = await tell(record);
  assertEquals(off.of("span.content"), []);
  assert(off.of("agent.model.chunk").every(({ text }) => text === undefined));

  const on = await tell(record, { content: true });
  const said = on.of("span.content").map(({ direction, kind, from_index, content }) =>
    `${direction} ${kind} ${from_index} ${kind === "messages" ? (content as []).length : content}`
  );
  assertEquals(said, [
    "input messages 0 1",
    "output messages 0 1",
    "input messages 2 1",
    "output messages 0 1",
    "output text 0 bye",
  ]);
  assertEquals(on.of("agent.model.chunk")[0]!.text, "hm");
});

test("an agent that waits goes on in its own span, in the same run", async () => {
  const bus = new EventBus();
  await withRun({ runId: "r", bus }, (run) => {
    const recorder = recorderFor(run, "test");
    recorder.open("agent", "a", { name: "cook" });
    recorder.open("tool", "t", { name: "weigh", parent: "a" });
    recorder.close("t");
    recorder.interrupt("a", { id: "q1", question: "Pay?", options: ["yes", "no"] });
    recorder.close("a", { waits: true });
  });
  assertEquals((await bus.runs())[0]!.closed, false);
  await withRun({ runId: "r", bus }, (run) => {
    const recorder = recorderFor(run, "test");
    recorder.open("agent", "b", { name: "cook", answers: ["q1"] });
    recorder.open("tool", "t", { name: "pay", parent: "b" });
    recorder.close("t");
    recorder.close("b", { text: "Paid." });
  });
  const { outline, of, events } = checkRun(bus);
  assertEquals(outline, ["run run", ["agent cook", "tool weigh", "tool pay"]]);
  assertEquals(of("span.started").map(({ resumed }) => resumed), [undefined, true]);
  assertEquals(of("agent.interrupt.answered")[0]!.interrupt_id, "q1");
  assertEquals(of("agent.terminate")[0]!.total_tool_calls, 2);
  assertEquals(events.at(-1)!.data.outcome, "ok");
});

test("an agent that goes on in another run says what it resumes", async () => {
  const bus = new EventBus();
  await withRun({ runId: "r", bus }, (run) => {
    const recorder = recorderFor(run, "test");
    recorder.open("agent", "a", { name: "cook" });
    recorder.interrupt("a", { id: "q1", question: "Pay?" });
    recorder.close("a", { waits: true });
  });
  await withRun({ runId: "s", bus }, (run) => {
    const recorder = recorderFor(run, "test");
    recorder.open("agent", "b", { name: "cook", answers: ["q1"] });
    recorder.close("b");
  });
  const [before] = checkRun(bus, "r").of("span.started");
  const [after] = checkRun(bus, "s").of("span.started");
  const { resumes } = after!.attributes as { resumes?: unknown };
  assertEquals(resumes, { run_id: "r", span_id: before!.span_id });
  assertNotEquals(after!.span_id, before!.span_id);
});

test("an agent that waits inside of what is over is over, too", async () => {
  const { of } = await tell((recorder) => {
    recorder.open("agent", "a", { name: "cook" });
    recorder.open("tool", "t", { name: "ask", parent: "a" });
    recorder.open("agent", "b", { name: "helper", parent: "t" });
    recorder.interrupt("b", { id: "q1", question: "Pay?" });
    recorder.close("b", { waits: true });
    recorder.close("t");
    recorder.close("a");
  });
  assertEquals(of("agent.terminate").map(({ reason }) => reason), ["cancelled", "complete"]);
});

test("a call outside of any run gets one, which ends with it", async () => {
  const bus = new EventBus();
  const call = recordCall("test", { bus }, { name: "cook", input: () => "private" })!;
  call.recorder.open("agent", "a", { name: "cook", onClose: call.end });
  call.recorder.close("a", { error: new Error("burnt") });
  await bus.waitFor("run.completed");
  const { events } = checkRun(bus);
  const { name, input_preview } = events[0]!.data;
  assertEquals({ name, input_preview }, { name: "cook", input_preview: "" });
  const { outcome, error } = events.at(-1)!.data;
  assertEquals({ outcome, error }, { outcome: "error", error: "Error: burnt" });
});

test("the run of a call that is no agent says how it ended, too", async () => {
  const endings: SpanEnding[] = [{}, { error: new Error("no") }, { cancelled: true }];
  const outcomes = await Promise.all(endings.map(async (ending) => {
    const bus = new EventBus();
    const call = recordCall("test", { bus }, { name: "ask" })!;
    call.recorder.open("model", "m", { name: "gpt", onClose: call.end });
    call.recorder.close("m", ending);
    return (await bus.waitFor("run.completed")).data.outcome;
  }));
  assertEquals(outcomes, ["ok", "error", "cancelled"]);
});

test("the run of a call that waits goes on with the call that brings the answer", async () => {
  const bus = new EventBus();
  const first = recordCall("test", { bus, content: true }, { name: "cook", input: () => "hi" })!;
  first.recorder.open("agent", "a", { name: "cook", onClose: first.end });
  first.recorder.interrupt("a", { id: "q1", question: "Pay?" });
  first.recorder.close("a", { waits: true });
  const { data } = await bus.waitFor("run.completed");
  assertEquals(data.outcome, "waiting");
  const second = recordCall("test", { bus }, { name: "cook", answers: ["q1"] })!;
  second.recorder.open("agent", "b", { name: "cook", answers: ["q1"], onClose: second.end });
  second.recorder.close("b");
  await bus.waitFor("run.completed");
  assertEquals(bus.runs().length, 1);
  assertEquals(checkRun(bus).events[0]!.data.input_preview, "hi");
});

test("a call in the background of a run that is over gets a run of its own", async () => {
  const bus = new EventBus();
  const over = Promise.withResolvers<void>();
  let background!: Promise<unknown>;
  await withRun({ runId: "r", bus }, () => {
    background = over.promise.then(() => {
      const call = recordCall("test", { bus }, { name: "late" })!;
      call.recorder.open("agent", "a", { name: "late", onClose: call.end });
      call.recorder.close("a");
    });
  });
  over.resolve();
  await background;
  await bus.waitFor("run.completed");
  assertEquals(bus.runs().length, 2);
  const late = bus.runs().find(({ run_id }) => run_id !== "r")!;
  assertEquals(checkRun(bus, late.run_id).outline, ["run run", "agent late"]);
});

test("of calls whose reader left, the oldest of more than a thousand ends", async () => {
  const bus = new EventBus({ maxRunsRetained: 2_000 });
  for (let n = 0; n <= 1_000; n++) {
    const { recorder, end } = recordCall("test", { bus }, { name: `call ${n}` })!;
    recorder.open("agent", `a${n}`, { name: "cook", onClose: end });
  }
  const { run_id } = await bus.waitFor("run.completed");
  const { events, of } = checkRun(bus, run_id);
  assertEquals(events[0]!.data.name, "call 0");
  assertEquals(of("agent.terminate")[0]!.error, "AbortError: its reader left");
});

test('a call outside of any run is not recorded with runs: "ambient"', async () => {
  const bus = new EventBus();
  assertEquals(recordCall("test", { bus, runs: "ambient" }, { name: "cook" }), undefined);
  await withRun({ bus }, () => {
    emit("test.x", {});
    assert(recordCall("test", { runs: "ambient" }, { name: "cook" }) !== undefined);
  });
});

test("whatever a host says in whatever order, the events hold the contract", async () => {
  const KINDS: SpanKind[] = ["agent", "model", "tool", "node", "graph", "retrieval", "work"];
  const key = fc.integer({ min: 0, max: 4 }).map(String);
  const ending = fc.record<SpanEnding>({
    error: fc.constantFrom(undefined, new Error("x"), new DOMException("x", "AbortError")),
    cancelled: fc.boolean(),
    waits: fc.boolean(),
    text: fc.constantFrom(undefined, "text"),
  });
  const step = fc.oneof(
    fc.tuple(fc.constant("open" as const), fc.constantFrom(...KINDS), key, fc.option(key)),
    fc.tuple(fc.constant("delta" as const), key),
    fc.tuple(fc.constant("close" as const), key, ending),
    fc.tuple(fc.constant("ask" as const), key),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      await tell((recorder) => {
        for (const at of steps) {
          if (at[0] === "open") {
            const [, kind, key, parent] = at;
            recorder.open(kind, key, { name: kind, parent: parent ?? undefined, answers: ["q"] });
          } else if (at[0] === "delta") recorder.delta(at[1], "text");
          else if (at[0] === "ask") recorder.interrupt(at[1], { id: "q", question: "?" });
          else {
            // Whoever waits has asked.
            if (at[2].waits) recorder.interrupt(at[1], { id: "q", question: "?" });
            recorder.close(at[1], at[2]);
          }
        }
      });
    }),
    { numRuns: 200 },
  );
});

test("what is long is cut where it is told, and no list is longer than 200", async () => {
  const long = "long ".repeat(100_000);
  const names = Array.from({ length: 5_000 }, (_, n) => `name${n}`);
  const { events } = await tell((recorder) => {
    recorder.open("agent", "a", { name: long, attributes: { tools: names, hint: long } });
    recorder.open("model", "m", { name: "gpt", parent: "a" });
    recorder.close("m", { text: long });
    const args = Object.fromEntries(names.map((name) => [name, long]));
    recorder.open("tool", "t", { name: long, parent: "a", args });
    recorder.close("t", { output: { long } });
    recorder.interrupt("a", { id: "q", question: long, options: names });
    recorder.close("a", { text: long, error: new Error(long) });
  });
  for (const { event_type, data } of events) {
    const { length } = JSON.stringify(data);
    assert(length < 5_000, `${event_type} has ${length} characters`);
  }
});

test("a call whose beginning or end cannot be told is over all the same", async (t) => {
  t.mock.method(console, "error", () => {});
  const broken = {
    toString() {
      throw new Error("no");
    },
  };
  for (const [name, text] of [[broken, "Done."], ["cook", broken]]) {
    const bus = new EventBus();
    const { recorder, end } = recordCall("test", { bus }, { name: "cook" })!;
    recorder.open("agent", "a", { name: name as string, onClose: end });
    recorder.close("a", { text: text as string });
    await until("the run ends", () => bus.history("run.completed").length === 1);
    assert(recorder.odd.failed > 0);
  }
});
