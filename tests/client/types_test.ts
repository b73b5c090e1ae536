import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { followRun } from "@locus/core/client";
import { end, scripted, stream, tick, wire } from "./_support.ts";

const url = "http://localhost/runs/r/events";
const text = wire({
  ...tick(1),
  event_type: "agent.tool.started",
  data: { tool_name: "weather", span_id: "s", arg_keys: ["city"] },
}) + end(1);

test("followRun() narrows the events of the catalogue by their type", async () => {
  const keys: (readonly string[])[] = [];
  for await (const event of followRun(url, { fetch: scripted(stream(text)).fetch })) {
    if (event.event_type === "agent.tool.started") keys.push(event.data.arg_keys);
    // @ts-expect-error: what an event has is known only once its type is.
    event.data.arg_keys;
    // @ts-expect-error: there is no such type.
    if (event.event_type === "agent.tool.begun") keys.at(0);
  }
  assertEquals(keys, [["city"]]);
});

test("followRun() narrows a catalogue of one's own", async () => {
  const follow = followRun<{ "test.tick": { n: number } }>(url, {
    fetch: scripted(stream(wire(tick(7)) + end(7))).fetch,
  });
  const { value } = await follow.next();
  // @ts-expect-error: at the end there is none.
  value.data;
  const n: number | undefined = value?.event_type === "test.tick" ? value.data.n : undefined;
  assertEquals(n, 7);
  await follow.return();
});
