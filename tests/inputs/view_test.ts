import { EventBus } from "@locus/core";
import {
  addToSummary,
  closeSummary,
  count,
  createRunSummary,
  formatDuration,
  laneOf,
  RunPicture,
  visitRows,
} from "@locus/core/view";
import { workbenchConfig } from "@locus/core/workbench";
import { mistakes, noOptions, PROMISE, wrong } from "./_mistakes.ts";

noOptions("RunPicture", (o) => new RunPicture("r1", o));
mistakes("RunPicture", [
  ["nothing", () => new RunPicture(wrong(undefined)), '"runId" must be a string'],
  ["options first", () => new RunPicture(wrong({ maxRows: 5 })), '"runId" must be a string'],
  ["a bus", () => new RunPicture(wrong(new EventBus())), "got an event bus"],
  ["zero", () => new RunPicture("r1", { maxRows: 0 }), '"maxRows" must be'],
]);
const picture = new RunPicture("r1");
mistakes("RunPicture.add()", [
  ["nothing", () => picture.add(wrong(undefined)), "expected an event, got undefined"],
  ["null", () => picture.add(wrong(null)), "expected an event, got null"],
  ["a list", () => picture.add(wrong([])), "expected an event, got an array"],
  ["a promise", () => picture.add(wrong(Promise.resolve())), PROMISE],
  ["an event's text", () => picture.add(wrong("{}")), "expected an event"],
  ["no data", () => picture.add(wrong({ event_type: "a.b" })), "expected an event, got an object"],
]);
const summary = createRunSummary("r1");
mistakes("addToSummary()", [
  ["no event", () => addToSummary(summary, wrong(undefined)), "expected an event, got undefined"],
  [
    "swapped",
    () => addToSummary(wrong({ event_type: "a.b", data: {} }), wrong(summary)),
    "expected",
  ],
  [
    "no summary",
    () => addToSummary(wrong(undefined), wrong({ event_type: "a.b", data: {} })),
    "expected a summary",
  ],
]);
mistakes("closeSummary()", [
  ["nothing", () => closeSummary(wrong(undefined), null), "expected a summary, got undefined"],
  ["a picture", () => closeSummary(wrong(picture), null), "expected a summary"],
]);
mistakes("createRunSummary()", [
  ["nothing", () => createRunSummary(wrong(undefined)), "must be a string, got undefined"],
  ["a run", () => createRunSummary(wrong({ id: "r1" })), "must be a string, got an object"],
]);
mistakes("visitRows()", [
  ["nothing", () => visitRows(wrong(undefined), () => {}), "expected rows, got undefined"],
  ["a picture", () => visitRows(wrong(picture), () => {}), "did you mean picture.rows?"],
  ["no function", () => visitRows([], wrong(undefined)), "expected a function, got undefined"],
]);
mistakes("laneOf()", [
  ["nothing", () => laneOf(wrong(undefined)), "expected a row, got undefined"],
  ["an id", () => laneOf(wrong("span")), 'expected a row, got "span"'],
]);
mistakes("formatDuration()", [
  ["nothing", () => formatDuration(wrong(undefined)), "expected a number, got undefined"],
  ["a text", () => formatDuration(wrong("5")), 'expected a number, got "5"'],
]);
mistakes("count()", [
  ["nothing", () => count(wrong(undefined), "event"), "expected a number, got undefined"],
  ["a list", () => count(wrong([]), "event"), "expected a number, got an array"],
]);

mistakes("x()", [
  ["null", () => workbenchConfig("x()", wrong(null), true), "got null"],
  ["a text", () => workbenchConfig("x()", wrong("yes"), true), 'got "yes"'],
  ["a price as text", () => workbenchConfig("x()", wrong({ prices: "1" }), true), "prices"],
  ["negative", () => workbenchConfig("x()", wrong({ prices: { input: -1 } }), true), "prices"],
]);
