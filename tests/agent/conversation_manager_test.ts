/** Agents whose conversation is kept short. */
import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { withSpan } from "../../mod.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { Agent, ContextOverflowError, type Hook } from "../../src/agent/mod.ts";
import { MemoryCheckpointer, slidingWindow } from "../../src/memory/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, allOnBus, collect } from "./_support.ts";

const tooLong = Object.assign(new Error("prompt is too long"), { statusCode: 400 });
const add = (id: string) => [toolCall(id, "add", { a: 1, b: Number(id) })];
const roles = (model: { calls: readonly { prompt: readonly { role: string }[] }[] }) =>
  model.calls.map(({ prompt }) => prompt.map(({ role }) => role[0]).join(""));

test("The manager decides what is sent, and the run keeps all of it", async () => {
  const { agent, model } = agentOf([add("1"), add("2"), add("3"), ["6"]], {
    tools: addTool(),
    conversationManager: slidingWindow({ windowSize: 3 }),
  });
  const { events, value } = await allOnBus(() => agent.invoke("go"));
  assertEquals(roles(model), ["su", "suat", "suat", "suat"]);
  assertEquals(value.state.messages.length, 9);
  const agentSpan = events.find(({ event_type }) => event_type === "span.started")!;
  const data = { strategy: "sliding_window", window_size: 3, removed_count: 2 };
  const pruned = events.filter(({ event_type }) => event_type === "memory.conversation.pruned");
  assertEquals(
    pruned.map((event) => event.data),
    Array(2).fill({ ...data, span_id: agentSpan.data.span_id }),
  );
});

test("A conversation that the model refuses as too long is shortened and sent again, once", async () => {
  const small: Script = ({ prompt }) => prompt.length > 4 ? tooLong : [`${prompt.length}`];
  const checkpointer = new MemoryCheckpointer();
  const { agent, model } = agentOf(Array(9).fill(small), {
    checkpointer,
    conversationManager: slidingWindow(),
  });
  for (const prompt of ["one", "two", "three"]) {
    assert((await agent.invoke(prompt, { threadId: "t" })).success);
  }
  assertEquals(roles(model), ["su", "suau", "suauau", "suau"]);
  assertEquals((await agent.thread("t"))!.messages.length, 7);

  const stuck = agentOf([["1"], tooLong, tooLong], {
    checkpointer,
    conversationManager: slidingWindow(),
  });
  await stuck.agent.invoke("one", { threadId: "u" });
  const { error } = await collect(stuck.agent.run("two", { threadId: "u" }));
  assertInstanceOf(error, ContextOverflowError);
  assertEquals(roles(stuck.model), ["su", "suau", "su"]);
});

test("Hooks see what the manager has left, and what they add is shortened with it", async () => {
  const seen: number[] = [];
  const hook: Hook = {
    onBeforeModelCall(event) {
      seen.push(event.messages.length);
      event.replaceMessages([...event.messages, event.messages.at(-1)!]);
    },
  };
  const { agent, model } = agentOf([tooLong, ["1"]], {
    hooks: [hook],
    conversationManager: slidingWindow({ windowSize: 1 }),
  });
  const history = [{ role: "user", content: "before" }, { role: "assistant", content: "yes" }];
  await agent.invoke([...history, { role: "user", content: "now" }] as never);
  assertEquals(seen, [2]);
  assertEquals(model.calls.map(({ prompt }) => prompt[1]!.content.length), [2, 1]);
});

test("A manager of one's own may be async; what it throws ends the run", async () => {
  const own = agentOf([["1"]], {
    conversationManager: { apply: (messages) => Promise.resolve(messages.slice(-1)) },
  });
  await own.agent.invoke("go");
  assertEquals(roles(own.model), ["u"]);
  const failing = agentOf([], {
    conversationManager: { apply: () => Promise.reject(new Error("no")) },
  });
  assertEquals(String((await collect(failing.agent.run("go"))).error), "Error: no");
  const empty = agentOf([], { conversationManager: { apply: () => [] } });
  assertEquals(
    String((await collect(empty.agent.run("go"))).error),
    "TypeError: conversationManager: apply() must return an array of messages that is not empty, " +
      "got an array",
  );
});

test("A run that is cancelled does not wait for its manager, whose spans are inside of the agent", async () => {
  const controller = new AbortController();
  const { agent } = agentOf([], {
    conversationManager: {
      apply: () =>
        withSpan("shorten", () => {
          controller.abort();
          return new Promise<never>(() => {});
        }),
    },
  });
  const { events, value } = await allOnBus(() => agent.invoke("go", { signal: controller.signal }));
  assertEquals(value.stop_reason, "cancelled");
  assertEquals(openSpans(foldSpans(events)), []);
  const [outer, inner] = events.filter(({ event_type }) => event_type === "span.started");
  assertEquals(inner!.data.parent_span_id, outer!.data.span_id);
});

test("Agent() names the option if it holds no manager", () => {
  const { model } = agentOf([]);
  for (const wrong of [{}, "slidingWindow", slidingWindow]) {
    assertThrows(
      () => new Agent({ model, conversationManager: wrong as never }),
      TypeError,
      'Agent: "conversationManager" must be an object with apply()',
    );
  }
});
