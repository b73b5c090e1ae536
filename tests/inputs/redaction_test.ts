import { EventBus } from "@locus/core";
import { createRedactor, redactingBus, redactSecrets } from "@locus/core/redaction";
import { mistakes, noBuses, noOptions, PROMISE, wrong } from "./_mistakes.ts";

noOptions("createRedactor()", (o) => createRedactor(o));
mistakes("createRedactor()", [
  ["one key", () => createRedactor({ keys: wrong("password") }), '"keys" must be a list of names'],
  ["an empty key", () => createRedactor({ keys: [""] }), '"keys" must be'],
  ["one pattern", () => createRedactor({ patterns: wrong(/a/) }), '"patterns" must be a list'],
  ["texts", () => createRedactor({ patterns: [wrong("a")] }), '"patterns" must be a list'],
  ["a text", () => createRedactor({ replace: wrong("***") }), '"replace" must be a function'],
]);
noBuses("redactingBus()", (bus) => redactingBus(bus), "expected an event bus, got ");
mistakes("redactingBus()", [
  ["options", () => redactingBus(new EventBus(), wrong({ keys: [] })), "expected a redactor"],
  ["a function", () => redactingBus(new EventBus(), wrong(redactSecrets)), "expected a redactor"],
  ["null", () => redactingBus(new EventBus(), wrong(null)), "expected a redactor, got null"],
]);
mistakes("redactSecrets()", [
  ["nothing", () => redactSecrets(wrong(undefined)), "expected a string, got undefined"],
  ["null", () => redactSecrets(wrong(null)), "expected a string, got null"],
  ["an object", () => redactSecrets(wrong({ password: "x" })), "expected a string, got an object"],
  ["a number", () => redactSecrets(wrong(5)), "expected a string, got 5"],
  ["an error", () => redactSecrets(wrong(new Error("x"))), "expected a string, got an Error"],
  ["a promise", () => redactSecrets(wrong(Promise.resolve("x"))), PROMISE],
]);
