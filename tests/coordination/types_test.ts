/** What the compiler knows. The calls are checked, not made. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  CoordinationBus,
  type CoordinationDraft,
  type CoordinationEvent,
  type CoordinationEventType,
} from "@locus/core/coordination";
import type { StateChanged } from "@locus/core/events";

test("Types narrow the event that a handler gets", () => {
  const bus = new CoordinationBus();
  const seen: unknown[] = [];
  bus.subscribe({
    types: ["execution_failed"],
    handler: (event) => {
      const type: "execution_failed" = event.type;
      const error: string = event.data.error;
      const node: string | null = event.node_id;
      // @ts-expect-error the payload has no such key
      seen.push(type, error, node, event.data.output);
      // @ts-expect-error an event does not change
      event.stream_id = "other";
      // @ts-expect-error nor does its payload
      event.data.error = "";
    },
  });
  bus.subscribe({
    types: ["node_loop_iteration", "node_loop_completed"],
    handler: async (event) => {
      if (event.type === "node_loop_iteration") seen.push(event.data.iteration.toFixed());
      else seen.push(event.data.iterations.toFixed());
      // @ts-expect-error this type was not listed
      if (event.type === "custom") seen.push(event);
      await null;
    },
  });
  bus.subscribe({
    handler: (event) => {
      const type: CoordinationEventType = event.type;
      if (event.type === "state_changed") seen.push(event.data satisfies Readonly<StateChanged>);
      seen.push(type);
    },
  });
  // @ts-expect-error not a coordination event
  const wrong = () => bus.subscribe({ types: ["agent.think"], handler() {} });
  assertEquals([seen.length, typeof wrong], [0, "function"]);
});

test("waitFor() and getHistory() know what they answer with", () => {
  const bus = new CoordinationBus();
  const waited = async (): Promise<number | undefined> =>
    (await bus.waitFor({ type: "goal_progress" }))?.data.progress;
  const past = (): string[] =>
    bus.getHistory({ type: "llm_text_delta" }).map((e) => e.data.content);
  const all = (): CoordinationEvent[] => bus.getHistory();
  const some = (
    type?: "custom" | "goal_achieved",
  ): CoordinationEvent<"custom" | "goal_achieved">[] => bus.getHistory({ type });
  // @ts-expect-error what is waited for must be said
  const nothing = () => bus.waitFor({ stream: "s" });
  assertEquals([waited, past, all, some, nothing].length, 5);
});

test("publish() checks the payload of every type", () => {
  const bus = new CoordinationBus();
  const node = bus.stream("s").node("n").execution("e");
  const right = [
    () => node.publish("node_loop_started", { max_iterations: 3 }, { correlationId: "c" }),
    () => node.publish("node_loop_started"),
    () => node.publish("tool_call_completed", { tool_use_id: "1", tool_name: "t" }),
    () => node.publish("custom", { anything: [1] }),
    () => node.publish("goal_progress", { progress: 1, criteria_status: {} }),
    () => bus.publish({ type: "execution_failed", stream_id: "s", data: { error: "no" } }),
    () => bus.publish({ type: "execution_started", stream_id: "s" }),
    (event: CoordinationEvent) => bus.publish(event),
    (draft: CoordinationDraft<"custom">) => bus.publish(draft),
  ];
  const wrong = [
    // @ts-expect-error the payload may not be left out
    () => node.publish("execution_failed"),
    // @ts-expect-error a key is missing
    () => node.publish("llm_text_delta", { content: "x" }),
    // @ts-expect-error a key is of another type
    () => node.publish("node_loop_iteration", { iteration: "1" }),
    // @ts-expect-error a key is of another payload
    () => node.publish("node_stalled", { reason: "slow", prompt: "" }),
    // @ts-expect-error not a coordination event
    () => node.publish("agent.think", {}),
    // @ts-expect-error no such option
    () => node.publish("custom", {}, { correlation: "c" }),
    // @ts-expect-error the payload may not be left out
    () => bus.publish({ type: "execution_failed", stream_id: "s" }),
    // @ts-expect-error the payload of another type
    () => bus.publish({ type: "goal_progress", stream_id: "s", data: { iteration: 1 } }),
    // @ts-expect-error the stream may not be left out
    () => bus.publish({ type: "custom" }),
    // @ts-expect-error no such key
    () => bus.publish({ type: "custom", stream_id: "s", nodeId: "n" }),
  ];
  assertEquals([right.length, wrong.length], [9, 10]);
});
