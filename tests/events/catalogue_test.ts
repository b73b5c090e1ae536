import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { type EventCatalogue, eventCatalogue, type EventType } from "../../src/events/mod.ts";
import { isControlEventType, isEventType } from "../../src/events/mod.ts";
import { eventJsonSchemas, eventSchemas } from "../../src/events/schemas.ts";
import {
  controlEvents,
  coordinationEvents,
  expectedCatalogue,
  extrasOf,
  lifeEvents,
  ownEvents,
  runEvents,
  spanEvents,
  spanPairs,
} from "./expected_catalogue.ts";

const eventTypes = Object.keys(eventCatalogue) as EventType[];

test("eventCatalogue has exactly the 68 events of a run, in order", () => {
  const found = eventTypes.filter((type) =>
    type.includes(".") && !/^(bus|run|span)\./.test(type) && !(type in ownEvents)
  );
  assertEquals(found.length, 68);
  assertEquals<string[]>(found, Object.keys(runEvents));
});

test("eventCatalogue has exactly the 25 events between streams, in order", () => {
  const found = eventTypes.filter((type) => !type.includes("."));
  assertEquals(found.length, 25);
  assertEquals<string[]>(found, Object.keys(coordinationEvents));
});

test("eventCatalogue has exactly the events of the run itself", () => {
  const found = eventTypes.filter((type) => type.startsWith("run."));
  assertEquals<string[]>(found, Object.keys(lifeEvents));
});

test("eventCatalogue has exactly the events of spans", () => {
  const found = eventTypes.filter((type) => type.startsWith("span."));
  assertEquals<string[]>(found, Object.keys(spanEvents));
});

test("eventCatalogue has exactly the control events of the bus", () => {
  const found = eventTypes.filter((type) => type.startsWith("bus."));
  assertEquals<string[]>(found, Object.keys(controlEvents));
});

/** The keys that a payload always has. */
type Required<T> = {
  [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K;
}[keyof T];

test("EventCatalogue has exactly the expected keys in every payload", () => {
  type Expected = typeof expectedCatalogue;
  expectedCatalogue satisfies EventCatalogue;
  // A payload with keys of the publisher's choice has none to compare.
  type Difference = {
    [K in EventType]: string extends keyof EventCatalogue[K] ? never
      :
        | Exclude<Required<EventCatalogue[K]>, keyof Expected[K]>
        | Exclude<keyof Expected[K], Required<EventCatalogue[K]>>;
  }[EventType];
  const difference: [Difference] extends [never] ? "none" : Difference = "none";
  assertEquals(difference, "none");
});

test("eventSchemas has exactly the extras that a component may add", () => {
  const schemas = eventJsonSchemas() as Record<
    string,
    { properties: Record<string, unknown>; required?: string[] }
  >;
  for (const eventType of eventTypes.filter((type) => !(type in coordinationEvents))) {
    const { properties, required = [] } = schemas[eventType]!;
    const extras = Object.keys(properties).filter((key) => !required.includes(key));
    assertEquals(extras.sort(), Object.keys(extrasOf(eventType)).sort(), eventType);
    const data = { ...expectedCatalogue[eventType], ...extrasOf(eventType) };
    assertEquals<unknown>(eventSchemas[eventType].parse(data), data);
  }
});

test("eventCatalogue pairs the events that open and close a span", () => {
  for (const [opens, closes] of spanPairs) {
    assertEquals<string | undefined>(eventCatalogue[closes].pairs_with, opens);
  }
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
    // What fails closes too, but what opens it names the usual end.
    if (eventType === "router.runnable.failed") continue;
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
    // They are about a span, and open and close none.
    .filter((type): boolean => type !== "span.linked" && type !== "span.content");
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
