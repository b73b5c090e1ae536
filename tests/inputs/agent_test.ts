import { EventBus } from "@locus/core";
import {
  Agent,
  all,
  any,
  bridgeAgentEvent,
  buildCausalChain,
  CausalChain,
  CircuitBreaker,
  confidenceMet,
  ContentFilterHook,
  customCondition,
  definePlugin,
  evaluateGrounding,
  evaluateProgress,
  EventBusHook,
  extractReferenceKey,
  gsarScore,
  GuardrailsHook,
  LoggingHook,
  maxIterations,
  mcpTools,
  ModelRetryHook,
  OutputFilterHook,
  safeResolve,
  SteeringHook,
  StructuredLoggingHook,
  structuredStream,
  textMention,
  timeLimit,
  tokenLimit,
  tool,
  toolCalled,
  ToolRegistry,
  ToolResultStore,
  validateUrl,
} from "@locus/core/agent";
import { ScriptedModel } from "../harness/support/scripted_model.ts";
import { CLASS, type Mistake, mistakes, noBuses, noOptions, PROMISE, wrong } from "./_mistakes.ts";

const bus = new EventBus();
const model = new ScriptedModel();
const agent = new Agent({ model });
const fn = () => 1;
const add = tool({ name: "add", execute: fn });

/** The mistake of giving `value` as an option of an agent. */
function option(name: string, value: unknown, says: string): Mistake {
  return [`${name}: ${typeof value}`, () => new Agent(wrong({ model, [name]: value })), says];
}

noOptions("Agent", (o) => new Agent(o));
mistakes("Agent", [
  ["nothing", () => new Agent(wrong(undefined)), "options must be an object, got undefined"],
  ["a model", () => new Agent(wrong(model)), "did you mean { model }?"],
  ["no model", () => new Agent(wrong({})), '"model" must be a language model of the AI SDK'],
  ["a model's name", () => new Agent({ model: wrong("gpt-5") }), 'got "gpt-5"'],
  ["a provider", () => new Agent({ model: wrong(fn) }), "got a function"],
  ["a promise", () => new Agent({ model: wrong(Promise.resolve(model)) }), PROMISE],
  ["an old model", () => new Agent({ model: wrong({ specificationVersion: "v2" }) }), '"v2"'],
  ["an agent", () => new Agent({ model: wrong(agent) }), "got an Agent"],
  ["the class", () => new Agent({ model: wrong(ScriptedModel) }), CLASS],
  option("tools", fn, '"tools" must hold tools made by tool(), got a function'),
  option("tools", { add: 5 }, 'tool "add" must be made by tool() of this package or of the AI SDK'),
  option("tools", [{ name: "x", execute: fn }], '"tools" must hold tools made by tool()'),
  option("tools", Promise.resolve([add]), PROMISE),
  option("tools", [add, add], 'there is already a tool named "add"'),
  option("systemPrompt", 5, '"systemPrompt" must be a string or a function, got 5'),
  option("systemPrompt", Promise.resolve(""), PROMISE),
  option("maxIterations", 0, '"maxIterations" must be a whole number'),
  option("maxIterations", "5", 'got "5"'),
  option("temperature", NaN, '"temperature" must be a number'),
  option("temperature", "0.5", '"temperature" must be a number'),
  option("maxTokens", -1, '"maxTokens" must be a whole number'),
  option("toolTimeoutMs", Infinity, '"toolTimeoutMs" must be a whole number'),
  option("streaming", "yes", '"streaming" must be one of'),
  option("planning", 1, '"planning" must be true or false'),
  option("hooks", new LoggingHook(), '"hooks" must be an array'),
  option("hooks", [fn], "hook"),
  option("hooks", [LoggingHook], "hook"),
  option("plugins", {}, "plugins"),
  option("termination", maxIterations, "termination"),
  option("termination", "done", "termination"),
  option("checkpointer", {}, "checkpointer"),
  option("checkpointer", new Map(), "checkpointer"),
  option("circuitBreaker", {}, '"circuitBreaker" must be a CircuitBreaker'),
  option("circuitBreaker", CircuitBreaker, CLASS),
  option("toolResultStore", {}, '"toolResultStore" must be a ToolResultStore'),
  option("callbackHandler", {}, '"callbackHandler" must be a function'),
  option("metadata", "x", '"metadata" must be an object'),
  option("metadata", new Map(), '"metadata" must be an object, got a Map'),
  option("providerOptions", { openai: 1 }, '"providerOptions" must be an object'),
  option("terminalTools", "done", '"terminalTools" must be a set or array of names'),
  option("terminalTools", [1], '"terminalTools" must be a set or array of names'),
  option("outputKey", "", '"outputKey" must be a string that is not empty'),
  option("agentId", 5, '"agentId" must be a string'),
  option("reflexion", "yes", "reflexion"),
  option("grounding", 5, "grounding"),
]);

const starts = [
  ["run()", (prompt: never, options?: never) => agent.run(prompt, options)],
  ["invoke()", (prompt: never, options?: never) => agent.invoke(prompt, options)],
] as const;
for (const [owner, call] of starts) {
  noOptions(owner, (o) => call(wrong("x"), o));
  mistakes(owner, [
    ["no prompt", () => call(wrong(undefined)), "prompt must be a string, got undefined"],
    ["null", () => call(wrong(null)), "prompt must be a string, got null"],
    ["messages", () => call(wrong([{ role: "user" }])), "message 1 of the prompt"],
    ["a message", () => call(wrong({ prompt: "x" })), "prompt must be a string, got an object"],
    ["a promise", () => call(wrong(Promise.resolve("x"))), PROMISE],
    ["a signal", () => call(wrong("x"), wrong(AbortSignal.abort())), "did you mean { signal }?"],
    ["a controller", () => call(wrong("x"), wrong({ signal: new AbortController() })), ".signal?"],
    ["an id as run", () => call(wrong("x"), wrong({ run: "r1" })), '"run" must be a run handle'],
    ["a bus as run", () => call(wrong("x"), wrong({ run: bus })), "got an event bus"],
    ["text", () => call(wrong("x"), wrong({ metadata: "x" })), '"metadata" must be an object'],
    ["a word", () => call(wrong("x"), wrong({ streaming: "yes" })), '"streaming" must be true'],
    ["a thread", () => call(wrong("x"), wrong({ threadId: "t" })), "checkpointer"],
  ]);
}

noOptions("tool()", (o) => tool(o));
mistakes("tool()", [
  ["nothing", () => tool(wrong(undefined)), "options must be an object, got undefined"],
  ["no name", () => tool(wrong({ execute: fn })), '"name" must be 1 to 64 letters'],
  ["a space", () => tool({ name: "add two", execute: fn }), '"name" must be 1 to 64 letters'],
  ["an empty name", () => tool({ name: "", execute: fn }), '"name" must be 1 to 64 letters'],
  ["a name first", () => tool(wrong("add")), 'options must be an object, got "add"'],
]);
mistakes('tool("x")', [
  ["no function", () => tool(wrong({ name: "x" })), '"execute" must be a function'],
  ["a promise", () => tool({ name: "x", execute: wrong(Promise.resolve()) }), PROMISE],
  ["a number", () => tool({ name: "x", execute: fn, description: wrong(5) }), '"description" must'],
  [
    "text",
    () => tool({ name: "x", execute: fn, idempotent: wrong("yes") }),
    '"idempotent" must be',
  ],
  ["no time", () => tool({ name: "x", execute: fn, timeoutMs: 0 }), '"timeoutMs" must be'],
  [
    "a list",
    () => tool({ name: "x", execute: fn, parameters: { type: "array" } }),
    '"parameters" must describe an object',
  ],
]);

noOptions("asTool()", (o) => agent.asTool(o));
noOptions("definePlugin()", (o) => definePlugin(o));
mistakes("definePlugin()", [
  ["no name", () => definePlugin(wrong({})), "name"],
  ["one hook", () => definePlugin(wrong({ name: "x", hooks: new LoggingHook() })), "hooks"],
  ["no tools", () => definePlugin(wrong({ name: "x", tools: [fn] })), "tools"],
]);

const hooks: [owner: string, make: (options: never) => unknown][] = [
  ["ContentFilterHook", (o) => new ContentFilterHook(o)],
  ["GuardrailsHook", (o) => new GuardrailsHook(o)],
  ["LoggingHook", (o) => new LoggingHook(o)],
  ["ModelRetryHook", (o) => new ModelRetryHook(o)],
  ["OutputFilterHook", (o) => new OutputFilterHook(o)],
  ["SteeringHook", (o) => new SteeringHook(o)],
  ["StructuredLoggingHook", (o) => new StructuredLoggingHook(o)],
  ["EventBusHook", (o) => new EventBusHook("r1", o)],
  ["CircuitBreaker", (o) => new CircuitBreaker(o)],
  ["ToolResultStore", (o) => new ToolResultStore(o)],
];
for (const [owner, make] of hooks) noOptions(owner, make);
noBuses(
  "EventBusHook",
  (bus) => new EventBusHook("r1", { bus }),
  '"bus" must be an event bus, got ',
);
mistakes("EventBusHook", [
  ["nothing", () => new EventBusHook(wrong(undefined)), '"runId" must be'],
  ["options first", () => new EventBusHook(wrong({ bus })), '"runId" must be'],
]);

mistakes("maxIterations()", [
  ["nothing", () => maxIterations(wrong(undefined)), '"count" must be a whole number'],
  ["zero", () => maxIterations(0), "got 0"],
  ["text", () => maxIterations(wrong("5")), 'got "5"'],
]);
mistakes("tokenLimit()", [
  ["NaN", () => tokenLimit(NaN), "got NaN"],
  ["Infinity", () => tokenLimit(Infinity), "got Infinity"],
]);
mistakes("timeLimit()", [
  ["zero", () => timeLimit(0), "got 0"],
  ["text", () => timeLimit(wrong("1m")), 'got "1m"'],
]);
mistakes("confidenceMet()", [
  ["a percentage", () => confidenceMet(90), "got 90"],
  ["text", () => confidenceMet(wrong("high")), 'got "high"'],
]);
mistakes("toolCalled()", [
  ["nothing", () => toolCalled(wrong(undefined)), "got undefined"],
  ["a tool", () => toolCalled(wrong(add)), "got an object"],
  ["an empty name", () => toolCalled(""), 'got ""'],
]);
mistakes("textMention()", [
  ["nothing", () => textMention(wrong(undefined)), "got undefined"],
  ["an empty text", () => textMention(""), 'got ""'],
  ["a list", () => textMention(wrong(["a"])), "got an array"],
]);
mistakes("customCondition()", [
  ["no function", () => customCondition(wrong("x")), "function"],
]);
mistakes("all()", [
  ["a function", () => all(wrong(fn)), "got a function"],
  ["a list", () => all(wrong([maxIterations(1)])), "got an array"],
]);
mistakes("any()", [
  ["a function", () => any(wrong(fn)), "got a function"],
  ["nothing", () => any(wrong(undefined)), "got undefined"],
]);

mistakes("mcpTools()", [
  ["a bus", () => mcpTools(wrong(bus)), "got an event bus"],
  ["options", () => mcpTools(wrong({ client: {} })), "the client must have listTools()"],
]);
mistakes("structuredStream()", [
  [
    "a promise",
    () => structuredStream(wrong(agent.invoke("x").catch(fn)), wrong({ type: "object" })),
    PROMISE,
  ],
  ["an agent", () => structuredStream(wrong(agent), wrong({ type: "object" })), "got an Agent"],
  ["no schema", () => structuredStream(agent.run("x"), wrong(undefined)), "schema"],
  ["a Date", () => structuredStream(agent.run("x"), wrong(new Date())), "got a Date"],
]);
mistakes("ToolRegistry", [
  ["a function", () => new ToolRegistry(wrong([fn])), "got a function"],
  ["a name", () => new ToolRegistry(wrong("add")), "expected a tool made by tool()"],
]);
mistakes("validateUrl()", [
  ["nothing", () => validateUrl(wrong(undefined)), "expected an absolute URL, got undefined"],
  ["a relative URL", () => validateUrl("/a"), 'expected an absolute URL, got "/a"'],
  ["a request", () => validateUrl(wrong(new Request("http://a/"))), "got a Request"],
]);
mistakes("safeResolve()", [
  ["no root", () => safeResolve(wrong(undefined), "a"), "got undefined"],
  ["no path", () => safeResolve("/tmp", wrong(undefined)), "got undefined"],
  ["a number", () => safeResolve("/tmp", wrong(5)), "got 5"],
]);
mistakes("evaluateGrounding()", [
  ["no claims", () => evaluateGrounding(wrong(undefined), []), '"claims" must be'],
  ["one claim", () => evaluateGrounding(wrong("a"), []), '"claims" must be'],
  ["no evidence", () => evaluateGrounding([], wrong(undefined)), '"evidence" must be'],
  ["objects", () => evaluateGrounding([], [wrong({})]), '"evidence" must be'],
]);
mistakes("evaluateProgress()", [
  ["no state", () => evaluateProgress(wrong(undefined)), '"state" must be'],
  ["a result", () => evaluateProgress(wrong({ state: {} })), '"state" must be'],
  [
    "options second",
    () => evaluateProgress(wrong({ reasoning_steps: [] }), wrong({})),
    '"executions"',
  ],
]);
mistakes("gsarScore()", [
  ["nothing", () => gsarScore(wrong(undefined)), '"claims" must be an array, got undefined'],
  ["a text", () => gsarScore(wrong("a")), '"claims" must be an array, got "a"'],
]);
mistakes("buildCausalChain()", [
  ["nothing", () => buildCausalChain(wrong(undefined)), "expected a list of events, got undefined"],
  ["a chain", () => buildCausalChain(wrong(new CausalChain())), "expected a list of events"],
  ["texts", () => buildCausalChain([wrong("a")]), "expected"],
]);
mistakes("extractReferenceKey()", [
  ["nothing", () => extractReferenceKey(wrong(undefined)), "got undefined"],
  ["an object", () => extractReferenceKey(wrong({})), "got an object"],
]);
mistakes("bridgeAgentEvent()", [
  ["nothing", () => bridgeAgentEvent(wrong(undefined), wrong(undefined)), "expected"],
]);
