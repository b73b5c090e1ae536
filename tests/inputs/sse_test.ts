import { EventBus } from "@locus/core";
import {
  decodeFrames,
  encodeEvent,
  encodeFrame,
  eventStreamResponse,
  fromSse,
} from "@locus/core/sse";
import { mistakes, noOptions, PROMISE, wrong } from "./_mistakes.ts";

const bus = new EventBus();

mistakes("eventStreamResponse()", [
  [
    "a bus",
    () => eventStreamResponse(wrong(bus)),
    "expected a subscription, got an event bus; did you mean bus.subscribe(runId)?",
  ],
  [
    "nothing",
    () => eventStreamResponse(wrong(undefined)),
    "expected a subscription, got undefined",
  ],
  ["null", () => eventStreamResponse(wrong(null)), "expected a subscription, got null"],
  ["a run id", () => eventStreamResponse(wrong("r1")), 'expected a subscription, got "r1"'],
  ["options", () => eventStreamResponse(wrong({ bus })), "expected a subscription, got an object"],
  ["a list", () => eventStreamResponse(wrong([])), "expected a subscription, got an array"],
  ["a promise", () => eventStreamResponse(wrong(Promise.resolve())), PROMISE],
  ["any stream", () => eventStreamResponse(wrong(new ReadableStream())), "got a ReadableStream"],
  ["a function", () => eventStreamResponse(wrong(() => {})), "got a function"],
  [
    "a generator",
    () => eventStreamResponse(wrong((async function* () {})())),
    "got an AsyncGenerator",
  ],
]);

noOptions("eventStreamResponse()", (o) => eventStreamResponse(bus.subscribe("r1"), o));
mistakes("eventStreamResponse()", [
  [
    "a request's signal",
    () => eventStreamResponse(bus.subscribe("r1"), wrong(AbortSignal.abort())),
    "did you mean { signal }?",
  ],
  ["no time", () => eventStreamResponse(bus.subscribe("r1"), { heartbeatMs: 0 }), '"heartbeatMs"'],
  ["seconds", () => eventStreamResponse(bus.subscribe("r1"), { heartbeatMs: 5 }), "got 5"],
  [
    "text",
    () => eventStreamResponse(bus.subscribe("r1"), { maxLifetimeMs: wrong("1") }),
    'got "1"',
  ],
  ["NaN", () => eventStreamResponse(bus.subscribe("r1"), { writeTimeoutMs: NaN }), "got NaN"],
]);

noOptions("fromSse()", (o) => fromSse(o));
noOptions("decodeFrames()", (o) => decodeFrames(o));
mistakes("decodeFrames()", [
  ["no function", () => decodeFrames({ onId: wrong("x") }), '"onId" must be a function'],
  ["zero", () => decodeFrames({ maxBlockLength: 0 }), '"maxBlockLength" must be'],
]);

mistakes("Cannot encode an event", [
  ["nothing", () => encodeFrame(wrong(undefined)), "expected a frame, got undefined"],
  ["null", () => encodeFrame(wrong(null)), "expected a frame, got null"],
  ["a text", () => encodeFrame(wrong("data")), 'expected a frame, got "data"'],
  ["a line end in an id", () => encodeFrame({ id: "a\nb" }), '"id"'],
  ["a number as id", () => encodeFrame({ id: wrong(5) }), '"id"'],
  ["a number as event", () => encodeFrame({ event: wrong(5) }), '"event"'],
  ["an object as data", () => encodeFrame({ data: wrong({}) }), '"data" must be a string'],
  ["a number as comment", () => encodeFrame({ comment: wrong(5) }), '"comment" must be a string'],
  ["a fraction as retry", () => encodeFrame({ retry: 1.5 }), '"retry"'],
  ["a negative retry", () => encodeFrame({ retry: -1 }), '"retry"'],
]);

mistakes("Cannot encode an event", [
  ["nothing", () => encodeEvent(wrong(undefined)), "expected an event, got undefined"],
  ["null", () => encodeEvent(wrong(null)), "expected an event, got null"],
  ["a text", () => encodeEvent(wrong("agent.think")), 'expected an event, got "agent.think"'],
  ["no ids", () => encodeEvent(wrong({})), '"event_id"'],
  ["a draft", () => encodeEvent(wrong({ run_id: "r", event_type: "a.b", data: {} })), '"event_id"'],
  ["a promise", () => encodeEvent(wrong(Promise.resolve())), '"event_id"'],
]);
