import { test } from "node:test";
import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "../harness/support/property.ts";
import {
  formatEventId,
  isControlEventType,
  isEventType,
  isRunId,
  parseEventId,
} from "../../src/events/mod.ts";

const NOT_STRINGS = [undefined, null, 0, 1n, true, {}, ["run"], Symbol("run"), () => "run"];

// Every code unit: control characters, lone surrogates, separators, whatever a stranger may send.
const hostile = fc.string({ unit: "binary", maxLength: 200 });
const runId = fc.stringMatching(/^[A-Za-z0-9_.:@~+=-]{1,128}$/).filter(isRunId);
const epoch = fc.stringMatching(/^[A-Za-z0-9]{1,32}$/);
const seq = fc.maxSafeNat();

test("isRunId() accepts letters, digits and marks that need no escaping", () => {
  for (const id of ["r", "order-42", "a.b:c@d~e+f=g_h", "...", ".hidden", "0".repeat(128)]) {
    assert(isRunId(id), id);
  }
});

test("isRunId() refuses what is empty, too long or not a string", () => {
  for (const id of ["", "r".repeat(129), ...NOT_STRINGS]) assertFalse(isRunId(id), String(id));
});

test("isRunId() refuses what a URL, a header or a log would read as something else", () => {
  for (
    const id of [".", "..", "a/b", "a b", "a\n", "\na", "a\0", "a%2fb", "a?b", "a#b", "é", "*"]
  ) {
    assertFalse(isRunId(id), JSON.stringify(id));
  }
});

test("isRunId() accepts only ids that keep their place in the path of a URL", () => {
  const dots = fc.constantFrom(".", "..", "...", "%2e", "%2E%2e", ".%2e");
  fc.assert(fc.property(fc.oneof(hostile, dots, runId), (id) => {
    if (!isRunId(id)) return;
    assertEquals(new URL(`http://host/runs/${id}/events`).pathname, `/runs/${id}/events`);
  }));
});

test("isEventType() accepts names of the catalogue and names of one's own", () => {
  for (
    const type of ["agent.think", "custom", "shop.order:paid-1", "opened", "bus", "e".repeat(64)]
  ) {
    assert(isEventType(type), type);
  }
});

test("isEventType() refuses names that a reader could mistake for something else", () => {
  for (const type of ["open", "error", "bus.", "bus.gap", "bus.end", "bus.anything"]) {
    assertFalse(isEventType(type), type);
  }
});

test("isEventType() refuses what is empty, too long, not a string or breaks a line", () => {
  const bad = ["", "e".repeat(65), "a b", "a\n", "a\r", "a\u2028", "a\0", "é", ...NOT_STRINGS];
  for (const type of bad) assertFalse(isEventType(type), String(type));
});

test("isEventType() and isControlEventType() never accept the same name", () => {
  const names = fc.oneof(hostile, fc.stringMatching(/^(bus|agent)\.?[a-z.]{0,10}$/));
  fc.assert(fc.property(names, (name) => {
    assertFalse(isEventType(name) && isControlEventType(name));
  }));
});

test("isControlEventType() accepts names under bus. alone, known or not", () => {
  for (const type of ["bus.gap", "bus.of-tomorrow"]) assert(isControlEventType(type), type);
  for (const type of ["bus", "busy.day", "agent.think", "bus.\n", "Bus.gap", ...NOT_STRINGS]) {
    assertFalse(isControlEventType(type), String(type));
  }
});

test("parseEventId() reads what formatEventId() wrote", () => {
  fc.assert(fc.property(epoch, seq, (epoch, seq) => {
    assertEquals(parseEventId(formatEventId(epoch, seq)), { epoch, seq });
  }));
});

test("parseEventId() gives an id only one spelling", () => {
  const nearly = fc.stringMatching(/^[A-Za-z0-9-]{0,34}-[0-9.+e]{0,18}$/);
  fc.assert(fc.property(fc.oneof(hostile, nearly), (text) => {
    const cursor = parseEventId(text);
    if (cursor !== null) assertEquals(formatEventId(cursor.epoch, cursor.seq), text);
  }));
});

test("parseEventId() reads the largest epoch and sequence", () => {
  const id = `${"z".repeat(32)}-${Number.MAX_SAFE_INTEGER}`;
  assertEquals(parseEventId(id), { epoch: "z".repeat(32), seq: Number.MAX_SAFE_INTEGER });
});

test("parseEventId() is null for anything that is no event id", () => {
  const bad = [
    "",
    "-",
    "k3v9",
    "k3v9-",
    "-1",
    "k3v9-01",
    "k3v9--1",
    "k3v9-1.5",
    "k3v9-1e3",
    "k3v9-1\n",
    " k3v9-1",
    "k3v9:1",
    "k-3-1",
    "k3v9-9007199254740992",
    "k3v9-99999999999999999999",
    `${"z".repeat(33)}-1`,
    "é-1",
    "k3v9-١",
    "a".repeat(10_000_000),
    `a-${"1".repeat(10_000_000)}`,
  ];
  for (const id of bad) assertEquals(parseEventId(id), null, id.slice(0, 40));
});
