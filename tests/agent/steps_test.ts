/** Work in steps: what is waited for, what is passed on, and how often a run waits. */
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type AgentEvent, createEvent } from "../../src/agent/state/events.ts";
import { finish, type Steps, toEvent, until } from "../../src/agent/state/steps.ts";
import { toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, collect } from "./_support.ts";

const event: AgentEvent = createEvent("think", { iteration: 0, reasoning: null, tool_calls: [] });

test("until() gives what a promise resolves with, and what is none as it is", async () => {
  function* work(): Steps<number[]> {
    return [yield* until(Promise.resolve(1)), yield* until(2)];
  }
  assertEquals(await finish(work()), [1, 2]);
});

test("until() throws what a promise rejects with, where it is waited for", async () => {
  function* work(): Steps<string> {
    try {
      return yield* until(Promise.reject(new Error("no")));
    } catch (error) {
      return (error as Error).message;
    }
  }
  assertEquals(await finish(work()), "no");
  await assertRejects(() => finish(until(Promise.reject(new Error("no")))), Error, "no");
});

test("toEvent() waits only if something has to be waited for before the event", async () => {
  function* work(): Steps<string> {
    yield event;
    yield* until(Promise.resolve());
    yield event;
    return "end";
  }
  const steps = work();
  assertEquals(toEvent(steps, steps.next()), { done: false, value: event });
  const second = toEvent(steps, steps.next());
  assert(second instanceof Promise);
  assertEquals(await second, { done: false, value: event });
  assertEquals(toEvent(steps, steps.next()), { done: true, value: "end" });
});

test("A turn with two tools takes at most 45 turns of the microtask queue", async () => {
  const turn = (n: number) => [
    toolCall(`a${n}`, "add", { a: n, b: 1 }),
    toolCall(`b${n}`, "add", { a: n, b: 2 }),
  ];
  const waitsOf = async (turns: number) => {
    const script = [...Array.from({ length: turns }, (_, n) => turn(n)), ["done"]];
    const { agent } = agentOf(script, { tools: addTool() });
    let waits = 0;
    let isOver = false;
    const counting = (async () => {
      for (; !isOver; waits++) await null;
    })();
    const { events } = await collect(agent.run("go"));
    isOver = true;
    await counting;
    assertEquals(events.at(-1)?.event_type, "terminate");
    return waits;
  };
  const [few, many] = [await waitsOf(2), await waitsOf(8)];
  const each = (many - few) / 6;
  assert(each <= 45, `${each} a turn`);
});
