import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { eventDraftSchema, parseEventDraft } from "@locus/core/schemas";
import { expectedCatalogue } from "./expected_catalogue.ts";

const samples: [string, Record<string, unknown>][] = Object.entries(expectedCatalogue);

function draft(eventType: string, data: unknown): Record<string, unknown> {
  return { run_id: "order-42", event_type: eventType, data };
}

test("parseEventDraft() accepts everything of the catalogue that is not the bus's own", () => {
  for (const [eventType, data] of samples) {
    const value = draft(eventType, data);
    if (eventType.startsWith("bus.")) assertThrows(() => parseEventDraft(value), TypeError);
    else assertStrictEquals<unknown>(parseEventDraft(value), value);
  }
});

test("parseEventDraft() refuses payloads that lack a key", () => {
  for (const [eventType, data] of samples) {
    for (const key of Object.keys(data)) {
      const { [key]: _, ...rest } = data;
      assertThrows(() => parseEventDraft(draft(eventType, rest)), TypeError, undefined, eventType);
    }
  }
});

test("parseEventDraft() lets types pass that it does not know", () => {
  for (const eventType of ["shop.paid", "agent.of_tomorrow", "toString", "__proto__"]) {
    assertEquals<string>(parseEventDraft(draft(eventType, {})).event_type, eventType);
  }
});

test("parseEventDraft() does not care for ids and times, in whatever form", () => {
  const value = {
    ...draft("shop.paid", { n: 1 }),
    event_id: "3f2b8c1e-9d64-4a6e-8f57-0c9d1b7e2a44",
    timestamp: "2026-01-31T12:00:00.123456+00:00",
  };
  assertStrictEquals<unknown>(parseEventDraft(value), value);
});

for (
  const [what, value, message] of [
    ["a run of all", { ...draft("a", {}), run_id: "*" }, '"run_id" must be'],
    ["a run id with a line end", { ...draft("a", {}), run_id: "a\nb" }, '"run_id" must be'],
    ["a type with a line end", draft("a\ndata: x", {}), '"event_type" must be'],
    ["a name of EventSource", draft("error", {}), '"event_type" must be'],
    ["a control event", draft("bus.end", {}), '"event_type" must be'],
    ["a list for a payload", draft("a", []), '"data" must be an object, got an array'],
    ["no payload", { run_id: "r", event_type: "a" }, '"data" must be an object, got nothing'],
    ["a text", "event", 'it must be an object, got "event"'],
  ] as const
) {
  test(`parseEventDraft() refuses ${what}`, () => {
    assertThrows(() => parseEventDraft(value), TypeError, message);
    assertEquals(eventDraftSchema.safeParse(value).success, false);
  });
}
