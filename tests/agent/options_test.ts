import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Agent, type AgentEvent, type AgentOptions, tool } from "../../src/agent/mod.ts";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { addTool, agentOf, allOnBus } from "./_support.ts";

const model = new ScriptedModel();

/** What a caller without types may hand in. */
function construct(options: Record<string, unknown>): Agent {
  return new Agent({ model, ...options } as AgentOptions);
}

const BAD_TYPES: readonly (readonly [option: string, value: unknown, message: string])[] = [
  ["toolz", [], 'unknown option "toolz"; did you mean "tools"?'],
  ["name", "ada", 'unknown option "name"; did you mean "agentId"?'],
  ["instructions", "Be brief.", 'unknown option "instructions"; did you mean "systemPrompt"?'],
  ["model", undefined, '"model" must be a language model of the AI SDK'],
  ["model", "openai:gpt-5", 'got "openai:gpt-5"'],
  ["model", { specificationVersion: "v2", doGenerate() {} }, 'specificationVersion "v2"'],
  ["auxiliaryModel", {}, '"auxiliaryModel" must be a language model'],
  ["tools", [{}], '"tools" must hold tools made by tool(), got an object'],
  ["tools", [addTool(), addTool()], 'there is already a tool named "add"'],
  ["systemPrompt", 5, '"systemPrompt" must be a string or a function, got 5'],
  ["planning", "yes", '"planning" must be true or false, got "yes"'],
  ["completionMode", "maybe", '"completionMode" must be one of "auto", "explicit", got "maybe"'],
  ["terminalTools", "submit", '"terminalTools" must be a set or array of names, got "submit"'],
  ["toolExecution", "parallel", '"toolExecution" must be one of "concurrent", "sequential"'],
  ["toolEventOrder", null, '"toolEventOrder" must be one of'],
  ["hooks", {}, '"hooks" must be an array, got an object'],
  ["hooks", [5], '"hooks" must hold hook objects, got 5'],
  ["hooks", [{ onAfterInvocation: 5 }], '"onAfterInvocation" of hook "Object" must be a function'],
  ["hooks", [{ name: "h", priority: NaN }], '"priority" of hook "h" must be a number, got NaN'],
  ["callbackHandler", {}, '"callbackHandler" must be a function, got an object'],
  ["outputKey", "", '"outputKey" must be a string that is not empty, got ""'],
  ["agentId", 5, '"agentId" must be a string'],
  ["providerOptions", 5, '"providerOptions" must be an object that holds an object for each'],
  ["providerOptions", { anthropic: 5 }, "for each provider, got 5"],
  ["metadata", [], '"metadata" must be an object, got an array'],
  ["streaming", "yes", '"streaming" must be one of "auto", true, false, got "yes"'],
];

const BAD_NUMBERS: readonly (readonly [option: string, value: unknown, message: string])[] = [
  ["maxIterations", 0, '"maxIterations" must be a whole number from 1 to 500, got 0'],
  ["maxIterations", 501, "got 501"],
  ["maxIterations", "3", 'got "3"'],
  ["tokenBudget", 1.5, '"tokenBudget" must be a whole number of at least 1, got 1.5'],
  ["timeBudgetSeconds", -1, '"timeBudgetSeconds" must be a number above 0, got -1'],
  ["toolLoopThreshold", 1, '"toolLoopThreshold" must be a whole number of at least 2, got 1'],
  ["maxConcurrency", 0, '"maxConcurrency"'],
  ["maxToolResultLength", -1, '"maxToolResultLength"'],
  ["toolTimeoutMs", 0, '"toolTimeoutMs" must be a whole number from 1 to 2147483647, got 0'],
  ["toolTimeoutMs", 2 ** 31, "got 2147483648"],
  ["temperature", NaN, '"temperature" must be a number from 0 to 2, got NaN'],
  ["maxTokens", 0, '"maxTokens"'],
];

test("Agent() refuses bad options with a TypeError that names them", () => {
  for (const [option, value, message] of BAD_TYPES) {
    assertThrows(() => construct({ [option]: value }), TypeError, message);
  }
  assertThrows(() => new Agent(undefined as never), TypeError, "options must be an object");
});

test("Agent() refuses numbers out of range with a RangeError that names them", () => {
  for (const [option, value, message] of BAD_NUMBERS) {
    assertThrows(() => construct({ [option]: value }), RangeError, message);
  }
});

test("Agent() refuses to stream from a model that cannot", () => {
  const { specificationVersion, provider, modelId, supportedUrls } = model;
  const silent = { specificationVersion, provider, modelId, supportedUrls, doGenerate() {} };
  construct({ model: silent });
  assertThrows(() => construct({ model: silent, streaming: true }), TypeError, "no doStream()");
});

test("Agent.run() and resume() refuse bad arguments at once", () => {
  const { agent } = agentOf([]);
  assertThrows(() => agent.run(5 as never), TypeError, "run(): the prompt must be a string, got 5");
  const bad: [object, string][] = [
    [{ thread: "t" }, 'unknown option "thread"'],
    [{ signal: {} }, '"signal" must be an AbortSignal, got an object'],
    [{ metadata: null }, '"metadata" must be an object, got null'],
    [{ streaming: "auto" }, '"streaming" must be true or false, got "auto"'],
    [{ run: "r1" }, '"run" must be a run handle or null, got "r1"'],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => agent.run("go", options), TypeError, message);
    assertThrows(() => agent.resume("y", options), TypeError, message);
  }
  assertThrows(() => agent.resume("y", { interruptId: 5 as never }), TypeError, '"interruptId"');
});

test("Agent.invoke() rejects bad arguments", async () => {
  const { agent } = agentOf([]);
  await assertRejects(() => agent.invoke(null as never), TypeError, "invoke(): the prompt");
  await assertRejects(() => agent.invoke("go", { interruptId: "x" } as never), TypeError);
});

test("Agent.addTool() adds a tool for later runs, and refuses what is none", async () => {
  const { agent, model } = agentOf([["hi"]], { tools: addTool() });
  agent.addTools([tool({ name: "ping", execute: () => "pong" })]);
  assertEquals(agent.tools.map(({ name }) => name), ["add", "ping"]);
  await agent.invoke("go");
  assertEquals(model.calls[0]!.tools?.map(({ name }) => name), ["add", "ping"]);
  assertThrows(() => agent.addTool(addTool()), TypeError, "already a tool");
  assertThrows(() => agent.addTool({} as never), TypeError, "made by tool()");
});

test("Agent sends the options of a call that are given, and nothing else", async () => {
  const given = { temperature: 0, maxTokens: 100, providerOptions: { openai: { user: "ada" } } };
  const sent = {
    temperature: 0,
    maxOutputTokens: 100,
    providerOptions: { openai: { user: "ada" } },
  };
  const none = { temperature: null, maxTokens: null, providerOptions: null, outputSchema: null };
  const absent = { temperature: undefined, maxTokens: undefined, providerOptions: undefined };
  for (
    const [options, expected] of [[given, sent], [none, {}], [absent, {}], [{}, {}]] as const
  ) {
    const { agent, model } = agentOf([["hi"]], options);
    const { events } = await allOnBus(() => agent.invoke("go"));
    const { prompt: _, abortSignal: __, ...rest } = model.calls[0]!;
    assertEquals(Object.entries(rest), Object.entries(expected));
    const span = events.find(({ data }) => data.kind === "model")!;
    const told = span.data.attributes as Record<string, unknown>;
    assertEquals("temperature" in told, "temperature" in expected);
    assertEquals("max_output_tokens" in told, "maxOutputTokens" in expected);
  }
});

test("Judges are asked without a temperature, and within the agent's limit", async () => {
  const judge = new ScriptedModel(["CLAIM 1: 1.0 - yes"], ["CLAIM 1: 1.0 - yes"]);
  for (const [maxTokens, sent] of [[null, []], [50, ["maxOutputTokens"]]] as const) {
    const { agent } = agentOf([[toolCall("c1", "add", { a: 1, b: 2 })], [
      "The sum of the two numbers is three.",
    ]], {
      tools: addTool(),
      grounding: { model: judge },
      temperature: 1,
      maxTokens,
    });
    await agent.invoke("go");
    const keys = Object.keys(judge.calls.at(-1)!);
    assertEquals(keys.filter((key) => key !== "prompt" && key !== "abortSignal"), [...sent]);
  }
});

test("providerOptions reach the provider with every call", async () => {
  const providerOptions = { anthropic: { thinking: { type: "enabled", budgetTokens: 2000 } } };
  const { agent, model } = agentOf([["hi"]], { providerOptions });
  await agent.invoke("go");
  assertEquals(model.calls.map((call) => call.providerOptions), [providerOptions]);
});

test("systemPrompt may be a function, and knows the prompt and the metadata", async () => {
  const { agent, model } = agentOf([["hi"]], {
    metadata: { team: "a", tone: "dry" },
    systemPrompt: ({ prompt, metadata }) =>
      Promise.resolve(`${prompt} ${metadata.team} ${metadata.tone}`),
  });
  await agent.invoke("go", { metadata: { tone: "warm" } });
  assertEquals(model.calls[0]!.prompt[0], { role: "system", content: "go a warm" });
});

test("outputKey stores the answer in the metadata", async () => {
  const { agent } = agentOf([["42"]], { outputKey: "answer" });
  const { state } = await agent.invoke("go");
  assertEquals(state.metadata, { answer: "42" });
});

test("callbackHandler gets every event first, and cannot break the run", async () => {
  const reported: unknown[] = [];
  const original = console.error;
  console.error = (...args: unknown[]) => void reported.push(args);
  try {
    const seen: string[] = [];
    const fail = ({ event_type }: AgentEvent) => {
      seen.push(event_type);
      throw new Error("not mine");
    };
    for (const callbackHandler of [fail, async (event: AgentEvent) => await fail(event)]) {
      const { agent } = agentOf([["hi"]], { callbackHandler });
      assertEquals((await agent.invoke("go")).success, true);
      assertEquals(seen.splice(0), ["model_complete", "think", "terminate"]);
      assertEquals(reported.splice(0).length, 3);
    }
  } finally {
    console.error = original;
  }
});

test("streaming: auto streams in run() and not in invoke(); a run may say otherwise", async () => {
  const { agent } = agentOf(Array.from({ length: 4 }, () => ["hi"]), { streaming: "auto" });
  const chunks = async (options = {}) => {
    let count = 0;
    for await (const { event_type } of agent.run("go", options)) {
      if (event_type === "model_chunk") count++;
    }
    return count;
  };
  assertEquals(await chunks(), 2);
  assertEquals(await chunks({ streaming: false }), 0);
  const seen: string[] = [];
  const { agent: heard } = agentOf([["hi"], ["hi"]], {
    streaming: "auto",
    callbackHandler: ({ event_type }) => void seen.push(event_type),
  });
  await heard.invoke("go");
  assertEquals(seen.includes("model_chunk"), false);
  await heard.invoke("go", { streaming: true });
  assertEquals(seen.includes("model_chunk"), true);
});

test("Agent.asTool() gives the agent to another one", async () => {
  const { agent: helper } = agentOf([["4"]], { agentId: "helper" });
  const { agent: silent } = agentOf([new Error("down")]);
  const { agent } = agentOf([
    [
      toolCall("c1", "helper", { prompt: "2+2?" }),
      toolCall("c2", "sub_agent", { prompt: "?" }),
    ],
    ["done"],
  ], { tools: [helper.asTool(), silent.asTool()] });
  const { tool_executions } = await agent.invoke("go");
  assertEquals(tool_executions.map(({ result, error }) => result ?? error), ["4", "Error: down"]);
});
