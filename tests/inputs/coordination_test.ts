import { EventBus } from "@locus/core";
import { CoordinationBus } from "@locus/core/coordination";
import { mistakes, noOptions, wrong } from "./_mistakes.ts";

const bus = new CoordinationBus();
const handler = () => {};

noOptions("CoordinationBus", (o) => new CoordinationBus(o));
noOptions("CoordinationBus.subscribe()", (o) => bus.subscribe(o));
noOptions("CoordinationBus.waitFor()", (o) => bus.waitFor(o));
noOptions("CoordinationBus.getHistory()", (o) => bus.getHistory(o));
mistakes("CoordinationBus", [
  ["zero", () => new CoordinationBus({ maxSubscriptions: 0 }), '"maxSubscriptions" must be'],
  ["a text as mirror", () => new CoordinationBus({ mirror: wrong("r1") }), '"mirror" must be'],
  ["no function", () => new CoordinationBus({ onError: wrong(1) }), '"onError" must be a function'],
]);
mistakes("CoordinationBus.subscribe()", [
  ["nothing", () => bus.subscribe(wrong(undefined)), "options must be an object, got undefined"],
  ["a handler", () => bus.subscribe(wrong(handler)), "options must be an object, got a function"],
  ["no handler", () => bus.subscribe(wrong({})), '"handler" must be a function, got undefined'],
  ["one type", () => bus.subscribe({ types: wrong("custom"), handler }), "types"],
  ["a wrong case", () => bus.subscribe({ types: [wrong("Custom")], handler }), 'got "Custom"'],
  ["a wrong type", () => bus.subscribe({ types: [wrong("agent.think")], handler }), "agent.think"],
]);
mistakes("CoordinationBus.waitFor()", [
  ["nothing", () => bus.waitFor(wrong(undefined)), "options must be an object, got undefined"],
  ["a name", () => bus.waitFor(wrong("custom")), 'options must be an object, got "custom"'],
  ["no type", () => bus.waitFor(wrong({})), "an event type must be"],
  ["a typo", () => bus.waitFor(wrong({ type: "goal_achievd" })), 'did you mean "goal_achieved"?'],
  ["a negative time", () => bus.waitFor({ type: "custom", timeoutMs: -1 }), '"timeoutMs" must be'],
]);
mistakes("CoordinationBus.stream()", [
  ["nothing", () => bus.stream(wrong(undefined)), "undefined"],
  ["an empty id", () => bus.stream(""), '""'],
  ["a bus", () => bus.stream(wrong(new EventBus())), "an event bus"],
]);
