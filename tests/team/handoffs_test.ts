import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { tool } from "../../src/agent/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { type HandoffAgentOptions, handoffs, type HandoffsOptions } from "../../src/team/mod.ts";
import { scriptedModel, type Turn } from "../../src/testing/mod.ts";
import { foldSpans, openSpans, outlineOf } from "../harness/support/span_tree.ts";
import { hanging, ofTeams, prompts, types, watched } from "./_support.ts";

/** An agent that says this. */
function agent(
  name: string,
  turns: Parameters<typeof scriptedModel>[0],
  more: Partial<HandoffAgentOptions> = {},
) {
  const model = scriptedModel(turns);
  return { name, ...more, model };
}

/** A turn that hands off. */
function to(target: string, input: object = {}, text?: string): Turn {
  return { ...text && { text }, toolCalls: [{ toolName: `hand_off_to_${target}`, input }] };
}

test("handoffs(): the tool ends the turn, and the other one answers", async () => {
  const billing = agent("billing", ["You paid twice."]);
  const front = agent("front", [
    to("billing", {
      reason: "specialization",
      summary: "They ask for a bill.",
      findings: [{ name: "customer", finding: "Ada" }],
    }, "One moment."),
  ]);
  const desk = handoffs({ agents: [front, billing], maxHandoffs: 3 });
  const { events, value } = await watched(() => desk.run("front", "What did I pay?"));
  assertEquals([value.success, value.agent_id, value.output, value.error], [
    true,
    "billing",
    "You paid twice.",
    null,
  ]);
  assertEquals(value.findings, { customer: "Ada" });
  const [initiated, completed] = ofTeams(events).map(({ data }) => data);
  const { span_id, handoff_id, ...rest } = initiated!;
  assertEquals(rest, {
    source_agent_id: "front",
    target_agent_id: "billing",
    parent_span_id: null,
    reason: "specialization",
    context_summary: "They ask for a bill.",
    carry: "summary",
    messages_total: 2,
    messages_carried: 0,
    messages_left_out: 2,
    tool_results_left_out: 0,
    summary_length: 48,
    findings: ["customer"],
    chain_length: 1,
    chain_limit: 3,
  });
  const { duration_ms, ...end } = completed!;
  assert(typeof duration_ms === "number");
  assertEquals(end, {
    source_agent_id: "front",
    target_agent_id: "billing",
    handoff_id,
    span_id,
    parent_span_id: null,
    success: true,
    output_length: 15,
    error: null,
  });
  assertEquals(outlineOf(foldSpans(events)), [
    "run run",
    ["agent front", "model scripted", "tool hand_off_to_billing"],
    ["handoff billing", ["agent billing", "model scripted"]],
  ]);
  const [asked] = prompts(billing.model);
  for (
    const text of [
      "You take over from front. Reason: specialization. Confidence so far: 0.00.",
      "## Task\nWhat did I pay?",
      "## Progress\nThey ask for a bill.",
      "### customer:\nAda",
      "## Conversation\n[USER]: What did I pay?\n[ASSISTANT]: One moment.",
      "## Chain\nfront -> billing",
    ]
  ) assert(asked!.includes(text), `${text}\n in \n${asked}`);
});

const look = tool({ name: "look", execute: () => "It is in the cellar." });
const looks: Turn = { text: "Let me look.", toolCalls: [{ toolName: "look" }] };

const carries: [HandoffsOptions["carry"], roles: string, counts: number[]][] = [
  ["none", "user", [4, 0, 4, 1]],
  ["summary", "user", [4, 0, 4, 1]],
  ["last", "user assistant tool assistant user", [4, 4, 0, 0]],
  ["all", "user assistant tool assistant user", [4, 4, 0, 0]],
  [(all) => all.slice(1, 2), "assistant tool user", [4, 2, 2, 0]],
  [(all) => all.slice(2, 3), "user", [4, 0, 4, 1]],
];

for (const [carry, roles, counts] of carries) {
  const name = typeof carry === "function" ? carry : `"${carry}"`;
  test(`handoffs(): carry ${name} takes along what it says, without orphans, and the event counts it`, async () => {
    const b = agent("b", ["ok"]);
    const a = agent("a", [looks, to("b", {}, "Somebody else knows.")], { tools: [look] });
    const desk = handoffs({ agents: [a, b], ...carry && { carry } });
    const { events } = await watched(() => desk.run("a", "Where?"));
    const [asked] = b.model.calls;
    const sent = asked!.prompt.map(({ role }) => role).slice(1);
    // Messages of one role that follow each other may be sent as one.
    assertEquals(sent.filter((role, i) => role !== sent[i - 1]).join(" "), roles);
    assert(!JSON.stringify(asked!.prompt).includes("hand_off_to_b"));
    const { data } = ofTeams(events)[0]!;
    assertEquals(
      [
        data.messages_total,
        data.messages_carried,
        data.messages_left_out,
        data.tool_results_left_out,
      ],
      counts,
    );
  });
}

test("handoffs(): max_handoffs; who may not hand off is told, and answers", async () => {
  const desk = handoffs({
    maxHandoffs: 1,
    agents: [agent("a", [to("b")]), agent("b", [to("a"), "I did it."])],
  });
  const { events, value } = await watched(() => desk.run("a", "x"));
  assertEquals([value.output, value.handoffs.length], ["I did it.", 1]);
  assertEquals(types(events), ["handoff.initiated", "handoff.completed"]);
  const refused = events.filter(({ event_type }) => event_type === "agent.tool.completed").at(-1)!;
  assert(String(refused.data.output_preview).startsWith("max_handoffs: "));
});

test("handoffs(): A to B to A to B without a new finding is a loop; with one it is not", async () => {
  const found = (name: string) => to("b", { findings: [{ name, finding: "x" }] });
  for (const [again, hops] of [[to("b"), 2], [found("new"), 3]] as const) {
    const desk = handoffs({
      agents: [agent("a", [to("b"), again, "a answers"]), agent("b", [to("a"), "b answers"])],
    });
    const { events, value } = await watched(() => desk.run("a", "x"));
    assertEquals(value.handoffs.length, hops);
    assertEquals(value.agent_id, hops === 2 ? "a" : "b");
    const loops = JSON.stringify(events).includes("handoff_loop: ");
    assertEquals(loops, hops === 2);
  }
});

test("handoffs(): an agent only gets tools for those it may hand off to", async () => {
  const a = agent("a", ["ok"], { handsOffTo: ["c"] });
  const desk = handoffs({ agents: [a, agent("b", []), agent("c", [])] });
  await desk.run("a", "x");
  assertEquals(a.model.calls[0]!.tools?.map(({ name }) => name), ["hand_off_to_c"]);
});

test("handoffs(): the next turn goes to who had it last, with its conversation", async () => {
  const b = agent("b", ["Hello Ada.", "Goodbye."]);
  const desk = handoffs({ agents: [agent("a", [to("b")]), b] });
  const first = await desk.run("a", "I am Ada.");
  const next = [...first.messages, { role: "user", content: "That is all." }];
  const second = await desk.run(first.agent_id, next);
  assertEquals(second.output, "Goodbye.");
  assert(prompts(b.model)[1]!.includes("assistant: Hello Ada."));
});

test("handoffs(): execute() hands a task over by hand", async () => {
  const desk = handoffs({ agents: [agent("a", []), agent("b", ["It is resolved."])] });
  const { events, value } = await watched(() =>
    desk.execute("a", "b", { task: "fix it", confidence: 0.3, progress: "tried once" })
  );
  assertEquals(types(events), ["handoff.initiated", "handoff.completed"]);
  assertEquals(ofTeams(events)[0]!.data.reason, "delegation");
  assertEquals([value.success, value.output, value.final_confidence], [
    true,
    "It is resolved.",
    0.5,
  ]);
});

test("handoffs(): an unknown target is a result, and nothing is told", async () => {
  const desk = handoffs({ agents: [agent("a", [])] });
  const { events, value } = await watched(() => desk.execute("a", "zz", { task: "x" }));
  assertEquals(types(events), []);
  assertEquals([value.success, value.error, value.handoff_id], [
    false,
    "Target agent not found: zz",
    "",
  ]);
});

test("handoffs(): a chain of custody has an end, and a new chain begins anew", async () => {
  const ids = [..."abcdefg"];
  const desk = handoffs({ agents: ids.map((id) => agent(id, () => `${id} did its part`)) });
  const { events, value } = await watched(() => desk.chain(ids, "x"));
  assertEquals(value.map(({ success }) => success), [true, true, true, true, true, false]);
  assertEquals(value.at(-1)!.error, "max_handoffs");
  assertEquals(types(events).length, 10);
  assertEquals((await desk.execute("f", "g", { task: "x" })).success, true);
});

test("handoffs(): what each one of a chain answers is a finding for the next; a failure ends it", async () => {
  const c = agent("c", ["end"]);
  const fine = handoffs({ agents: [agent("a", []), agent("b", ["b knows"]), c] });
  assertEquals((await fine.chain(["a", "b", "c"], "x")).length, 2);
  assert(prompts(c.model)[0]!.includes("## Findings\n\n### from_a:\nb knows"));
  const broken = handoffs({ agents: [agent("a", []), agent("b", [new Error("down")]), c] });
  const results = await broken.chain(["a", "b", "c"], "x");
  assertEquals(results.map(({ error }) => error), ["Error: down"]);
});

test("handoffs(): who says nothing is asked once more, and not twice", async () => {
  for (const [turns, success] of [[["", "found it"], true], [["", ""], false]] as const) {
    const b = agent("b", turns);
    const desk = handoffs({ agents: [agent("a", []), b] });
    const { events, value } = await watched(() => desk.execute("a", "b", { task: "x" }));
    assertEquals([value.success, b.model.calls.length], [success, 2]);
    assertEquals(types(events), ["handoff.initiated", "handoff.completed"]);
    if (success) continue;
    assertEquals(value.error, "model returned empty content twice");
    assertEquals(ofTeams(events).at(-1)!.data.output_length, 0);
  }
});

test("handoffs(): a long conversation is summed up in short lines, the newest", async () => {
  const b = agent("b", ["ok"]);
  const desk = handoffs({ agents: [agent("a", [to("b")]), b] });
  const messages = Array.from({ length: 60 }, (_, i) => [
    { role: "user", content: `${i} ${"x".repeat(300)}` },
    { role: "assistant", content: "" },
  ]).flat().concat({ role: "user", content: "now" });
  await desk.run("a", messages);
  const text = prompts(b.model)[0]!;
  assert(text.includes("(11 earlier messages)\n[USER]: 11 xxx"), text.slice(0, 800));
  assert(text.includes(`[USER]: 59 ${"x".repeat(197)}...\n[USER]: now`));
});

const faults: Record<string, { turn: Turn; error: RegExp; timeoutMs?: number }> = {
  "throws": { turn: new Error("down"), error: /^Error: down$/ },
  "hangs": { turn: () => new Promise(() => {}), error: /timed out after 20ms/, timeoutMs: 20 },
};

for (const [what, { turn, error, timeoutMs }] of Object.entries(faults)) {
  test(`handoffs(): a target that ${what} has one clear end`, async () => {
    const b = agent("b", [turn], { ...timeoutMs && { timeoutMs } });
    const desk = handoffs({ agents: [agent("a", [to("b")]), b] });
    const { events, value } = await watched(() => desk.run("a", "x"));
    assertEquals(openSpans(foldSpans(events)), []);
    assertEquals(types(events), ["handoff.initiated", "handoff.completed"]);
    assert(error.test(String(ofTeams(events)[1]!.data.error)));
    assert(!value.success && error.test(value.error!), value.error!);
  });
}

test("handoffs(): an aborted target ends with its run, and nothing goes on", async () => {
  const { model, asked, aborted } = hanging();
  const desk = handoffs({ agents: [agent("a", [to("b")]), { name: "b", model }] });
  const stop = new AbortController();
  void asked.then(() => stop.abort(new Error("enough")));
  const { events, error } = await watched(() => desk.run("a", "x", { signal: stop.signal }));
  await aborted;
  assertEquals((error as Error).message, "enough");
  assertEquals(openSpans(foldSpans(events)), []);
  assertEquals(ofTeams(events).at(-1)!.data.error, "Error: enough");
});

test("handoffs(): in another process, who had ended is not asked again", async () => {
  const checkpointer = new MemoryCheckpointer();
  const asked: string[] = [];
  const made = (c: Turn) =>
    handoffs({
      checkpointer,
      agents: [
        agent("a", () => (asked.push("a"), to("b"))),
        agent("b", () => (asked.push("b"), to("c", { findings: [{ name: "n", finding: "1" }] }))),
        agent("c", () => (asked.push("c"), c)),
      ],
    });
  const stop = new AbortController();
  const dies = made(() => {
    stop.abort(new Error("the process is gone"));
    return new Promise(() => {});
  });
  const lost = () => dies.run("a", "x", { threadId: "t", signal: stop.signal });
  await assertRejects(lost, Error, "the process is gone");
  const { events, value } = await watched(() => made("c answers").recover({ threadId: "t" }));
  assertEquals([value.output, value.findings], ["c answers", { n: "1" }]);
  assertEquals(value.handoffs.map(({ target_agent_id }) => target_agent_id), ["b", "c"]);
  assertEquals(asked, ["a", "b", "c", "c"]);
  assertEquals(types(events), ["handoff.initiated", "handoff.completed"]);
});

test("handoffs(): refuses bad options by name", async () => {
  const bad: [unknown, string][] = [
    [{}, '"agents" must be an array of agents, got undefined'],
    [{ agents: [{ name: "a", role: "x" }] }, 'unknown option "role"'],
    [{ agents: [{ name: "a" }, { name: "a" }] }, '"agents" must have ids that differ'],
    [{ agents: [{ name: "a", handsOffTo: ["b"] }] }, '"a" cannot hand off to "b"'],
    [{ agents: [{ name: "a" }], carry: "some" }, '"carry" must be one of'],
    [{ agents: [{ name: "a" }], maxHandoffs: 0 }, '"maxHandoffs" must be a whole number'],
  ];
  for (const [options, message] of bad) {
    const error = assertThrows(() => handoffs(options as HandoffsOptions)) as Error;
    assert(error.message.includes(message), error.message);
  }
  const desk = handoffs({ agents: [agent("a", [])] });
  const call = async (fn: () => Promise<unknown>) => await fn();
  await assertRejects(() => call(() => desk.run("zz", "x")), TypeError, 'there is no agent "zz"');
  await assertRejects(
    () => call(() => desk.run("a", "x", { threadId: "t" })),
    TypeError,
    '"threadId" needs the option "checkpointer"',
  );
  assertEquals(
    (await handoffs({ agents: [{ name: "a" }] }).run("a", "x")).error,
    "No model configured for agent",
  );
});
