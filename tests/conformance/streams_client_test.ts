/** The client, over the streams of `docs/conformance`. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { type ConformanceStream, deliver, type Expectation, streams } from "./_streams.ts";

for (const stream of streams) {
  test(`the client delivers "${stream.name}" as it says`, async () => {
    const { events, requests, state, caughtUp } = await deliver(stream);
    const found: Expectation = {
      events: events.map(({ run_id: runId, event_id: eventId }) =>
        isOfOneRun(stream) ? eventId : `${runId} ${eventId}`
      ),
      data: events.map(({ data }) => data),
      requests,
      end: state.ended?.reason,
      missed: state.missedEvents,
      duplicates: state.duplicates,
      restarts: state.restarts,
      invalid: state.invalidEvents,
      caught_up: caughtUp,
    };
    const { expect } = stream;
    const keys = CHECKED.filter((key) => expect[key] !== undefined);
    assertEquals(only(found, keys), only(expect, keys));
  });
}

function isOfOneRun({ follow = "run" }: ConformanceStream): boolean {
  return follow === "run";
}

const CHECKED = [
  "events",
  "data",
  "requests",
  "end",
  "missed",
  "duplicates",
  "restarts",
  "invalid",
  "caught_up",
] as const satisfies readonly (keyof Expectation)[];

function only(values: Expectation, keys: readonly (keyof Expectation)[]): object {
  return Object.fromEntries(keys.map((key) => [key, values[key]]));
}
