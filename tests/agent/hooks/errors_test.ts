import { test } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { type AgentEvent, type Hook, tool } from "../../../src/agent/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, all, collect, gate, only } from "../_support.ts";
import { printed } from "./_support.ts";

type Point = keyof Hook & `on${string}`;

const BEGINNINGS: Point[] = [
  "onBeforeInvocation",
  "onIterationStart",
  "onBeforeModelCall",
  "onBeforeToolCall",
];
const CALL_ENDS: Point[] = ["onAfterModelCall", "onAfterToolCall"];
const ENDS: Point[] = ["onIterationEnd", "onAfterInvocation"];

const TWO_CALLS: Script[] = [
  [toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "add", { a: 3, b: 4 })],
  ["done"],
];

function hookAt(point: Point, body: () => unknown, rest: Partial<Hook> = {}): Hook {
  return { ...rest, [point]: body };
}

const failures: [how: string, body: () => unknown][] = [
  ["throws", () => {
    throw new Error("hook down");
  }],
  ["rejects", () => Promise.reject(new Error("hook down"))],
];

/** Every call that has begun is complete, and only the last event ends the run. */
function assertSound(events: readonly AgentEvent[]): void {
  const started = all(events, "tool_start").map((event) => event.tool_call_id);
  const completed = all(events, "tool_complete").map((event) => event.tool_call_id);
  assertEquals(completed.toSorted(), started.toSorted());
  assertEquals(only(events, "terminate"), events.at(-1));
}

for (const [how, body] of failures) {
  for (const point of [...BEGINNINGS, ...CALL_ENDS]) {
    test(`A hook that ${how} in ${point}() ends the run with its error`, async () => {
      const seen: string[] = [];
      const { agent } = agentOf(TWO_CALLS, {
        tools: addTool(),
        hooks: [
          hookAt(point, () => void seen.push("first"), { priority: 1 }),
          hookAt(point, body, { priority: 2 }),
          hookAt(point, () => void seen.push("last"), { priority: 3 }),
        ],
      });
      const run = agent.run("go");
      const { events, error } = await collect(run);
      assertEquals((error as Error).message, "hook down");
      assertSound(events);
      assertEquals(only(events, "terminate").reason, "error");
      assertEquals(run.result!.state.errors, ["Error: hook down"]);
      // Where something begins, nothing more is asked; where it ends, everybody is told.
      const others = CALL_ENDS.includes(point) ? ["first", "last"] : ["first"];
      assertEquals([...new Set(seen)].sort(), others);
    });

    test(`A hook that ${how} in ${point}() ends a sequential run, too`, async () => {
      const { agent } = agentOf(TWO_CALLS, {
        tools: addTool(),
        toolExecution: "sequential",
        hooks: [hookAt(point, body)],
      });
      const { events, error } = await collect(agent.run("go"));
      assertEquals((error as Error).message, "hook down");
      assertSound(events);
      if (point.endsWith("ToolCall")) assertEquals(all(events, "tool_start").length, 1);
    });
  }

  for (const point of ENDS) {
    test(`A hook that ${how} in ${point}() is reported, and the run succeeds`, async () => {
      const seen: string[] = [];
      const { agent } = agentOf(TWO_CALLS, {
        tools: addTool(),
        hooks: [
          hookAt(point, () => void seen.push("first"), { priority: 1 }),
          hookAt(point, body, { priority: 2, name: "broken" }),
        ],
      });
      const text = await printed(async () =>
        assertEquals((await agent.invoke("go")).success, true)
      );
      assertStringIncludes(text, `hook "broken" failed in ${point}(): Error: hook down`);
      assertEquals(new Set(seen), new Set(["first"]));
    });
  }

  for (const point of [...BEGINNINGS, ...CALL_ENDS, ...ENDS]) {
    test(`An observer that ${how} in ${point}() is reported, and the run succeeds`, async () => {
      const hook = hookAt(point, body, { observer: true, name: "watcher" });
      const { agent } = agentOf(TWO_CALLS, { tools: addTool(), hooks: [hook] });
      const text = await printed(async () =>
        assertEquals((await agent.invoke("go")).success, true)
      );
      assertStringIncludes(text, `hook "watcher" failed in ${point}(): Error: hook down`);
    });
  }

  test(`A hook that ${how} in onModelError() does not hide the model's error`, async () => {
    const { agent } = agentOf([new Error("model down")], { hooks: [hookAt("onModelError", body)] });
    const text = await printed(async () => {
      const { events, error } = await collect(agent.run("go"));
      assertEquals((error as Error).message, "model down");
      assertSound(events);
    });
    assertStringIncludes(text, 'hook "Object" failed in onModelError(): Error: hook down');
  });
}

for (const point of [...BEGINNINGS, ...CALL_ENDS, "onIterationEnd", "onModelError"] as Point[]) {
  test(`A run can be cancelled while a hook never settles in ${point}()`, async () => {
    const { promise: reached, resolve } = gate();
    const controller = new AbortController();
    const script = point === "onModelError" ? [new Error("model down")] : TWO_CALLS;
    const { agent } = agentOf(script, {
      tools: addTool(),
      hooks: [hookAt(point, () => {
        resolve();
        return new Promise(() => {});
      })],
    });
    const collected = collect(agent.run("go", { signal: controller.signal }));
    await reached;
    controller.abort();
    const { events, error } = await collected;
    assertEquals(error, null);
    assertSound(events);
    assertEquals(only(events, "terminate").reason, "cancelled");
  });
}

test("A run that is over stops waiting for a hook after it when it is cancelled", async () => {
  const { promise: reached, resolve } = gate();
  const controller = new AbortController();
  const { agent } = agentOf([["hi"]], {
    hooks: [hookAt("onAfterInvocation", () => {
      resolve();
      return new Promise(() => {});
    })],
  });
  const invoked = agent.invoke("go", { signal: controller.signal });
  await reached;
  controller.abort();
  assertEquals((await invoked).stop_reason, "complete");
});

test("The hooks after a cancelled run can still wait for their clean-up", async () => {
  const controller = new AbortController();
  let cleanedUp = false;
  const { agent } = agentOf([() => {
    controller.abort();
    return ["hi"];
  }], {
    hooks: [hookAt("onAfterInvocation", async () => {
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      cleanedUp = true;
    })],
  });
  const { stop_reason } = await agent.invoke("go", { signal: controller.signal });
  assertEquals([stop_reason, cleanedUp], ["cancelled", true]);
});

test("An answer whose hook has failed is not shown, but its tokens count", async () => {
  const hook: Hook = {
    onAfterModelCall: () => {
      throw new Error("filter down");
    },
  };
  const run = agentOf([["secret"]], { hooks: [hook] }).agent.run("go");
  const { events } = await collect(run);
  const { content, usage } = only(events, "model_complete");
  assertEquals([content, usage.total_tokens], [null, 8]);
  assertEquals(run.result!.metrics.total_tokens, 8);
});

test("A question of another tool does not outlive a hook that fails", async () => {
  const asks = tool({ name: "asks", execute: (_, { interrupt }) => interrupt("ok?") });
  const fails: Hook = {
    onAfterToolCall: () => {
      throw new Error("hook down");
    },
  };
  const { agent } = agentOf([
    [toolCall("c1", "add", { a: 1, b: 2 }), toolCall("c2", "asks", {})],
  ], { tools: [addTool(), asks], hooks: [fails] });
  const { events, error } = await collect(agent.run("go"));
  assertEquals((error as Error).message, "hook down");
  assertSound(events);
});

test("What a hook throws at the very first point is still told by one terminate", async () => {
  const { agent, model } = agentOf([["hi"]], {
    hooks: [hookAt("onBeforeInvocation", failures[0]![1])],
  });
  const { events } = await collect(agent.run("go"));
  assertEquals([events.length, model.calls.length], [1, 0]);
});

test("Observers come last, and see nothing that a failed hook was to withhold", async () => {
  const seen: unknown[] = [];
  const watcher: Hook = {
    observer: true,
    priority: 1000,
    onAfterModelCall: ({ response }) => void seen.push(response.content),
    onAfterToolCall: ({ result }) => void seen.push(result),
  };
  const script: Script[] = [["secret", toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];
  const redacts: Hook = {
    priority: 1,
    onAfterModelCall: (event) => event.replaceResponse({ content: "redacted" }),
    onAfterToolCall: (event) => event.replaceResult("cleaned"),
  };
  await agentOf(script, { tools: addTool(), hooks: [watcher, redacts] }).agent.invoke("go");
  assertEquals(seen.splice(0), ["redacted", "cleaned", "redacted"]);

  for (const point of CALL_ENDS) {
    const fails = hookAt(point, failures[0]![1], { priority: 1 });
    const { agent } = agentOf(script, { tools: addTool(), hooks: [watcher, fails] });
    await agent.invoke("go", { throwOnError: false });
  }
  assertEquals(seen, [null, "secret", null]);
});

test("A result whose hooks were interrupted by a cancel is not shown", async () => {
  const { promise: reached, resolve } = gate();
  const controller = new AbortController();
  const redacts: Hook = {
    onAfterToolCall: async () => {
      resolve();
      await new Promise(() => {});
    },
  };
  const script: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];
  const { agent } = agentOf(script, { tools: addTool(), hooks: [redacts] });
  const collected = collect(agent.run("go", { signal: controller.signal }));
  await reached;
  controller.abort();
  const { result, error } = only((await collected).events, "tool_complete");
  assertEquals([result, error], [null, "cancelled"]);
});
