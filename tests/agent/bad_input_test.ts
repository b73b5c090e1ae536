/** What an agent is given that it cannot use: one clear error or event each, and nothing left running. */

import { test } from "node:test";
import process from "node:process";
import { createOpenAI } from "@ai-sdk/openai";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  Agent,
  type AgentEvent,
  type AgentOptions,
  type AgentResult,
  type Hook,
  tool,
} from "../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { assertLeavesNothing } from "./_leftovers.ts";
import { addTool, agentOf, all, collect, gate, only } from "./_support.ts";
import { printed } from "./hooks/_support.ts";

const ADD_ONCE: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["done"]];

/** What is refused before anything runs, and what the error says. */
const REFUSED: readonly [what: string, make: () => unknown, message: string][] = [
  [
    "an unknown option",
    () => agentOf([], { maxTurns: 5 } as object),
    'Agent: unknown option "maxTurns"; did you mean "maxIterations"?',
  ],
  [
    "an unknown option of a run",
    () => agentOf([]).agent.run("go", { thread: "t" } as object),
    'run(): unknown option "thread"; did you mean "threadId"?',
  ],
  [
    "a wrong model object",
    () => new Agent({ model: { chat() {} } as never }),
    'Agent: "model" must be a language model of the AI SDK',
  ],
  [
    "a duplicate tool",
    () => agentOf([], { tools: [addTool(), addTool()] }),
    'Agent: there is already a tool named "add"',
  ],
  [
    "an invalid schema",
    () => tool({ name: "t", parameters: { type: "objekt" }, execute: () => 1 }),
    'tool("t"): "parameters" must describe an object',
  ],
];

for (const [what, make, message] of REFUSED) {
  test(`Bad input: ${what} is refused at once, by an error that says so`, () => {
    assertThrows(make, TypeError, message);
  });
}

/** What a run came to. */
interface Outcome {
  readonly events: readonly AgentEvent[];
  readonly error: unknown;
  readonly result: AgentResult | null;
}

/** Runs an agent to its end: exactly one `terminate`, the last event. */
async function outcomeOf(
  metadata: { mark: object },
  script: readonly Script[],
  options: Partial<AgentOptions> = {},
  signal?: AbortSignal,
): Promise<Outcome> {
  const run = agentOf(script, options).agent.run("go", { metadata, signal });
  const { events, error } = await collect(run);
  assertEquals(only(events, "terminate"), events.at(-1));
  return { events, error, result: run.result };
}

test("Bad input: arguments that do not validate fail the call, not the run", async () => {
  let bodies = 0;
  const strict = { ...addTool(), execute: () => ++bodies };
  await assertLeavesNothing(async (metadata) => {
    const script: Script[] = [[toolCall("c1", "add", { a: "x" })], ["sorry"]];
    const { events, error } = await outcomeOf(metadata, script, { tools: strict });
    const { error: told } = only(events, "tool_complete");
    assertStringIncludes(told!, "ToolValidationError: a: ");
    assertStringIncludes(told!, "b: ");
    assertEquals([error, only(events, "terminate").reason, bodies], [null, "complete", 0]);
  });
});

test("Bad input: a missing key ends the run with the provider's own advice", async () => {
  const model = createOpenAI({ apiKey: undefined, baseURL: "http://127.0.0.1:1" })("gpt-5");
  const before = process.env["OPENAI_API_KEY"];
  delete process.env["OPENAI_API_KEY"];
  try {
    const { events, error } = await collect(new Agent({ model }).run("go"));
    assertEquals(only(events, "terminate").reason, "error");
    assertStringIncludes((error as Error).message, "OPENAI_API_KEY");
  } finally {
    if (before !== undefined) process.env["OPENAI_API_KEY"] = before;
  }
});

test("Bad input: a tool that never returns is left when its time is up", async () => {
  const stuck = tool({ name: "add", execute: () => new Promise<never>(() => {}) });
  await assertLeavesNothing(async (metadata) => {
    const script: Script[] = [[toolCall("c1", "add", {})], ["done"]];
    const { events, error } = await outcomeOf(metadata, script, {
      tools: stuck,
      toolTimeoutMs: 1,
    });
    assertEquals(only(events, "tool_complete").error, "ToolTimeoutError: add exceeded 1 ms");
    assertEquals([error, only(events, "terminate").reason], [null, "complete"]);
  });
});

test("Bad input: a tool that never returns is left when the run is cancelled", async () => {
  await assertLeavesNothing(async (metadata) => {
    const controller = new AbortController();
    const stuck = tool({
      name: "add",
      execute: () => {
        queueMicrotask(() => controller.abort());
        return new Promise<never>(() => {});
      },
    });
    const script: Script[] = [[toolCall("c1", "add", {})]];
    const { signal } = controller;
    const { events, error } = await outcomeOf(metadata, script, { tools: stuck }, signal);
    assertEquals(only(events, "tool_complete").error, "cancelled");
    assertEquals([error, only(events, "terminate").reason], [null, "cancelled"]);
  });
});

test("Bad input: a model stream that breaks half-way ends the run with its error", async () => {
  await assertLeavesNothing(async (metadata) => {
    const failure = new Error("connection reset");
    const run = brokenAgent(failure).run("go", { metadata });
    const { events, error } = await collect(run);
    assertEquals(events.map(({ event_type }) => event_type), ["model_chunk", "terminate"]);
    const { reason, final_message } = only(events, "terminate");
    assertEquals([error, reason, final_message], [failure, "error", null]);
    assertEquals(run.result!.error, "Error: connection reset");
  });
});

/** An agent whose model says a word, and then nothing but this error. */
function brokenAgent(failure: Error): Agent {
  const parts = [
    { type: "text-start", id: "0" } as const,
    { type: "text-delta", id: "0", delta: "Hel" } as const,
  ];
  const model = new ScriptedModel();
  model.doStream = () =>
    Promise.resolve({
      stream: new ReadableStream({
        pull(controller) {
          const part = parts[0];
          if (part === undefined) controller.error(failure);
          else controller.enqueue(part);
          parts.shift();
        },
      }),
    });
  return new Agent({ model });
}

type Point = keyof Hook & `on${string}`;

/** Where the run ends with what a hook throws, and where that is only reported. */
const POINTS: Readonly<Record<Point, "ends" | "reported">> = {
  onBeforeInvocation: "ends",
  onIterationStart: "ends",
  onBeforeModelCall: "ends",
  onAfterModelCall: "ends",
  onModelError: "reported",
  onBeforeToolCall: "ends",
  onAfterToolCall: "ends",
  onIterationEnd: "reported",
  onAfterInvocation: "reported",
};

for (const [point, what] of Object.entries(POINTS)) {
  test(`Bad input: what a hook throws in ${point}() is told once`, async () => {
    const hook: Hook = {
      [point]: () => {
        throw new Error("hook down");
      },
    };
    const script = point === "onModelError" ? [new Error("model down")] : ADD_ONCE;
    const expected = what === "ends" ? "hook down" : point === "onModelError" ? "model down" : null;
    const text = await printed(() =>
      assertLeavesNothing(async (metadata) => {
        const { events, error, result } = await outcomeOf(metadata, script, {
          tools: addTool(),
          hooks: [hook],
        });
        assertEquals(error === null ? null : (error as Error).message, expected);
        assertEquals(only(events, "terminate").reason, expected === null ? "complete" : "error");
        assertEquals(result!.state.errors, expected === null ? [] : [`Error: ${expected}`]);
        assertEquals(all(events, "tool_start").length, all(events, "tool_complete").length);
      })
    );
    assertEquals(text.includes(`failed in ${point}(): Error: hook down`), what === "reported");
  });
}

test("Bad input: a result that cannot be told says what to return instead", async () => {
  const page = tool({ name: "add", execute: () => new Response("hello") });
  await assertLeavesNothing(async (metadata) => {
    const script: Script[] = [[toolCall("c1", "add", {})], ["done"]];
    const { events, error } = await outcomeOf(metadata, script, { tools: page });
    assertStringIncludes(only(events, "tool_complete").error!, "ToolResultError: ");
    assertEquals([error, only(events, "terminate").reason], [null, "complete"]);
  });
});

test("A run that is left while its tool never returns holds nothing", async () => {
  await assertLeavesNothing(async (metadata) => {
    const { promise: started, resolve: start } = gate();
    const stuck = tool({
      name: "add",
      execute: () => {
        start();
        return new Promise<never>(() => {});
      },
    });
    const { agent } = agentOf([[toolCall("c1", "add", {})]], { tools: stuck });
    const run = agent.run("go", { metadata });
    const reading = collect(run);
    await started;
    await run.return();
    await reading;
    assert(run.result === null || run.result.stop_reason === "cancelled");
  });
});
