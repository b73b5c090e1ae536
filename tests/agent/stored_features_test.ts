import { test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Agent, type AgentOptions, tool } from "../../src/agent/mod.ts";
import { CheckpointError, MemoryCheckpointer, type Snapshot } from "../../src/memory/mod.ts";
import { ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { collect, only, outline } from "./_support.ts";
// Stored by a version of Locus whose snapshots were of version 1, while the tool `ask` waited for a person.
import stored from "./stored_version_1.json" with { type: "json" };

const NOTHING = ['{"nodes":[],"edges":[]}'];
const FEATURES: Partial<AgentOptions> = { reflexion: true, causal: true, grounding: true };

test("Agent goes on with a thread that was stored as version 1", async () => {
  const { agent, looked } = await seerOf(stored as Snapshot, FEATURES);
  const run = agent.resume("at noon", { threadId: "t" });
  const { events, error } = await collect(run);
  assertEquals(error, null);
  assertEquals(outline(events).slice(0, 3), ["tool_complete c3", "reflect", "model_complete"]);
  assertEquals(only(events, "terminate").total_tool_calls, 4);

  const { causal_chain, metrics } = run.result!;
  assertEquals(causal_chain!.nodes.map(({ label }) => label), ["disk full", "write error"]);
  assertEquals([metrics.reflexion_evaluations, metrics.grounding_evaluations], [3, 2]);
  // What the idempotent tool returned then is known.
  assertEquals(looked(), 0);
});

test("Agent looks at a thread that was stored as version 1", async () => {
  const { agent } = await seerOf(stored as Snapshot);
  assertEquals((await agent.thread("t"))!.pending_interrupt!.question, "when?");
});

test("Agent refuses a part of a feature that is broken, and leaves the thread as it was", async () => {
  const cases: [part: Partial<(typeof stored)["data"]["progress"]>, message: string][] = [
    [{ reflexion_evaluations: -1 }, "features.reflexion: evaluations: "],
    [{ unverified_write: "no" as never }, "features.completion: unverified_write: "],
    [{ grounding: { ...stored.data.progress.grounding, score: 2 } }, "features.grounding: score: "],
  ];
  for (const [part, message] of cases) {
    const data = { ...stored.data, progress: { ...stored.data.progress, ...part } };
    const { agent, checkpointer } = await seerOf({ ...stored, data } as Snapshot, FEATURES);
    const { message: text } = await assertRejects(
      () => agent.resume("at noon", { threadId: "t" }).next(),
      CheckpointError,
    );
    assertStringIncludes(text, message);
    assertEquals((await checkpointer.load("t"))!.data, data);
  }
});

test("Agent keeps what it has of features that it lacks itself", async () => {
  const asking = [[toolCall("c4", "ask", {})]];
  const { agent, checkpointer } = await seerOf(stored as Snapshot, {}, asking);
  const run = agent.resume("at noon", { threadId: "t" });
  assertEquals(outline((await collect(run)).events).at(-1), "interrupt");
  assertEquals(run.result!.causal_chain, null);

  const saved = (await checkpointer.load("t"))!;
  const { features } = saved.data as { features: Record<string, unknown> };
  assertEquals([saved.version, Object.keys(features).sort()], [
    2,
    ["causal", "completion", "grounding", "reflexion"],
  ]);
  assertEquals(features.causal, stored.data.progress.causes);
  const another = await seerOf(saved, FEATURES);
  const next = another.agent.resume("at one", { threadId: "t" });
  await collect(next);
  assertEquals(next.result!.causal_chain!.nodes.length, 2);
});

/** An agent with the tools of that thread, which looks at the disk once more before it answers. */
async function seerOf(
  snapshot: Snapshot,
  options: Partial<AgentOptions> = {},
  script: ConstructorParameters<typeof ScriptedModel> = [
    [toolCall("c4", "look", { where: "/" })],
    ["ok"],
  ],
) {
  const checkpointer = new MemoryCheckpointer();
  await checkpointer.save(snapshot, "t", { checkpointId: questionOf(snapshot) });
  let looked = 0;
  const tools = [
    tool({ name: "write", execute: () => "written to disk" }),
    tool({ name: "look", idempotent: true, execute: () => String(looked++) }),
    tool({ name: "ask", execute: (_, { interrupt }) => `heard ${interrupt("when?")}` }),
  ];
  const model = new ScriptedModel(...script);
  const auxiliaryModel = new ScriptedModel(NOTHING, NOTHING, NOTHING);
  const agent = new Agent({
    model,
    auxiliaryModel,
    streaming: false,
    tools,
    checkpointer,
    ...options,
  });
  return { agent, checkpointer, looked: () => looked };
}

/** Whose answer is waited for: whoever deletes the checkpoint of that name may go on. */
function questionOf({ data }: Snapshot): string {
  interface Asking {
    readonly question: { readonly interrupt_id: string };
  }
  const { paused } = data as { paused: Asking | { open: readonly Asking[] } };
  // In version 1 only one call could be open.
  return ("open" in paused ? paused.open[0]! : paused).question.interrupt_id;
}
