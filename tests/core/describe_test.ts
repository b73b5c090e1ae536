import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Agent } from "@locus/core/agent";
import { EventBus } from "@locus/core";
import { describe, summary } from "../../src/core/describe.ts";
import { ScriptedModel } from "../harness/support/scripted_model.ts";

test("describe() says of which kind a value is, and shows nothing of what an object holds", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const cases: [value: unknown, text: string][] = [
    [undefined, "undefined"],
    [null, "null"],
    ["text", '"text"'],
    [NaN, "NaN"],
    [{ secret: 1 }, "an object"],
    [Object.create(null), "an object"],
    [{ constructor: null }, "an object"],
    [proxy, "an object"],
    [[1], "an array"],
    [() => {}, "a function"],
    [EventBus, "a class; is `new` missing?"],
    [Promise.resolve(), "a promise; is `await` missing?"],
    [{ then() {} }, "a promise; is `await` missing?"],
    [new EventBus(), "an event bus"],
    [new Agent({ model: new ScriptedModel() }), "an Agent"],
    [new AbortController().signal, "an AbortSignal"],
    [new Date(), "a Date"],
    [new Map([[1, 2]]), "a Map"],
    [new Error("secret"), "an Error"],
    [
      new (class Options {
        limit = 1;
      })(),
      "an object",
    ],
  ];
  for (const [value, text] of cases) assertEquals(describe(value), text);
});

test("summary() runs no code of the value", () => {
  let reads = 0;
  const watched = new Proxy({}, { get: () => reads++, ownKeys: () => (reads++, []) });
  assertEquals([summary(watched), reads], ["an object", 0]);
});
