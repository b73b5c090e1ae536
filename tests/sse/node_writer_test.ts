import { EventEmitter } from "node:events";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { readSubscription } from "../../src/sse/batch_reader.ts";
import { EventStream } from "../../src/sse/event_stream.ts";
import { everyTogether } from "../../src/sse/heartbeats.ts";
import { NodeWriter } from "../../src/sse/node_writer.ts";
import { checkStreamOptions, type EventStreamOptions } from "../../src/sse/stream_options.ts";
import { WireContent } from "../../src/sse/wire_content.ts";
import { installFakeClock } from "../harness/support/fake_clock.ts";
import { until } from "../harness/support/until.ts";
import { judge } from "../harness/support/event_source.ts";

/** A response of Node that is full whenever it is told to be, on a socket of its own. */
class FakeResponse extends EventEmitter {
  readonly headersSent = true;
  readonly chunkedEncoding = true;
  readonly writableCorked = 0;
  readonly socket = Object.assign(new EventEmitter(), {
    _httpMessage: this,
    write: (data: string | Uint8Array) => this.#take(data),
  });
  destroyed = false;
  writableEnded = false;
  isFull = false;
  readonly written: (string | Uint8Array)[] = [];

  write(): boolean {
    throw new Error("a plain response is written to its socket");
  }

  end(): void {
    this.writableEnded = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }

  /** The events that were sent, without the frames of HTTP. */
  get numbers(): unknown[] {
    const decoder = new TextDecoder();
    const text = this.written.map((data) => {
      const chunk = typeof data === "string" ? data : decoder.decode(data);
      return chunk.slice(chunk.indexOf("\r\n") + 2, -2);
    }).join("");
    const { dispatched } = judge(new TextEncoder().encode(text));
    return dispatched.map(({ event }) => event.data.n ?? event.event_type);
  }

  #take(data: string | Uint8Array): boolean {
    this.written.push(data);
    return !this.isFull;
  }
}

/** A stream of the run `r` that is written to a response of Node from the beginning. */
function serve(bus: EventBus, options: EventStreamOptions = {}): FakeResponse {
  const response = new FakeResponse();
  const subscription = bus.subscribe("r");
  const settings = checkStreamOptions("test", options);
  const content = new WireContent({
    reader: readSubscription(subscription),
    first: null,
    startCursor: subscription.cursor,
    opening: [],
    settings,
  });
  const stream = new EventStream(content, settings);
  response.on("close", stream.close);
  const end = () => response.end();
  stream.open(new NodeWriter(stream, { response, isPlain: true, isReady: true, end }));
  stream.ready();
  return response;
}

function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

/** Until what was published has been written. */
const written = () => Promise.resolve().then(() => {});

test("NodeWriter writes one chunk for what was published together, and the end", async () => {
  const bus = new EventBus();
  const response = serve(bus);
  publish(bus, 1, 2, 3);
  await written();
  assertEquals(response.written.length, 1);
  bus.closeStream("r");
  await written();
  assertEquals(response.numbers, [1, 2, 3, "bus.end"]);
  assertEquals([response.writableEnded, bus.stats().active_runs], [true, 0]);
});

test("NodeWriter writes the same bytes to all but the first, which gets the text", async () => {
  const bus = new EventBus();
  const responses = [1, 2, 3].map(() => serve(bus));
  await until("all are live", () => responses.every(({ written }) => written.length === 1));
  publish(bus, 1, 2);
  await written();
  const [first, second, third] = responses.map((response) => response.written[1]);
  assertEquals(typeof first, "string");
  assertEquals(second === third, true);
  assertEquals(responses.map(({ numbers }) => numbers), [[1, 2], [1, 2], [1, 2]]);
  for (const response of responses) response.destroy();
  assertEquals(bus.stats().active_runs, 0);
});

test("NodeWriter leaves in the log what a full socket does not take, until it has drained", async () => {
  const bus = new EventBus({ maxQueueSize: 10, historyPerRun: 10 });
  const response = serve(bus);
  response.isFull = true;
  publish(bus, 1);
  await written();
  publish(bus, 2, 3);
  await written();
  assertEquals([response.numbers, bus.stats().queue_depths.r], [[1], [2]]);
  response.isFull = false;
  response.socket.emit("drain");
  assertEquals(response.numbers, [1, 2, 3]);
  response.destroy();
});

test("NodeWriter has a client that fell behind told what it missed", async () => {
  const bus = new EventBus({ maxQueueSize: 10, historyPerRun: 10 });
  const response = serve(bus);
  response.isFull = true;
  publish(bus, 1);
  await written();
  publish(bus, ...Array.from({ length: 30 }, (_, index) => index + 2));
  response.isFull = false;
  response.socket.emit("drain");
  assertEquals(response.numbers.slice(0, 3), [1, "bus.gap", 22]);
  response.destroy();
});

test("NodeWriter cuts off a client that leaves what it was sent unread", async () => {
  const bus = new EventBus();
  const clock = installFakeClock();
  try {
    const response = serve(bus, { heartbeatMs: 16, writeTimeoutMs: 50 });
    response.isFull = true;
    publish(bus, 1);
    await written();
    await clock.run(new Promise<void>((resolve) => response.once("close", () => resolve())));
    assertEquals([response.destroyed, bus.stats().active_runs], [true, 0]);
    assertEquals([response.socket.listenerCount("drain"), response.written.length], [0, 1]);
  } finally {
    clock.restore();
  }
});

test("Connections of the same heartbeat share a timer, which ends with the last", async () => {
  const clock = installFakeClock();
  try {
    const beats: number[] = [];
    const [one, two, three] = [1, 2, 3].map((n) => everyTogether(160, () => void beats.push(n)));
    assertEquals(clock.pending, 1);
    await clock.pass(330);
    assertEquals(beats, [1, 2, 3, 1, 2, 3]);
    two!();
    beats.length = 0;
    await clock.pass(180);
    assertEquals(beats, [1, 3]);
    one!();
    three!();
    assertEquals(clock.pending, 0);
  } finally {
    clock.restore();
  }
});
