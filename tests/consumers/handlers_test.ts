import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BufferingHandler,
  CompositeHandler,
  FilteringHandler,
  handleStream,
  type StreamedEvent,
  type StreamHandler,
} from "../../src/consumers/mod.ts";
import { until } from "../harness/support/until.ts";
import { agentOf } from "../agent/_support.ts";

const event = (event_type: string): StreamedEvent => ({
  event_type,
  timestamp: "2026-01-31T12:00:00.000Z",
});

async function* streamOf(...types: string[]): AsyncGenerator<StreamedEvent> {
  for (const type of types) yield event(type);
}

const types = ({ events }: BufferingHandler) => events.map(({ event_type }) => event_type);

test("handleStream() hands on what an agent yields, then the end", async () => {
  const { agent } = agentOf([["hi"]]);
  const seen = new BufferingHandler();
  await handleStream(agent.run("go"), seen);
  assertEquals(types(seen).at(-1), "terminate");
  assertEquals([seen.isComplete, seen.errors], [true, []]);
});

test("handleStream() tells the handler of an error, and throws it", async () => {
  const failing = async function* () {
    yield event("think");
    throw new Error("no model");
  };
  const seen = new BufferingHandler();
  await assertRejects(() => handleStream(failing(), seen), Error, "no model");
  assertEquals(types(seen), ["think"]);
  assertEquals([seen.isComplete, seen.errors.map(String)], [false, ["Error: no model"]]);
});

test("handleStream() tells what a handler rejects with, also to who rejects in turn", async () => {
  const told: string[] = [];
  const reject = async (what: string) => await Promise.reject(new Error(what));
  const handler: StreamHandler = {
    onEvent: ({ event_type }: StreamedEvent) => reject(event_type),
    onError: () => {},
    onComplete: () => reject("complete"),
  };
  const onHandlerError = ({ message }: Error) => {
    told.push(message);
    return reject("again");
  };
  await handleStream(streamOf("a", "b"), handler, { onHandlerError });
  await until("all are told", () => told.length === 3);
  assertEquals(told, ["a", "b", "complete"]);
});

test("handleStream() goes on when the handler throws", async () => {
  const told: string[] = [];
  let completed = false;
  const handler: StreamHandler = {
    onEvent({ event_type }) {
      throw new Error(event_type);
    },
    onComplete() {
      completed = true;
    },
    onError() {},
  };
  await handleStream(streamOf("a", "b"), handler, {
    onHandlerError: (error) => told.push(error.message),
  });
  assertEquals([told, completed], [["a", "b"], true]);
});

test("BufferingHandler keeps the latest events, and counts those that had to go", async () => {
  const buffer = new BufferingHandler({ maxEvents: 2 });
  await handleStream(streamOf("a", "b", "c"), buffer);
  assertEquals([types(buffer), buffer.dropped, buffer.isComplete], [["b", "c"], 1, true]);
  buffer.clear();
  assertEquals([types(buffer), buffer.dropped, buffer.isComplete], [[], 0, false]);
  assertThrows(() => new BufferingHandler({ maxEvents: 0 }), RangeError, '"maxEvents"');
});

test("FilteringHandler hands on what is wanted; excluding wins", async () => {
  const only = async (options: ConstructorParameters<typeof FilteringHandler>[1]) => {
    const buffer = new BufferingHandler();
    await handleStream(streamOf("a", "b", "c"), new FilteringHandler(buffer, options));
    assertEquals(buffer.isComplete, true);
    return types(buffer);
  };
  assertEquals(await only({}), ["a", "b", "c"]);
  assertEquals(await only({ eventTypes: ["a", "b"] }), ["a", "b"]);
  assertEquals(await only({ eventTypes: ["a", "b"], excludeTypes: ["b"] }), ["a"]);
  assertEquals(await only({ filter: ({ event_type }) => event_type !== "a" }), ["b", "c"]);
});

test("FilteringHandler hands on errors always", () => {
  const buffer = new BufferingHandler();
  new FilteringHandler(buffer, { eventTypes: [] }).onError(new Error("no"));
  assertEquals(buffer.errors.length, 1);
});

test("CompositeHandler asks all its handlers, also after one that throws", () => {
  const { error } = console;
  console.error = () => {};
  try {
    const [first, last] = [new BufferingHandler(), new BufferingHandler()];
    const fail = () => {
      throw new Error("no");
    };
    const broken: StreamHandler = { onEvent: fail, onComplete: fail, onError: fail };
    const all = new CompositeHandler(first, broken, last);
    all.onEvent(event("a"));
    all.onError(new Error("x"));
    all.onComplete();
    for (const buffer of [first, last]) {
      assertEquals([types(buffer), buffer.errors.length, buffer.isComplete], [["a"], 1, true]);
    }
  } finally {
    console.error = error;
  }
});
