/** The tree that a reader makes of a run's events is the one that was executed, whatever came between what. */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import fc from "../harness/support/property.ts";
import { EventBus, withRun } from "../../mod.ts";
import type { StreamEvent } from "../../src/events/mod.ts";
import { Agent } from "../../src/agent/mod.ts";
import { type PictureRow, RunPicture } from "../../src/view/mod.ts";
import { type Script, ScriptedModel } from "../harness/support/scripted_model.ts";
import { allSpans, foldSpans, openSpans, type SpanNode } from "../harness/support/span_tree.ts";
import { eventsOf } from "./_support.ts";

/** An agent: in each of its turns it calls these, all at once, and then it answers. */
interface Plan {
  readonly turns: readonly (readonly Plan[])[];
}

const { plan } = fc.letrec<{ plan: Plan; leaf: Plan }>((tie) => ({
  leaf: fc.constant({ turns: [] }),
  plan: fc.record({
    turns: fc.array(fc.array(tie("leaf"), { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
  }),
}));
const nested: fc.Arbitrary<Plan> = fc.record({
  turns: fc.array(fc.array(plan, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
});

/** A number of turns of the event loop's queue to let pass, by a seed: who is next is different each time. */
function lottery(seed: number): () => Promise<void> {
  let state = seed | 0;
  return async () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5 | 0;
    for (let left = (state >>> 0) % 9; left > 0; left--) await Promise.resolve();
  };
}

/** What was executed: the agents by name, each with what its models wrote and the agents that it called. */
interface Executed {
  readonly name: string;
  readonly texts: string[];
  readonly called: Executed[][];
}

function build(plan: Plan, name: string, pass: () => Promise<void>): [Agent, Executed] {
  const executed: Executed = { name, texts: [], called: [] };
  const tools: Agent[] = [];
  const script = plan.turns.map((calls, turn): Script => {
    const made = calls.map((call, index) => build(call, `${name}.${turn}${index}`, pass));
    tools.push(...made.map(([agent]) => agent));
    executed.called.push(made.map(([, child]) => child));
    const names = made.map(([agent]) => agent.agentId!);
    return streamed(executed, `${name} asks in ${turn}`, names, pass);
  });
  script.push(streamed(executed, `${name} answers`, [], pass));
  const model = new ScriptedModel(...script);
  return [
    new Agent({
      model,
      tools: tools.map((agent) => agent.asTool({ name: agent.agentId!.replaceAll(".", "_") })),
      agentId: name,
      streaming: true,
    }),
    executed,
  ];
}

/** An answer token by token; all calls are named `call_0`, `call_1`, … by every model. */
function streamed(
  { texts }: Executed,
  text: string,
  calls: readonly string[],
  pass: () => Promise<void>,
): Script {
  texts.push(text);
  const parts: LanguageModelV4StreamPart[] = [
    { type: "text-start", id: "0" },
    ...text.split(/(?<= )/).map((delta) => ({ type: "text-delta" as const, id: "0", delta })),
    { type: "text-end", id: "0" },
    ...calls.map((name, index) => ({
      type: "tool-call" as const,
      toolCallId: `call_${index}`,
      toolName: name.replaceAll(".", "_"),
      input: `{"prompt":"?"}`,
    })),
    {
      type: "finish",
      finishReason: { unified: "stop", raw: "stop" },
      usage: {
        inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 1, text: 1, reasoning: 0 },
      },
    },
  ];
  return async () => {
    await pass();
    return { stream: parts };
  };
}

type Shape = [name: string, texts: string[], called: Shape[][]];

function shapeOf({ name, texts, called }: Executed): Shape {
  return [name, texts, called.map((turn) => turn.map(shapeOf).sort(byName))];
}

function byName([a]: Shape, [b]: Shape): number {
  return a < b ? -1 : 1;
}

/** The shape as the reader of spans has it. */
function shapeOfSpan(agent: SpanNode): Shape {
  const texts: string[] = [];
  const called: Shape[][] = [];
  let turn: Shape[] = [];
  for (const child of agent.children) {
    if (child.kind === "model") {
      texts.push(child.text);
      if (turn.length > 0) called.push(turn.sort(byName));
      turn = [];
    } else turn.push(shapeOfSpan(child.children[0]!));
  }
  return [agent.name, texts, called];
}

/** The shape as the picture has it. */
function shapeOfRow(agent: PictureRow): Shape {
  assert(agent.kind === "span" && agent.role === "agent" && agent.state === "done");
  const turns = agent.children.filter((row) => row.kind === "turn");
  assertEquals(turns.length, agent.children.length);
  return [
    agent.name,
    turns.map(({ text }) => text),
    turns.map(({ children }) =>
      children.map((tool) => {
        assert(tool.kind === "span" && tool.role === "tool" && tool.children.length === 1);
        return shapeOfRow(tool.children[0]!);
      }).sort(byName)
    ).filter((turn) => turn.length > 0),
  ];
}

/** Runs three agents at the same time, and compares what was executed with what readers make of it. */
async function check(plans: readonly Plan[], seed: number): Promise<void> {
  const pass = lottery(seed);
  const built = plans.map((plan, index) => build(plan, `agent${index}`, pass));
  const bus = new EventBus({ historyPerRun: 20_000 });
  await withRun({ runId: "r", bus }, () =>
    Promise.all(built.map(async ([agent]) => {
      await pass();
      for await (const _ of agent.run("go")) await pass();
    })));
  const expected = built.map(([, executed]) => shapeOf(executed)).sort(byName);
  const events = eventsOf(bus, "r", 20_000);
  const tree = foldSpans(events);
  assertEquals(openSpans(tree), []);
  assertEquals(tree.children.map(shapeOfSpan).sort(byName), expected);
  for (const { kind, events } of allSpans(tree)) {
    const ends = events.filter((type) => type === "agent.terminate").length;
    assertEquals(ends, kind === "agent" ? 1 : 0);
  }
  const picture = new RunPicture("r");
  for (const event of events) picture.add(event as StreamEvent);
  assertEquals(picture.rows.map(shapeOfRow).sort(byName), expected);
}

test("For any interleaving, readers fold the tree that was executed", async () => {
  const plans = fc.array(nested, { minLength: 3, maxLength: 3 });
  await fc.assert(fc.asyncProperty(plans, fc.integer(), check), { numRuns: 60 });
});

test("G2: three agents in parallel, one of them a sub-agent two levels down, do not mix", async () => {
  const leaf: Plan = { turns: [] };
  const middle: Plan = { turns: [[leaf, leaf]] };
  for (let seed = 1; seed < 20; seed++) {
    await check([{ turns: [[middle], [middle]] }, middle, { turns: [[leaf], [leaf]] }], seed);
  }
});
