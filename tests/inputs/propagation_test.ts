import { EventBus } from "@locus/core";
import { readRunHeaders, runContextFrom, runHeaders, traceOf } from "@locus/core/propagation";
import { mistakes, noBuses, noOptions, PROMISE, wrong } from "./_mistakes.ts";

const fn = () => {};

noOptions("runHeaders()", (o) => runHeaders(o));
mistakes("runHeaders()", [
  ["an id", () => runHeaders({ run: wrong("r1") }), '"run" must be a run handle, got "r1"'],
  ["null", () => runHeaders({ run: wrong(null) }), '"run" must be a run handle, got null'],
  ["a bus", () => runHeaders({ run: wrong(new EventBus()) }), "got an event bus"],
]);
noBuses(
  "runContextFrom()",
  (bus) => runContextFrom({}, { bus }, fn),
  '"bus" must be an event bus, got ',
);
mistakes("runContextFrom()", [
  ["nothing", () => runContextFrom(wrong(undefined), fn), "headers must be"],
  ["a text", () => runContextFrom(wrong("locus-run: r1"), fn), "headers must be"],
  [
    "a request",
    () => runContextFrom(wrong(new Request("http://a/")), fn),
    "did you mean its .headers?",
  ],
  ["a promise", () => runContextFrom(wrong(Promise.resolve({})), fn), PROMISE],
  ["no function", () => runContextFrom({}, wrong(undefined)), "options must be an object"],
  ["options alone", () => runContextFrom({}, {}, wrong(undefined)), "expected a function"],
  ["true", () => runContextFrom({}, { accept: wrong(true) }, fn), '"accept" must be a function'],
]);
mistakes("readRunHeaders()", [
  ["nothing", () => readRunHeaders(wrong(undefined)), "headers must be"],
  ["null", () => readRunHeaders(wrong(null)), "headers must be"],
  ["a text", () => readRunHeaders(wrong("r1")), "headers must be"],
  ["a response", () => readRunHeaders(wrong(new Response())), "did you mean its .headers?"],
  ["a function", () => readRunHeaders(wrong(fn)), "headers must be"],
]);
mistakes("traceOf()", [
  ["nothing", () => traceOf(wrong(undefined)), "run_id must be"],
  ["an empty id", () => traceOf(""), "run_id must be"],
  ["a run", () => traceOf(wrong({ id: "r1" })), "run_id must be"],
  ["a number as span", () => traceOf("r1", wrong(5)), '"spanId" must be a string or null, got 5'],
]);
