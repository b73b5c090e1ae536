/** What the compiler knows of an event that was selected. The calls are checked, not made. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";

test("A selector narrows the event that a handler gets", async () => {
  const bus = new EventBus();
  const seen: unknown[] = [];
  bus.on("agent.tool.completed", (event) => {
    const name: string = event.data.tool_name;
    // @ts-expect-error the payload has no such key
    seen.push(name, event.data.iteration);
  });
  bus.on("agent.tool.*", (event) => {
    const type: "agent.tool.started" | "agent.tool.completed" = event.event_type;
    seen.push(type);
    if (event.event_type === "agent.tool.started") {
      seen.push(event.data.arg_keys satisfies readonly string[]);
    }
  });
  bus.on({ type: ["agent.think", "agent.terminate"] }, (event) => {
    // @ts-expect-error this type was not selected
    if (event.event_type === "agent.reflect") seen.push(event);
  });
  bus.on("shop.paid", (event) => {
    const type: "shop.paid" = event.event_type;
    const data: Readonly<Record<string, unknown>> = event.data;
    seen.push(type, data);
  });
  const waited: () => Promise<number> = async () =>
    (await bus.waitFor("agent.tokens.used")).data.total_tokens;
  const last: () => string[] = () => bus.history("agent.terminate").map(({ data }) => data.reason);
  assertEquals([typeof waited, typeof last, seen.length], ["function", "function", 0]);
  bus.closeGlobal();
  await null;
});
