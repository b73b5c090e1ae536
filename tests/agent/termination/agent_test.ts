import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Agent,
  type AgentOptions,
  all,
  any,
  confidenceMet,
  customCondition,
  maxIterations,
  noToolCalls,
  textMention,
  timeLimit,
  tokenLimit,
  tool,
  toolCalled,
} from "../../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../../harness/support/scripted_model.ts";
import { addTool, agentOf, collect, onBus, only } from "../_support.ts";

const book = tool({ name: "book", execute: () => "booked" });
const search = tool({ name: "search", execute: () => "found" });

/** Searches twice with other arguments, books, and would go on. */
const SEARCH_AND_BOOK: Script[] = [
  [toolCall("c1", "search", { n: 1 })],
  [toolCall("c2", "search", { n: 2 })],
  ["Booking it.", toolCall("c3", "book", {})],
  ["never said"],
];

async function endOf(script: readonly Script[], options: Partial<AgentOptions>) {
  const { agent, model } = agentOf(script, options);
  const run = agent.run("go");
  const { events } = await collect(run);
  const { reason, final_message } = only(events, "terminate");
  return { reason, final_message, calls: model.calls.length, result: run.result! };
}

test("Agent: acceptance 31, any(maxIterations(8), toolCalled)", async () => {
  const { reason, final_message, calls, result } = await endOf(SEARCH_AND_BOOK, {
    tools: [book, search],
    termination: any(maxIterations(8), toolCalled("book")),
  });
  assertEquals([reason, final_message, calls], ["tool_called:book", "Booking it.", 3]);
  assertEquals([result.stop_reason, result.success], ["terminal_tool", true]);
});

test("Agent: acceptance 31, all(confidenceMet(0), toolCalled) waits for the tool", async () => {
  const { reason, calls, result } = await endOf(SEARCH_AND_BOOK, {
    tools: [book, search],
    termination: all(confidenceMet(0), toolCalled("book")),
  });
  assertEquals([reason, calls], ["confidence_met AND tool_called:book", 3]);
  assertEquals(result.stop_reason, "terminal_tool");
});

test('Agent: acceptance 31, textMention("done") matches "DONE"', async () => {
  const { reason, final_message, result } = await endOf(
    [["DONE", toolCall("c1", "search", {})], ["never said"]],
    { tools: search, termination: textMention("done") },
  );
  assertEquals([reason, final_message], ["text_mention:done", "DONE"]);
  assertEquals(result.stop_reason, "complete");
});

test("A user's maxIterations() asks for no summary", async () => {
  const { reason, calls, result } = await endOf(SEARCH_AND_BOOK, {
    tools: [book, search],
    termination: maxIterations(2),
  });
  assertEquals([reason, calls, result.stop_reason, result.success], [
    "max_iterations",
    2,
    "max_iterations",
    false,
  ]);
});

test("A condition is asked before the agent's own limits, and after its clock", async () => {
  const script = SEARCH_AND_BOOK.slice(0, 2);
  const both = { tools: [book, search], maxIterations: 1 };
  const called = await endOf(script, { ...both, termination: toolCalled("search") });
  assertEquals(called.reason, "tool_called:search");
  const late = await endOf(script, {
    ...both,
    timeBudgetSeconds: 1e-9,
    termination: customCondition(() => true),
  });
  assertEquals([late.reason, late.calls], ["time_budget", 0]);
});

test("A condition that holds at once ends the run without a model call", async () => {
  const { reason, calls, final_message } = await endOf([["hi"]], { termination: all() });
  assertEquals([reason, calls, final_message], ["all_conditions_met", 0, null]);
});

test("toolCalled() of a terminal tool answers with what the tool returned", async () => {
  const submit = tool({ name: "submit", execute: () => "R" });
  const { reason, final_message } = await endOf([[toolCall("c1", "submit", {})]], {
    tools: submit,
    termination: toolCalled("submit"),
  });
  assertEquals([reason, final_message], ["tool_called:submit", "R"]);
});

test("noToolCalls() ends an explicit run that only talks", async () => {
  const { reason, calls } = await endOf([["I think"], ["and think"]], {
    completionMode: "explicit",
    termination: noToolCalls(),
  });
  assertEquals([reason, calls], ["no_tools", 1]);
});

test("tokenLimit() counts every token of the run", async () => {
  const script = Array.from({ length: 4 }, (_, i) => [toolCall(`c${i}`, "add", { a: i, b: 0 })]);
  const { reason, calls } = await endOf(script, { tools: addTool(), termination: tokenLimit(10) });
  assertEquals([reason, calls], ["token_budget", 2]);
});

test("The clock of timeLimit() starts with the run, also inside all()", async () => {
  const elapsed: number[] = [];
  const slow = tool({
    name: "slow",
    execute: () => {
      const end = performance.now() + 12;
      while (performance.now() < end);
    },
  });
  const { reason, calls } = await endOf([[toolCall("c1", "slow", {})], ["never said"]], {
    tools: slow,
    termination: all(
      toolCalled("slow"),
      timeLimit(0.01),
      customCondition((_, { elapsedMs }) => {
        elapsed.push(elapsedMs);
        return true;
      }),
    ),
  });
  assertEquals([reason, calls], ["tool_called:slow AND time_budget AND custom", 1]);
  assertEquals(elapsed.length, 2);
});

test("One condition serves two runs at the same time", async () => {
  const termination = toolCalled("book");
  const model = new ScriptedModel(...Array.from({ length: 3 }, (): Script => ({ prompt }) => {
    const first = prompt.find(({ role }) => role === "user")!;
    const books = JSON.stringify(first).includes("please book");
    if (prompt.at(-1)!.role === "tool") return ["found it"];
    return [toolCall("c1", books ? "book" : "search", {})];
  }));
  const agent = new Agent({ model, tools: [book, search], termination, streaming: false });
  const [first, second] = await Promise.all([
    agent.invoke("please book"),
    agent.invoke("just look"),
  ]);
  assertEquals([first.stop_reason, second.stop_reason], ["terminal_tool", "complete"]);
  assertEquals([first.message, second.message], ["", "found it"]);
});

test("A condition that throws ends the run with its error", async () => {
  const termination = customCondition(() => {
    throw new RangeError("broken rule");
  });
  const { agent, model } = agentOf([["hi"]], { termination });
  await assertRejects(() => agent.invoke("go"), RangeError, "broken rule");
  const { stop_reason } = await agent.invoke("go", { throwOnError: false });
  assertEquals([stop_reason, model.calls.length], ["error", 0]);
});

test("The bus is told the reason as it is", async () => {
  const { agent } = agentOf(SEARCH_AND_BOOK, {
    tools: [book, search],
    termination: toolCalled("book"),
  });
  const { events } = await onBus(() => collect(agent.run("go")));
  assertEquals(events.at(-1)!.event_type, "agent.terminate");
  assertEquals(events.at(-1)!.data.reason, "tool_called:book");
});

test("Agent() refuses a termination that is no condition", () => {
  assertThrows(
    () => agentOf([], { termination: 5 as never }),
    TypeError,
    'Agent: "termination" must be a termination condition such as maxIterations(8), got 5',
  );
});
