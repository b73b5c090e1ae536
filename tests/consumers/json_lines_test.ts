import { test } from "node:test";
import { PassThrough, Writable } from "node:stream";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "../harness/support/property.ts";
import { AsyncVariable, type Bus, EventBus } from "@locus/core";
import { jsonLines, type JsonLinesOptions, type LineSink } from "../../src/consumers/mod.ts";
import { createRedactor } from "../../src/redaction/mod.ts";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import { requires } from "../harness/support/requires.ts";
import { until } from "../harness/support/until.ts";

const say = (bus: EventBus, event_type: string, data: object = {}, run_id = "r") =>
  bus.publish({ run_id, event_type, data } as never);

/** The lines of what `work` publishes, parsed. */
async function logged(
  work: (bus: EventBus) => void,
  options: JsonLinesOptions = {},
): Promise<Record<string, unknown>[]> {
  const bus = new EventBus();
  const lines: string[] = [];
  const stop = jsonLines(bus, (line) => void lines.push(line), options);
  work(bus);
  stop();
  await stop.done;
  return lines.map((line) => JSON.parse(line));
}

test("jsonLines() writes one line an event: its level, then the event as it is", async () => {
  const bus = new EventBus();
  const lines: string[] = [];
  const stop = jsonLines(bus, (line) => void lines.push(line));
  say(bus, "shop.paid", { amount: 10 });
  stop();
  await stop.done;
  const [event] = bus.history();
  assertEquals(lines, [JSON.stringify({ level: "info", ...event })]);
});

test("jsonLines() has a level for each event", async () => {
  const lines = await logged((bus) => {
    say(bus, "agent.model.chunk", { content_preview: "x", done: false, has_tool_calls: false });
    say(bus, "agent.think", {});
    say(bus, "agent.guardrail.triggered", {});
    say(bus, "agent.tool.completed", { success: false, error: "Error: no" });
    say(bus, "agent.terminate", { reason: "error" });
    say(bus, "agent.terminate", { reason: "complete" });
    say(bus, "router.runnable.failed", { error: "no" });
    say(bus, "multiagent.graph.node.completed", { status: "failed" });
    say(bus, "router.policy.verdict", { allow: false });
  });
  assertEquals(
    lines.map(({ level }) => level),
    ["debug", "info", "warn", "error", "error", "info", "error", "error", "warn"],
  );
});

test("jsonLines() leaves out what matters less, and heeds a level of the user's", async () => {
  const work = (bus: EventBus) => {
    say(bus, "span.started");
    say(bus, "shop.paid");
    say(bus, "shop.lost");
  };
  const types = async (options: JsonLinesOptions) =>
    (await logged(work, options)).map(({ event_type }) => event_type);
  assertEquals(await types({ level: "info" }), ["shop.paid", "shop.lost"]);
  const levelOf: JsonLinesOptions["levelOf"] = ({ event_type }) =>
    (event_type as string) === "shop.lost" ? "error" : "debug";
  assertEquals(await types({ level: "warn", levelOf }), ["shop.lost"]);
  assertEquals(await types({ select: "span.*" }), ["span.started"]);
});

test("jsonLines() takes secrets out, unless told not to", async () => {
  const work = (bus: EventBus) => say(bus, "shop.paid", { password: "x", iban: "DE02" });
  const data = async (options: JsonLinesOptions) => (await logged(work, options))[0]?.["data"];
  assertEquals(await data({}), { password: "[REDACTED]", iban: "DE02" });
  const redactor = createRedactor({ keys: ["iban"] });
  assertEquals(await data({ redactor }), { password: "[REDACTED]", iban: "[REDACTED]" });
  assertEquals(await data({ redactor: null }), { password: "x", iban: "DE02" });
});

test("jsonLines() adds fields of the user's in front of the event's", async () => {
  const [line] = await logged((bus) => say(bus, "shop.paid"), {
    fields: { service: "shop", run_id: "forged" },
  });
  assertEquals([line?.["service"], line?.["run_id"]], ["shop", "r"]);
});

test("jsonLines() reads one run from its beginning, and ends with it", async () => {
  const bus = new EventBus();
  say(bus, "shop.paid", { n: 1 });
  say(bus, "shop.paid", { n: 2 }, "other");
  const lines: string[] = [];
  const { done } = jsonLines(bus, (line) => void lines.push(line), { run: "r" });
  say(bus, "shop.paid", { n: 3 });
  bus.closeStream("r");
  await done;
  assertEquals(lines.map((line) => JSON.parse(line).data.n), [1, 3]);
});

test("jsonLines() writes one line, whatever is in an event, and loses nothing of it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), fc.string(), async (value, key) => {
      const hostile = `${value}\n\r\u2028\u2029\u0085\u009b\x1b]0;x\x07\u202e`;
      const bus = new EventBus();
      const lines: string[] = [];
      const stop = jsonLines(bus, (line) => void lines.push(line), { redactor: null });
      say(bus, "shop.note", { [`k${key}`]: hostile });
      stop();
      await stop.done;
      const [line, ...more] = lines;
      assertEquals(more, []);
      // deno-lint-ignore no-control-regex
      assertEquals(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e]/.test(line!), false);
      assertEquals(JSON.parse(line!).data, { [`k${key}`]: hostile });
    }),
    { numRuns: 30 },
  );
});

test("jsonLines() waits for a slow sink, keeps nobody else waiting, and says what it missed", async () => {
  const bus = new EventBus({ maxQueueSize: 8 });
  const gate = Promise.withResolvers<void>();
  const lines: string[] = [];
  const stop = jsonLines(bus, async (line) => {
    lines.push(line);
    await gate.promise;
  });
  say(bus, "shop.tick", { n: 0 });
  await until("the sink is busy", () => lines.length === 1);
  for (let n = 1; n <= 100; n++) say(bus, "shop.tick", { n });
  gate.resolve();
  stop();
  await stop.done;
  const parsed = lines.map((line) => JSON.parse(line));
  const gap = parsed.find(({ event_type }) => event_type === "bus.gap");
  assertEquals(gap.level, "warn");
  assertEquals(parsed.length - 1 + gap.data.count, 101);
  assertEquals(parsed.at(-1).data.n, 100);
});

test("jsonLines() goes on when a function throws, and says so", async () => {
  const bus = new EventBus();
  const errors: string[] = [];
  const lines: string[] = [];
  const stop = jsonLines(bus, (line) => {
    if (line.includes("first")) throw new Error("no room");
    lines.push(line);
  }, { onError: (error) => errors.push(error.message) });
  say(bus, "shop.first");
  say(bus, "shop.second");
  stop();
  await stop.done;
  assertEquals([errors, lines.length], [["no room"], 1]);
});

test("jsonLines() writes bytes to a web stream, and leaves it open", async () => {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
  const bus = new EventBus();
  const stop = jsonLines(bus, writable);
  say(bus, "shop.first");
  say(bus, "shop.second");
  const text = new Response(readable).text();
  stop();
  await stop.done;
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode("mine\n"));
  await writer.close();
  const lines = (await text).split("\n");
  assertEquals(lines.length, 4);
  assertEquals(lines.slice(0, 2).map((line) => JSON.parse(line).event_type), [
    "shop.first",
    "shop.second",
  ]);
  assertEquals(lines[2], "mine");
});

test("jsonLines() writes to a stream of Node", async () => {
  const stream = new PassThrough();
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk) => text += chunk);
  const bus = new EventBus();
  const stop = jsonLines(bus, stream);
  say(bus, "shop.first");
  say(bus, "shop.second");
  stop();
  await stop.done;
  assertEquals(text.trimEnd().split("\n").map((line) => JSON.parse(line).event_type), [
    "shop.first",
    "shop.second",
  ]);
  assertEquals([stream.listenerCount("error"), stream.writableEnded], [0, false]);
});

test("jsonLines() gives a stream up that fails, without ending the process", async () => {
  const bus = new EventBus();
  const errors: string[] = [];
  const broken = new Writable({
    write(_chunk, _encoding, done) {
      done(new Error("EPIPE"));
    },
  });
  broken.on("error", () => {});
  const { done } = jsonLines(bus, broken, { onError: (error) => errors.push(error.message) });
  say(bus, "shop.first");
  await done;
  say(bus, "shop.second");
  assertEquals(errors, ["EPIPE"]);
  assertEquals(bus.stats().global_subscribers, 0);
});

test("jsonLines() stops within two seconds, also if its sink never answers", async () => {
  const bus = new EventBus();
  const stop = jsonLines(bus, () => new Promise<void>(() => {}));
  say(bus, "shop.first");
  const clock = installFakeClock();
  try {
    stop();
    await clock.run(stop.done);
    assertEquals(clock.now, 2_000);
  } finally {
    clock.restore();
  }
});

test("jsonLines() stops when its signal is aborted, or when it is disposed of", async () => {
  const bus = new EventBus();
  const controller = new AbortController();
  const bySignal = jsonLines(bus, () => {}, { signal: controller.signal });
  controller.abort();
  await bySignal.done;
  let done: Promise<void>;
  {
    using listening = jsonLines(bus, () => {});
    ({ done } = listening);
  }
  await done;
  assertEquals(bus.stats().global_subscribers, 0);
});

test(
  "jsonLines() calls its sink in the context of whoever switched it on",
  await requires("async-context"),
  async () => {
    const who = new AsyncVariable<string>({ name: "who" });
    const bus = new EventBus();
    const seen: unknown[] = [];
    const stop = who.run("logger", () => jsonLines(bus, () => void seen.push(who.get())));
    who.run("publisher", () => say(bus, "shop.first"));
    stop();
    await stop.done;
    assertEquals(seen, ["logger"]);
  },
);

test("jsonLines() says so when the bus has no room for another reader", async () => {
  const bus = new EventBus({ maxGlobalSubscribers: 1, onError() {} });
  const errors: string[] = [];
  const first = jsonLines(bus, () => {});
  const second = jsonLines(bus, () => {}, { onError: (error) => errors.push(error.message) });
  await second.done;
  first();
  await first.done;
  assertEquals(errors, ["jsonLines(): the bus has too many readers already"]);
});

test("jsonLines() refuses what it cannot use", () => {
  const bus = new EventBus();
  const refuse = (sink: unknown, options: unknown, message: string, on: unknown = bus) =>
    assertThrows(
      () => jsonLines(on as Bus, sink as LineSink, options as JsonLinesOptions),
      TypeError,
      message,
    );
  refuse(1, {}, "expected a function, a WritableStream or a stream of Node, got 1");
  refuse(() => {}, {}, "expected an event bus, got an object", {});
  refuse(() => {}, { redact: true }, 'unknown option "redact"');
  refuse(() => {}, { level: "all" }, '"level" must be one of debug, info, warn, error, got "all"');
  refuse(() => {}, { redactor: {} }, '"redactor" must be a redactor or null');
  refuse(() => {}, { fields: [] }, '"fields" must be an object, got an array');
  refuse(() => {}, { run: "a b" }, "run_id must be");
  refuse(() => {}, { signal: {} }, '"signal" must be an AbortSignal');
  const stream = new WritableStream<Uint8Array<ArrayBuffer>>();
  refuse(stream, { run: "a b" }, "run_id must be");
  assertEquals(stream.locked, false);
});
