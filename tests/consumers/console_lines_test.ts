import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { EventBus } from "@locus/core";
import { consoleLines } from "../../src/consumers/mod.ts";

test("consoleLines() prints a line an event that matters, and no secret", async () => {
  const bus = new EventBus();
  const lines: [string, string][] = [];
  const stop = consoleLines(bus, { write: (line, level) => lines.push([level, line]) });
  bus.publish({ run_id: "r", event_type: "shop.tick", data: { token: "x", n: 1 } });
  bus.publish({
    run_id: "r",
    event_type: "agent.model.chunk",
    data: { content_preview: "x", done: false, has_tool_calls: false },
  });
  stop();
  await stop.done;
  assertEquals(lines.length, 1);
  assertEquals(lines[0]![0], "info");
  assertMatch(
    lines[0]![1],
    /^\d\d:\d\d:\d\d\.\d{3} info {2}r shop\.tick {2}token=\[REDACTED\] {2}n=1$/,
  );
});

test("consoleLines() prints one harmless line, whatever is in an event", async () => {
  const bus = new EventBus();
  const lines: string[] = [];
  const stop = consoleLines(bus, { write: (line) => lines.push(line) });
  const text = "a\n\x1b]0;title\x07\u202eb\u009b2J\u2028c";
  bus.publish({ run_id: "r", event_type: "shop.note", data: { text, [text]: 1 } });
  stop();
  await stop.done;
  // deno-lint-ignore no-control-regex
  assertEquals(lines.map((line) => /[\x00-\x1f\x7f-\x9f\u2028\u202e]/.test(line)), [false]);
});
