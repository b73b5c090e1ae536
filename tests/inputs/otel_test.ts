import { EventBus } from "@locus/core";
import { toOtel } from "@locus/core/bridges/otel";
import { mistakes, noBuses, noOptions, wrong } from "./_mistakes.ts";

const bus = new EventBus();

noBuses("toOtel()", (bus) => toOtel(bus), "expected an event bus, got ");
noOptions("toOtel()", (o) => toOtel(bus, o));
mistakes("toOtel()", [
  [
    "a provider",
    () => toOtel(bus, { tracer: wrong({ getTracer() {} }) }),
    '"tracer" must be a tracer',
  ],
  ["null", () => toOtel(bus, { tracer: wrong(null) }), '"tracer" must be a tracer, got null'],
  ["a text", () => toOtel(bus, { meter: wrong("m") }), '"meter" must be a meter'],
  ["text for true", () => toOtel(bus, { recordContent: wrong("yes") }), "true or false"],
  [
    "a function as redactor",
    () => toOtel(bus, { redactor: wrong(() => "") }),
    '"redactor" must be',
  ],
  ["a record", () => toOtel(bus, { attributes: wrong({}) }), '"attributes" must be a function'],
  ["a context", () => toOtel(bus, { parent: wrong({}) }), '"parent" must be a function'],
  ["zero", () => toOtel(bus, { maxRuns: 0 }), '"maxRuns" must be'],
  ["a wrong pattern", () => toOtel(bus, { select: "agent*" }), '"select" must be'],
]);
