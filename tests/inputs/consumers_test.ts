import { EventBus } from "@locus/core";
import {
  BufferingHandler,
  CompositeHandler,
  ConsoleHandler,
  consoleLines,
  FilteringHandler,
  handleStream,
  jsonLines,
  levelOf,
  MinimalConsoleHandler,
  SseHandler,
} from "@locus/core/consumers";
import { mistakes, noBuses, noOptions, PROMISE, wrong } from "./_mistakes.ts";

const bus = new EventBus();
const fn = () => {};
const handler = new BufferingHandler();

noBuses("jsonLines()", (bus) => jsonLines(bus, fn), "expected an event bus, got ");
noBuses("consoleLines()", (bus) => consoleLines(bus), "expected an event bus, got ");
noOptions("jsonLines()", (o) => jsonLines(bus, fn, o));
noOptions("consoleLines()", (o) => consoleLines(bus, o));

for (
  const [owner, call] of [
    ["jsonLines()", (o: never) => jsonLines(bus, fn, o)],
    ["consoleLines()", (o: never) => consoleLines(bus, o)],
  ] as const
) {
  mistakes(owner, [
    ["a signal", () => call(wrong(AbortSignal.abort())), "did you mean { signal }?"],
    ["a bad run", () => call(wrong({ run: "" })), "run_id must be"],
    ["null as run", () => call(wrong({ run: null })), "run_id must be"],
    ["a wrong pattern", () => call(wrong({ select: "agent*" })), '"select" must be'],
    ["no function", () => call(wrong({ onError: 5 })), '"onError" must be a function'],
    ["a controller", () => call(wrong({ signal: new AbortController() })), "its .signal?"],
  ]);
}

mistakes("jsonLines()", [
  ["no sink", () => jsonLines(bus, wrong(undefined)), "expected a function, a WritableStream"],
  ["a path", () => jsonLines(bus, wrong("events.jsonl")), 'got "events.jsonl"'],
  ["a promise", () => jsonLines(bus, wrong(Promise.resolve())), PROMISE],
  ["null", () => jsonLines(bus, wrong(null)), "got null"],
  ["options", () => jsonLines(bus, wrong({ run: "r1" })), "got an object"],
  ["a bus", () => jsonLines(bus, wrong(bus)), "got an event bus"],
]);

mistakes("consoleLines()", [
  ["a wrong level", () => consoleLines(bus, { level: wrong("INFO") }), '"level" must be one of'],
  ["a number", () => consoleLines(bus, { level: wrong(3) }), '"level" must be one of'],
  ["no function", () => consoleLines(bus, { write: wrong("x") }), '"write" must be a function'],
]);

const events = async function* () {};
mistakes("handleStream()", [
  ["nothing", () => handleStream(wrong(undefined), handler), "expected a stream of events"],
  ["a bus", () => handleStream(wrong(bus), handler), "got an event bus"],
  ["a function", () => handleStream(wrong(events), handler), "got a function"],
  ["a promise", () => handleStream(wrong(Promise.resolve()), handler), PROMISE],
  ["a text", () => handleStream(wrong("run"), handler), 'got "run"'],
  ["no handler", () => handleStream(events(), wrong(undefined)), "expected a handler"],
  ["a function as handler", () => handleStream(events(), wrong(fn)), "expected a handler"],
  ["the class", () => handleStream(events(), wrong(BufferingHandler)), "got a class"],
  ["half a handler", () => handleStream(events(), wrong({ onEvent: fn })), "expected a handler"],
]);
noOptions("handleStream()", (o) => handleStream(events(), handler, o));

noOptions("BufferingHandler", (o) => new BufferingHandler(o));
noOptions("MinimalConsoleHandler", (o) => new MinimalConsoleHandler(o));
noOptions("ConsoleHandler", (o) => new ConsoleHandler(o));
noOptions("SseHandler", (o) => new SseHandler(o));
noOptions("FilteringHandler", (o) => new FilteringHandler(handler, o));
mistakes("FilteringHandler", [
  ["nothing", () => new FilteringHandler(wrong(undefined)), "expected a handler"],
  ["a function", () => new FilteringHandler(wrong(fn)), "got a function"],
  ["options first", () => new FilteringHandler(wrong({ eventTypes: [] })), "expected a handler"],
  ["one type", () => new FilteringHandler(handler, { eventTypes: wrong("think") }), '"eventTypes"'],
  ["no function", () => new FilteringHandler(handler, { filter: wrong("x") }), '"filter" must be'],
]);
mistakes("CompositeHandler", [
  ["nothing", () => new CompositeHandler(wrong(undefined)), "expected a handler"],
  ["a list", () => new CompositeHandler(wrong([handler])), "expected a handler"],
  ["functions", () => new CompositeHandler(wrong(fn)), "got a function"],
]);
mistakes("BufferingHandler", [
  ["zero", () => new BufferingHandler({ maxEvents: 0 }), '"maxEvents" must be'],
  ["a text", () => new BufferingHandler({ maxEvents: wrong("5") }), 'got "5"'],
]);
mistakes("levelOf()", [
  ["nothing", () => levelOf(wrong(undefined)), "expected an event, got undefined"],
  ["a name", () => levelOf(wrong("agent.think")), 'expected an event, got "agent.think"'],
]);
