import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { CircuitBreaker, type Hook, tool } from "../../../src/agent/mod.ts";
import { type Script, toolCall } from "../../harness/support/scripted_model.ts";
import { agentOf, collect, only } from "../_support.ts";

const OPEN = "Circuit breaker open for tool: flaky";

/** A tool that fails while `state.down`, and counts how often its body is called. */
function flakyTool() {
  const state = { down: true, calls: 0 };
  const flaky = tool<{ n: number }>({
    name: "flaky",
    parameters: { type: "object", properties: { n: { type: "integer" } } },
    execute: () => {
      state.calls++;
      if (state.down) throw new Error("down");
      return "up";
    },
  });
  return { flaky, state };
}

/** One call of the tool a turn. */
function turns(count: number): Script[] {
  const calls = Array.from({ length: count }, (_, n) => [toolCall(`c${n}`, "flaky", { n })]);
  return [...calls, ["done"]];
}

test("CircuitBreaker stops calling a tool after failures in a row", async () => {
  const { flaky, state } = flakyTool();
  const circuitBreaker = new CircuitBreaker();
  const { agent } = agentOf(turns(5), { tools: flaky, circuitBreaker });
  const { tool_executions, metrics } = await agent.invoke("go");
  assertEquals(tool_executions.map(({ error }) => error), [
    "Error: down",
    "Error: down",
    "Error: down",
    OPEN,
    OPEN,
  ]);
  assertEquals(tool_executions.map(({ cancelled }) => cancelled), [
    false,
    false,
    false,
    true,
    true,
  ]);
  assertEquals([state.calls, metrics.tool_errors], [3, 5]);
  assertEquals(circuitBreaker.isOpen("flaky"), true);
});

test("CircuitBreaker counts over the runs that share it, until it is reset", async () => {
  const { flaky, state } = flakyTool();
  const circuitBreaker = new CircuitBreaker({ failureThreshold: 2 });
  const errors = async () => {
    const { agent } = agentOf(turns(1), { tools: flaky, circuitBreaker });
    return (await agent.invoke("go")).tool_executions[0]!.error;
  };
  assertEquals([await errors(), await errors(), await errors()], [
    "Error: down",
    "Error: down",
    OPEN,
  ]);
  circuitBreaker.reset("other");
  assertEquals(await errors(), OPEN);
  state.down = false;
  circuitBreaker.reset("flaky");
  assertEquals(await errors(), null);
});

test("CircuitBreaker.reset() without a name closes it for all tools", () => {
  const breaker = new CircuitBreaker({ failureThreshold: 1 });
  breaker.record("a", false);
  breaker.record("b", false);
  breaker.reset();
  assertEquals([breaker.isOpen("a"), breaker.isOpen("b")], [false, false]);
});

test("CircuitBreaker forgets failures with a success", () => {
  const breaker = new CircuitBreaker({ failureThreshold: 2 });
  for (const success of [false, true, false]) breaker.record("a", success);
  assertEquals(breaker.isOpen("a"), false);
  breaker.record("a", false);
  assertEquals(breaker.isOpen("a"), true);
});

test("CircuitBreaker stays closed for a tool that succeeds", async () => {
  const { flaky, state } = flakyTool();
  state.down = false;
  const circuitBreaker = new CircuitBreaker({ failureThreshold: 1 });
  const { agent } = agentOf(turns(3), { tools: flaky, circuitBreaker });
  await agent.invoke("go");
  assertEquals(state.calls, 3);
});

test("CircuitBreaker remembers a bounded number of tools", () => {
  const breaker = new CircuitBreaker({ failureThreshold: 1 });
  for (let i = 0; i <= 1000; i++) breaker.record(`t${i}`, false);
  assertEquals([breaker.isOpen("t0"), breaker.isOpen("t1"), breaker.isOpen("t1000")], [
    false,
    true,
    true,
  ]);
});

test("Under a CircuitBreaker tools still run at the same time, as many as maxConcurrency", async () => {
  let running = 0;
  let peak = 0;
  const step = tool({
    name: "step",
    execute: async () => {
      peak = Math.max(peak, ++running);
      for (let i = 0; i < 10; i++) await Promise.resolve();
      running--;
    },
  });
  const calls = [1, 2, 3, 4, 5].map((n) => toolCall(`c${n}`, "step", {}));
  const { agent } = agentOf([calls, ["done"]], {
    tools: step,
    maxConcurrency: 3,
    circuitBreaker: new CircuitBreaker(),
  });
  await agent.invoke("go");
  assertEquals(peak, 3);
});

test("CircuitBreaker counts a timeout, and neither what was cancelled nor what asks a person", async () => {
  const circuitBreaker = new CircuitBreaker({ failureThreshold: 1 });
  const never = () => new Promise<never>(() => {});
  const abort = new AbortController();
  const tools = [
    tool({ name: "late", timeoutMs: 5, execute: never }),
    tool({ name: "stopped", execute: () => (abort.abort(), never()) }),
    tool({ name: "asks", execute: (_, { interrupt }) => interrupt("?") }),
  ];
  const callOf = (name: string): Script[] => [[toolCall("c", name, {})], ["done"]];
  await agentOf(callOf("late"), { tools, circuitBreaker }).agent.invoke("go");
  await agentOf(callOf("asks"), { tools, circuitBreaker }).agent.invoke("go");
  const { signal } = abort;
  await agentOf(callOf("stopped"), { tools, circuitBreaker }).agent.invoke("go", { signal });
  assertEquals(["late", "stopped", "asks"].map((name) => circuitBreaker.isOpen(name)), [
    true,
    false,
    false,
  ]);
});

test("CircuitBreaker counts the retries of hooks, and ends them when it opens", async () => {
  const { flaky, state } = flakyTool();
  const hook: Hook = { onAfterToolCall: (event) => event.retry() };
  const circuitBreaker = new CircuitBreaker({ failureThreshold: 2 });
  const { agent } = agentOf(turns(1), { tools: flaky, hooks: [hook], circuitBreaker });
  const { events } = await collect(agent.run("go"));
  assertEquals(state.calls, 2);
  assertEquals(only(events, "tool_complete").error, "Error: down");
});

test("What an open CircuitBreaker refuses is neither seen by hooks nor remembered", async () => {
  const { flaky, state } = flakyTool();
  const circuitBreaker = new CircuitBreaker({ failureThreshold: 1 });
  circuitBreaker.record("flaky", false);
  let after = 0;
  const hook: Hook = { onAfterToolCall: () => void after++ };
  const same = [toolCall("c1", "flaky", { n: 1 })];
  const reset: Script = () => {
    circuitBreaker.reset();
    state.down = false;
    return same;
  };
  const { agent } = agentOf([same, reset, ["done"]], {
    tools: { ...flaky, idempotent: true },
    hooks: [hook],
    circuitBreaker,
  });
  const { tool_executions } = await agent.invoke("go");
  assertEquals(tool_executions.map(({ result, error }) => result ?? error), [OPEN, "up"]);
  assertEquals(after, 1);
});

test("CircuitBreaker() refuses bad options by name", () => {
  assertThrows(
    () => new CircuitBreaker({ failureThreshold: 0 }),
    RangeError,
    '"failureThreshold" must be a whole number of at least 1, got 0',
  );
  assertThrows(() => new CircuitBreaker({ threshold: 1 } as object), TypeError, "unknown option");
  assertThrows(
    () => agentOf([], { circuitBreaker: {} as CircuitBreaker }),
    TypeError,
    'Agent: "circuitBreaker" must be a CircuitBreaker, got an object',
  );
});
