import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { defineEvents } from "@locus/core";
import { type ClientError, followRun } from "@locus/core/client";
import { end, outline, readToEnd, scripted, stream, ticks } from "./_support.ts";

const url = "http://localhost/runs/r/events";
const own = defineEvents({ "test.tick": z.object({ n: z.number().max(2) }) });

test("followRun() skips and reports a payload that its schema refuses", async () => {
  const errors: ClientError[] = [];
  const follow = followRun(url, {
    fetch: scripted(stream(ticks(1, 2, 3) + end(3))).fetch,
    events: own,
    onError: (error) => void errors.push(error),
  });
  assertEquals(outline(await readToEnd(follow)), [1, 2, "end"]);
  assertEquals(errors.map(({ code }) => code), ["bad_event"]);
  assertEquals(errors[0]!.message.split(": ", 1), [`The payload of "test.tick" is not valid`]);
  assertEquals(follow.state.invalidEvents, 1);
});

test("followRun() delivers what the schema makes of a payload", async () => {
  const events = defineEvents({
    "test.tick": z.object({ n: z.number(), unit: z.string().default("s") }),
  });
  const fetch = scripted(stream(ticks(1) + end(1))).fetch;
  const { value } = await followRun(url, { fetch, events }).next();
  assertEquals(value?.event_type === "test.tick" && value.data, { n: 1, unit: "s" });
});

test("followRun() checks own payloads after validate", async () => {
  const seen: unknown[] = [];
  const follow = followRun(url, {
    fetch: scripted(stream(ticks(2) + end(2))).fetch,
    events: own,
    validate: (value) => {
      const event = value as { data: { n: number } };
      seen.push(event.data.n);
      return { ...event, data: { n: 1 } } as never;
    },
  });
  assertEquals([outline(await readToEnd(follow)).at(0), seen.at(0)], [1, 2]);
});

test("followRun() says what events must be", () => {
  assertThrows(
    () => followRun(url, { events: {} as never }),
    TypeError,
    `followRun(): "events" must be what defineEvents() returns`,
  );
});
