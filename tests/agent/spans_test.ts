/** Who did what: an agent's run as spans. */
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { currentRun, EventBus, type Run, runContext, withRun, withSpan } from "../../mod.ts";
import {
  type Agent,
  type AgentOptions,
  GuardrailsHook,
  type Hook,
  ModelRetryHook,
  tool,
} from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { allSpans, foldSpans, openSpans, outlineOf } from "../harness/support/span_tree.ts";
import { addTool, agentOf, allOnBus, type BusEvent, collect, eventsOf } from "./_support.ts";

const addThree: Script[] = [[toolCall("c1", "add", { a: 1, b: 2 })], ["3"]];

function calculator(options: Partial<AgentOptions> = {}): Agent {
  return agentOf(addThree, { tools: addTool(), agentId: "calculator", ...options }).agent;
}

function ofType(events: readonly BusEvent[], type: string, kind?: string): BusEvent["data"][] {
  return events.filter(({ event_type, data }) =>
    event_type === type && (kind === undefined || data.kind === kind)
  ).map(({ data }) => data);
}

test("An agent's run is a span, with its model and tool calls inside, in order", async () => {
  const { events } = await allOnBus(() => calculator().invoke("1 + 2?"));
  assertEquals(outlineOf(foldSpans(events)), [
    "run run",
    ["agent calculator", "model scripted", "tool add", "model scripted"],
  ]);
  assertEquals(events.map(({ event_type, data }) => [event_type, data.kind].join(" ").trim()), [
    "span.started agent",
    "span.started model",
    "agent.model.completed",
    "agent.tokens.used",
    "span.completed model",
    "agent.think",
    "agent.tool.started",
    "agent.tool.completed",
    "span.started model",
    "agent.model.completed",
    "agent.tokens.used",
    "span.completed model",
    "agent.think",
    "agent.terminate",
    "span.completed agent",
  ]);
});

test("An agent's span says what the agent is", async () => {
  const options = { checkpointer: new MemoryCheckpointer(), maxIterations: 7 };
  const { events } = await allOnBus(() => calculator(options).invoke("?", { threadId: "t" }));
  const { span_id, ...started } = ofType(events, "span.started", "agent")[0]!;
  assertMatch(String(span_id), /^[0-9a-f]{16}$/);
  assertEquals(started, {
    parent_span_id: null,
    name: "calculator",
    kind: "agent",
    attributes: {
      agent_id: "calculator",
      model: "scripted",
      provider: "scripted",
      tools: ["add"],
      thread_id: "t",
      iteration_limit: 7,
    },
  });
  assertEquals(events.slice(-3).map(({ event_type }) => event_type), [
    ...["agent.terminate", "memory.checkpoint.saved", "span.completed"],
  ]);
  assertEquals(events.at(-2)!.data.span_id, span_id);
});

test("A model's span says what was asked, and what it cost", async () => {
  const streamed: Script = {
    stream: [
      { type: "stream-start", warnings: [] },
      { type: "response-metadata", id: "resp_1", modelId: "scripted-2026-11" },
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: "hi" },
      { type: "text-end", id: "0" },
      {
        type: "finish",
        finishReason: { unified: "stop", raw: "end_turn" },
        usage: {
          inputTokens: { total: 9, noCache: 2, cacheRead: 4, cacheWrite: 3 },
          outputTokens: { total: 5, text: 4, reasoning: 1 },
        },
      },
    ],
  };
  const { agent } = agentOf([streamed], { streaming: true, temperature: 0.1, maxTokens: 99 });
  const { events } = await allOnBus(() => agent.invoke("hi"));
  assertEquals(ofType(events, "span.started", "model")[0]!.attributes, {
    model: "scripted",
    provider: "scripted",
    iteration: 0,
    attempt: 1,
    streaming: true,
    message_count: 2,
    temperature: 0.1,
    max_output_tokens: 99,
  });
  const { attributes, success, error } = ofType(events, "span.completed", "model")[0]!;
  const { first_token_ms, ...rest } = attributes as Record<string, unknown>;
  assertEquals(typeof first_token_ms, "number");
  assertEquals(rest, {
    finish_reason: "stop",
    input_tokens: 9,
    output_tokens: 5,
    cached_input_tokens: 4,
    cache_write_tokens: 3,
    reasoning_tokens: 1,
    response_id: "resp_1",
    response_model: "scripted-2026-11",
  });
  assertEquals([success, error], [true, null]);
  const { span_id: _, ...tokens } = ofType(events, "agent.tokens.used")[0]!;
  assertEquals(tokens, {
    prompt_tokens: 9,
    completion_tokens: 5,
    total_tokens: 14,
    cached_input_tokens: 4,
    cache_write_tokens: 3,
    reasoning_tokens: 1,
    model: "scripted",
  });
});

test("Each attempt of a model call is a span, and a retry is said by the one that failed", async () => {
  const busy = Object.assign(new Error("busy"), { statusCode: 429 });
  const { agent } = agentOf([busy, [""], ["fine"]], {
    hooks: [new ModelRetryHook({ initialDelay: 0 })],
  });
  const { events } = await allOnBus(() => agent.invoke("hi"));
  const models = allSpans(foldSpans(events)).filter(({ kind }) => kind === "model");
  assertEquals(models.map((span) => span.events), [
    ["agent.model.retry"],
    ["agent.model.retry", "agent.model.completed", "agent.tokens.used"],
    ["agent.model.completed", "agent.tokens.used"],
  ]);
  const attempts = ofType(events, "span.started", "model").map(({ attributes }) =>
    (attributes as { attempt: number }).attempt
  );
  assertEquals(attempts, [1, 2, 3]);
  const errors = ofType(events, "span.completed", "model").map(({ error }) => error);
  assertEquals(errors, ["Error: busy", null, null]);
});

test("A tool call has an id of its own, whatever id the provider gave it", async () => {
  const twice: Script[] = [addThree[0]!, addThree[0]!, ["3"]];
  const { agent } = agentOf(twice, { tools: addTool() });
  const { events } = await allOnBus(() => agent.invoke("go"));
  const started = ofType(events, "agent.tool.started");
  const completed = ofType(events, "agent.tool.completed");
  assertEquals(started.map(({ span_id }) => span_id), ["c1", "c1"]);
  const ids = started.map(({ tool_span_id }) => tool_span_id);
  assertEquals(new Set(ids).size, 2);
  assertEquals(completed.map(({ tool_span_id }) => tool_span_id), ids);
  const { span_id: agentId } = ofType(events, "span.started", "agent")[0]!;
  const parents = [...started, ...completed].map(({ parent_span_id }) => parent_span_id);
  assertEquals(parents, Array(4).fill(agentId));
});

test("A tool call that is made again after it failed says which attempt it is", async () => {
  let calls = 0;
  const flaky = tool({
    name: "flaky",
    execute: () => {
      if (++calls < 2) throw new Error("not yet");
      return "ok";
    },
  });
  const call: Script = [toolCall("c1", "flaky", { n: 1 })];
  const other: Script = [toolCall("c2", "flaky", { n: 2 })];
  const { agent } = agentOf([call, call, other, ["done"]], { tools: flaky });
  const { events } = await allOnBus(() => agent.invoke("go"));
  assertEquals(ofType(events, "agent.tool.started").map(({ attempt }) => attempt), [1, 2, 1]);
  assertEquals(ofType(events, "agent.tool.completed").map(({ attempt }) => attempt), [1, 2, 1]);
});

test("A tool call that a hook has repeated says how many attempts it took", async () => {
  const again: Hook = {
    onAfterToolCall: (event) => {
      if (event.attempt < 3) event.retry();
    },
  };
  const { events } = await allOnBus(() => calculator({ hooks: [again] }).invoke("go"));
  assertEquals(ofType(events, "agent.tool.completed").map(({ attempt }) => attempt), [3]);
});

test("What is the user's runs inside of the span that it belongs to", async () => {
  const seen: Record<string, string | null | undefined> = {};
  const look = (name: string) => {
    seen[name] ??= currentRun()?.spanId;
  };
  const watched: Hook = {
    onBeforeInvocation: () => look("agent"),
    onAfterModelCall: () => look("model hook"),
    onBeforeToolCall: () => look("tool hook"),
    onAfterToolCall: () => look("tool hook after"),
  };
  const model: Script = () => {
    look("model");
    return [toolCall("c1", "peek", {})];
  };
  const peek = tool({ name: "peek", execute: () => look("tool") });
  const { agent } = agentOf([model, ["done"]], { tools: peek, hooks: [watched] });
  const { events } = await allOnBus(() => agent.invoke("go"));
  const ids = {
    agent: ofType(events, "span.started", "agent")[0]!.span_id,
    model: ofType(events, "span.started", "model")[0]!.span_id,
    tool: ofType(events, "agent.tool.started")[0]!.tool_span_id,
  };
  assertEquals(
    seen,
    {
      "agent": ids.agent,
      "model": ids.model,
      "model hook": ids.model,
      "tool hook": ids.tool,
      "tool": ids.tool,
      "tool hook after": ids.tool,
    } as typeof seen,
  );
});

test("What a guardrail finds belongs to the call that it is about, or to the agent", async () => {
  const { agent } = agentOf([[toolCall("c1", "rm", {})], ["done"]], {
    tools: tool({ name: "rm", execute: () => "gone" }),
    hooks: [
      new GuardrailsHook({
        blockDangerousTools: ["rm"],
        maxPromptLength: 3,
        defaultAction: "warn",
      }),
    ],
  });
  const { events } = await allOnBus(() => agent.invoke("too long"));
  const spans = allSpans(foldSpans(events));
  const where = spans.filter((span) => span.events.includes("agent.guardrail.triggered"))
    .map(({ kind }) => kind);
  assertEquals(where, ["agent", "tool"]);
});

test("A sub-agent is inside of the call that it answers, two levels down", async () => {
  const { agent: leaf } = agentOf([["leaf"]], { agentId: "leaf" });
  const { agent: middle } = agentOf([[toolCall("call_0", "leaf", { prompt: "?" })], ["middle"]], {
    tools: leaf.asTool(),
    agentId: "middle",
  });
  const { agent } = agentOf([[toolCall("call_0", "middle", { prompt: "?" })], ["top"]], {
    tools: middle.asTool(),
    agentId: "top",
  });
  const { events } = await allOnBus(() => agent.invoke("go"));
  const model = "model scripted";
  assertEquals(outlineOf(foldSpans(events)), [
    "run run",
    ["agent top", model, [
      "tool middle",
      ["agent middle", model, ["tool leaf", ["agent leaf", model]], model],
    ], model],
  ]);
});

test("A model that is asked beside the conversation is a span as well", async () => {
  const judge: Script = ["CLAIM 1: 1.0 - yes"];
  const long = "The sum of the two numbers is three in all.";
  const { agent } = agentOf([addThree[0]!, [long], judge], { tools: addTool(), grounding: true });
  const { events } = await allOnBus(() => agent.invoke("go"));
  const models = allSpans(foldSpans(events)).filter(({ kind }) => kind === "model");
  assertEquals(models.at(-1)!.events, ["agent.tokens.used"]);
  assertEquals(models.length, 3);
});

/** Where nothing carries context, the handle does. */
function withHandles(bus: EventBus): Run {
  return runContext({ runId: "r", bus }, (run) => run);
}

/** Payloads with ids replaced by their place in the order of their first appearance, and without times. */
function normalized(bus: EventBus): string[] {
  const ids = new Map<string, string>();
  return bus.history({ run: "r" }, { limit: 500 }).toReversed().map(({ event_type, data }) => {
    const text = JSON.stringify(data, (key, value) => key.endsWith("_ms") ? 0 : value);
    return event_type + text.replace(/[0-9a-f]{16}/g, (id) => {
      if (!ids.has(id)) ids.set(id, `#${ids.size}`);
      return ids.get(id)!;
    });
  });
}

test("The events are the same where the run is handed on as where it is found", async () => {
  const nested = () => {
    const work = tool({
      name: "work",
      execute: (_, { run }) => withSpan("fetch", { run }, () => "ok"),
    });
    const { agent: helper } = agentOf([[toolCall("c1", "work", {})], ["4"]], {
      tools: work,
      agentId: "helper",
    });
    return agentOf([[toolCall("c1", "helper", { prompt: "?" })], ["done"]], {
      tools: helper.asTool(),
    }).agent;
  };
  const found = new EventBus();
  await runContext({ runId: "r", bus: found }, () => nested().invoke("go"));
  const handed = new EventBus();
  await nested().invoke("go", { run: withHandles(handed) });
  assert(normalized(found).length > 20);
  assertEquals(normalized(handed), normalized(found));
});

test("An agent without a run makes no bus and no span", async () => {
  const hooks: Hook = {
    onAfterModelCall: ({ spanId, context }) => assertEquals([spanId, context.spanId], [null, null]),
  };
  const peek = tool({ name: "peek", execute: (_, { run }) => typeof run });
  const { agent } = agentOf([[toolCall("c1", "peek", {})], ["done"]], {
    tools: peek,
    hooks: [hooks],
  });
  const { tool_executions } = await agent.invoke("go");
  assertEquals(tool_executions[0]!.result, "undefined");
});

const ends: { readonly [how: string]: (run: Run) => Promise<unknown> } = {
  "left at each event": async () => {
    for (let after = 1; after < 9; after++) {
      let seen = 0;
      for await (const _ of calculator({ streaming: after % 2 === 0 }).run("go")) {
        if (++seen === after) break;
      }
    }
  },
  "left while the model is asked": async () => {
    const { agent } = agentOf([() => new Promise(() => {})], { streaming: false });
    const run = agent.run("go");
    const pending = run.next();
    await Promise.resolve();
    await run.return();
    await pending;
  },
  "left while a tool runs": async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const stuck = tool({
      name: "stuck",
      execute: () => {
        resolve();
        return new Promise(() => {});
      },
    });
    const call: Script = [toolCall("c1", "stuck", {}), toolCall("c2", "stuck", {})];
    const run = agentOf([call], { tools: stuck }).agent.run("go");
    const collected = collect(run);
    await begun;
    await run.return();
    await collected;
  },
  "left while a sub-agent runs": async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const { agent: helper } = agentOf([() => {
      resolve();
      return new Promise(() => {});
    }], { agentId: "helper" });
    const { agent: middle } = agentOf([[toolCall("c1", "helper", { prompt: "?" })]], {
      tools: helper.asTool(),
      agentId: "middle",
    });
    const { agent } = agentOf([[toolCall("c1", "middle", { prompt: "?" })]], {
      tools: middle.asTool(),
    });
    const run = agent.run("go");
    const collected = collect(run);
    await begun;
    await run.return();
    await collected;
  },
  "aborted while a sub-agent runs": async () => {
    const abort = new AbortController();
    const { agent: helper } = agentOf([() => {
      abort.abort();
      return new Promise(() => {});
    }], { agentId: "helper" });
    const { agent } = agentOf([[toolCall("c1", "helper", { prompt: "?" })]], {
      tools: helper.asTool(),
    });
    await agent.invoke("go", { signal: abort.signal });
  },
  "a tool that runs out of time with its sub-agent": async () => {
    const { agent: helper } = agentOf([() => new Promise(() => {})], { agentId: "helper" });
    const { agent } = agentOf([[toolCall("c1", "helper", { prompt: "?" })], ["done"]], {
      tools: helper.asTool(),
      toolTimeoutMs: 1,
    });
    await agent.invoke("go");
  },
  "a span inside of a tool that heeds its signal": async () => {
    for (const how of ["left", "aborted", "timeout"]) {
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      const fetchIt = tool({
        name: "fetch",
        execute: (_, { signal }) =>
          withSpan("request", () =>
            withSpan("connect", () =>
              new Promise((_, reject) => {
                signal.addEventListener("abort", () => reject(signal.reason));
                resolve();
              }))),
      });
      const abort = new AbortController();
      const { agent } = agentOf([[toolCall("c1", "fetch", {})], ["done"]], {
        tools: fetchIt,
        toolTimeoutMs: how === "timeout" ? 1 : null,
      });
      const run = agent.run("go", { signal: abort.signal });
      const collected = collect(run);
      await begun;
      if (how === "left") await run.return();
      if (how === "aborted") abort.abort();
      await collected;
    }
  },
  "the model throws": async () => {
    const failing = () => agentOf([addThree[0]!, new Error("no model")], { tools: addTool() });
    await collect(failing().agent.run("go"));
  },
  "a hook throws": async () => {
    const points = ["onBeforeInvocation", "onBeforeModelCall", "onAfterModelCall"] as const;
    for (const point of [...points, "onBeforeToolCall", "onAfterToolCall"] as const) {
      const hook = {
        [point]: () => {
          throw new Error(point);
        },
      };
      await collect(calculator({ hooks: [hook] }).run("go"));
    }
  },
};

for (const [how, work] of Object.entries(ends)) {
  test(`Every span ends exactly once, and inside of its own: ${how}`, async () => {
    const { events } = await allOnBus(work);
    const tree = foldSpans(events);
    assertEquals(openSpans(tree), []);
    const agents = allSpans(tree).filter(({ kind }) => kind === "agent");
    assert(agents.length > 0);
    for (const { events } of agents) {
      assertEquals(events.filter((type) => type === "agent.terminate").length, 1);
    }
  });
}

test("An isolated sub-agent that is left ends its run before its caller's call", async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const { agent: helper } = agentOf([() => {
    resolve();
    return new Promise(() => {});
  }], { agentId: "helper" });
  const { agent } = agentOf([[toolCall("c1", "helper", { prompt: "?" })]], {
    tools: helper.asTool({ isolate: true }),
  });
  const bus = new EventBus();
  const run = withRun({ runId: "r", bus }, () => agent.run("go"));
  const collected = collect(run);
  await begun;
  await run.return();
  await collected;
  assertEquals(openSpans(foldSpans(eventsOf(bus, "r"))), []);
  const { attributes } = ofType(eventsOf(bus, "r"), "span.started", "run")[0]!;
  const own = eventsOf(bus, (attributes as { run_id: string }).run_id);
  assertEquals(openSpans(foldSpans(own)), []);
  assertEquals(ofType(own, "agent.terminate").length, 1);
  assertEquals(ofType(own, "run.completed").map(({ outcome }) => outcome), ["cancelled"]);
});

test("What is open inside of a call that is stopped ends before it, the innermost first", async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const { agent: helper } = agentOf([() => {
    resolve();
    return new Promise(() => {});
  }], { agentId: "helper" });
  const search = tool({
    name: "search",
    execute: (_, { signal }) =>
      withSpan("outer", () => withSpan("inner", () => helper.invoke("?", { signal }))),
  });
  const { agent } = agentOf([[toolCall("c1", "search", {})]], { tools: search, agentId: "top" });
  const bus = new EventBus();
  await runContext({ runId: "r", bus }, async () => {
    const run = agent.run("go");
    const collected = collect(run);
    await begun;
    await run.return();
    await collected;
    // What the work still comes to is told no more.
    await new Promise((resolve) => setTimeout(resolve));
  });
  const events = eventsOf(bus, "r");
  assertEquals(openSpans(foldSpans(events)), []);
  const ends = events.filter(({ event_type: type }) => /completed$/.test(type))
    .map(({ data }) => [data.name ?? data.tool_name, data.success]);
  assertEquals(ends.slice(-6), [
    ["scripted", false],
    ["helper", false],
    ["inner", false],
    ["outer", false],
    ["search", false],
    ["top", false],
  ]);
});
