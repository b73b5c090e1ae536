import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { type EventCatalogue, eventCatalogue, type EventType } from "../../src/events/mod.ts";
import { isControlEventType, isEventType } from "../../src/events/mod.ts";
import {
  controlEvents,
  coordinationEvents,
  expectedCatalogue,
  runEvents,
  spanEvents,
} from "./expected_catalogue.ts";

const eventTypes = Object.keys(eventCatalogue) as EventType[];

test("eventCatalogue has exactly the 68 events of a run, in order", () => {
  const found = eventTypes.filter((type) => type.includes(".") && !/^(bus|span)\./.test(type));
  assertEquals(found.length, 68);
  assertEquals<string[]>(found, Object.keys(runEvents));
});

test("eventCatalogue has exactly the 25 events between streams, in order", () => {
  const found = eventTypes.filter((type) => !type.includes("."));
  assertEquals(found.length, 25);
  assertEquals<string[]>(found, Object.keys(coordinationEvents));
});

test("eventCatalogue has exactly the events of spans", () => {
  const found = eventTypes.filter((type) => type.startsWith("span."));
  assertEquals<string[]>(found, Object.keys(spanEvents));
});

test("eventCatalogue has exactly the control events of the bus", () => {
  const found = eventTypes.filter((type) => type.startsWith("bus."));
  assertEquals<string[]>(found, Object.keys(controlEvents));
});

test("EventCatalogue has exactly the expected keys in every payload", () => {
  type Expected = typeof expectedCatalogue;
  expectedCatalogue satisfies EventCatalogue;
  // A payload with keys of the publisher's choice has none to compare.
  type Difference = {
    [K in EventType]: string extends keyof EventCatalogue[K] ? never
      :
        | Exclude<keyof EventCatalogue[K], keyof Expected[K]>
        | Exclude<keyof Expected[K], keyof EventCatalogue[K]>;
  }[EventType];
  const difference: [Difference] extends [never] ? "none" : Difference = "none";
  assertEquals(difference, "none");
});

test("eventCatalogue documents every event in sentences", () => {
  for (const eventType of eventTypes) {
    const { summary, note } = eventCatalogue[eventType];
    assertMatch(summary, /^[A-Z][^\n|]{9,99}\.$/, eventType);
    if (note !== undefined) assertMatch(note, /^[A-Z][^\n|]{9,139}\.$/, eventType);
    assertNotEquals(note, summary, eventType);
  }
});

test("eventCatalogue names pairs from both sides", () => {
  for (const eventType of eventTypes) {
    const { pairs_with: pair } = eventCatalogue[eventType];
    if (pair === undefined) continue;
    assert(Object.hasOwn(eventCatalogue, pair), `${eventType} pairs with unknown ${pair}`);
    assertNotEquals<string>(pair, eventType);
    assertEquals(eventCatalogue[pair as EventType].pairs_with, eventType);
  }
});

test("eventCatalogue closes every event of a run that starts something", () => {
  const started = Object.keys(runEvents).filter((type) => type.endsWith(".started"));
  const closing = started.map((type) => eventCatalogue[type as EventType].pairs_with);
  assertEquals(closing, started.map((type) => type.replace(/started$/, "completed")));
});

test("eventCatalogue pairs events that carry the same span_id", () => {
  const withSpan = eventTypes.filter((type) => "span_id" in expectedCatalogue[type])
    // It says where a span belongs, and opens and closes none.
    .filter((type): boolean => type !== "span.linked");
  assertEquals(withSpan.length, 6);
  for (const eventType of withSpan) {
    const pair = eventCatalogue[eventType].pairs_with as EventType;
    assert(withSpan.includes(pair), eventType);
  }
});

test("eventCatalogue holds names that can be published, and control names that cannot", () => {
  for (const eventType of eventTypes) {
    assertEquals(isEventType(eventType), !eventType.startsWith("bus."), eventType);
    assertEquals(isControlEventType(eventType), eventType.startsWith("bus."), eventType);
  }
});
