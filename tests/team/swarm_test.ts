import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";
import { swarm, type SwarmAgentOptions, type SwarmOptions } from "../../src/team/mod.ts";
import { canHandle, suitability } from "../../src/team/swarm_task.ts";
import { scriptedModel, type Turn } from "../../src/testing/mod.ts";
import { foldSpans, openSpans, outlineOf } from "../harness/support/span_tree.ts";
import { hanging, prompts, types, watched } from "./_support.ts";

/** An agent that says this. */
function agent(
  id: string,
  turns: Parameters<typeof scriptedModel>[0],
  more: Partial<SwarmAgentOptions> = {},
) {
  return { id, name: id, ...more, model: scriptedModel(turns) };
}

/** A task that wants these tags. */
const wants = (
  description: string,
  required_tags: string[] = [],
  preferred_tags: string[] = [],
) => ({
  description,
  required_tags,
  preferred_tags,
});

const eligible: [
  capabilities: string[],
  task: ReturnType<typeof wants>,
  can: boolean,
  fit: number,
][] = [
  [["SQL", "web"], wants("x", ["sql"]), true, 1],
  [["web"], wants("x", ["sql"]), false, 0],
  [["web"], wants("x", ["sql", "web"]), false, 0.5],
  [[], wants("anything"), true, 0.5],
  [[], wants("x", ["sql"]), false, 0.5],
  [["page", "sql"], wants("Look at the Page"), true, 0.5],
  [["sql"], wants("Look at the page"), false, 0],
  [["sql"], wants("x", ["sql"], ["web"]), true, 2 / 3],
];

test("swarm(): who can take a task, and how well it suits them", () => {
  for (const [capabilities, task, can, fit] of eligible) {
    const said = JSON.stringify([capabilities, task]);
    assertEquals(canHandle(capabilities, task), can, said);
    assertEquals(suitability(capabilities, task), fit, said);
  }
});

test("swarm(): the most important first, each by whom it suits; nobody can is no failure", async () => {
  const order: string[] = [];
  const says = (id: string) => (): Turn => (order.push(id), `${id} did it`);
  const crew = swarm({
    maxParallelAgents: 1,
    agents: [
      agent("web", says("web"), { capabilities: ["page"] }),
      agent("sql", says("sql"), { capabilities: ["database"] }),
    ],
  });
  const { success, tasks, summary } = await crew.execute([
    { description: "the page" },
    { description: "an urgent page", priority: 5 },
    { description: "the query", requiredTags: ["database"] },
    { description: "the moon" },
  ]);
  assert(success);
  assertEquals(tasks.map(({ status, claimed_by }) => [status, claimed_by]), [
    ["completed", "web"],
    ["completed", "web"],
    ["completed", "sql"],
    ["pending", null],
  ]);
  assertEquals(order, ["web", "sql", "web"]);
  assert(
    summary.startsWith("## Done\n- an urgent page: web did it\n- the query: sql did it\n"),
    summary,
  );
});

test("swarm(): its model takes a task apart, and sums up", async () => {
  const model = scriptedModel([
    'Sure:\n```json\n["one half", {"description": "the other"}]\n```',
    "All done.",
  ]);
  const crew = swarm({ agents: [agent("a", () => "ok")], model });
  const { tasks, summary } = await crew.execute("all of it");
  assertEquals(
    tasks.map((
      { description, priority, parent_task_id },
    ) => [description, priority, parent_task_id]),
    [["one half", 9, "task_0"], ["the other", 9, "task_0"]],
  );
  assertEquals(summary, "All done.");
});

test("swarm(): a task that is not taken apart is one, of priority 10", async () => {
  for (const [decompose, turns] of [[false, ["s"]], [true, ["I cannot.", "s"]]] as const) {
    const crew = swarm({ agents: [agent("a", ["ok"])], model: scriptedModel(turns) });
    const { tasks } = await crew.execute("all of it", { decompose });
    assertEquals(tasks.map(({ id, priority, result }) => [id, priority, result]), [
      ["task_0", 10, "ok"],
    ]);
  }
});

test("swarm(): what one finds the next one reads, in this execution only", async () => {
  const a = agent("a", [
    "Done.\n### Findings\nThe disk is full.\n### Blackboard\nLook at /var\n# Rest\nx",
    "ok",
    "ok",
  ]);
  const crew = swarm({ agents: [a] });
  const first = await crew.execute([{ description: "one" }, { description: "two" }]);
  assertEquals(first.findings, { task_task_1_findings: "The disk is full." });
  assertEquals(first.blackboard, { agent_a_message: "Look at /var" });
  await crew.execute([{ description: "three" }]);
  const [, second, third] = prompts(a.model);
  assert(second!.includes("## Findings\n- task_task_1_findings: The disk is full."), second);
  assert(!third!.includes("disk"), third);
});

test("swarm(): agents work side by side, within the limit", async () => {
  for (const limit of [1, 2]) {
    let [working, most] = [0, 0];
    const turn = async (): Promise<Turn> => {
      most = Math.max(most, ++working);
      for (let i = 0; i < 50; i++) await Promise.resolve();
      working--;
      return "ok";
    };
    const agents = ["a", "b", "c"].map((id) => agent(id, turn));
    const list = Array.from({ length: 6 }, (_, i) => ({ description: `task ${i}` }));
    await swarm({ agents, maxParallelAgents: limit }).execute(list);
    assertEquals(most, limit);
  }
});

test("swarm(): an agent takes maxIterations tasks at most", async () => {
  const crew = swarm({ agents: [agent("a", () => "ok")], maxIterations: 2 });
  const { tasks } = await crew.execute([1, 2, 3].map((n) => ({ description: `${n}` })));
  assertEquals(tasks.map(({ status }) => status), ["completed", "completed", "pending"]);
});

test("swarm(): one tree of spans, and nothing of other families", async () => {
  const crew = swarm({ id: "crew", name: "Crew", agents: [agent("a", ["ok"])] });
  const { events } = await watched(() => crew.execute([{ description: "look", priority: 3 }]));
  assertEquals(outlineOf(foldSpans(events)), [
    "run run",
    ["swarm Crew", ["task look", ["agent a", "model scripted"]]],
  ]);
  assertEquals(types(events), []);
  const task = events.find(({ data }) => data.kind === "task")!.data;
  assertEquals(task.attributes, { task_id: "task_1", claimed_by: "a", priority: 3 });
});

test("swarm(): a task that throws or hangs fails alone, with one clear end", async () => {
  const { model, aborted } = hanging();
  const crew = swarm({
    taskTimeoutMs: 20,
    agents: [
      agent("bad", [new Error("down")], { capabilities: ["bad"] }),
      { id: "slow", name: "slow", model, capabilities: ["slow"] },
      agent("good", ["ok"], { capabilities: ["good"] }),
    ],
  });
  const list = ["bad", "slow", "good"].map((description) => ({ description }));
  const { events, value } = await watched(() => crew.execute(list));
  await aborted;
  assertEquals([value.success, value.error], [false, null]);
  assertEquals(value.tasks.map(({ status, error }) => [status, error]), [
    ["failed", "Error: down"],
    ["failed", "TimeoutError: Task timed out after 20ms"],
    ["completed", null],
  ]);
  assertEquals(openSpans(foldSpans(events)), []);
});

test("swarm(): aborted, nothing goes on", async () => {
  const { model, asked, aborted } = hanging();
  const stop = new AbortController();
  void asked.then(() => stop.abort(new Error("enough")));
  const crew = swarm({ agents: [{ name: "a", model }] });
  const { events, error } = await watched(() => crew.execute("x", { signal: stop.signal }));
  await aborted;
  assertEquals((error as Error).message, "enough");
  assertEquals(openSpans(foldSpans(events)), []);
});

test("swarm(): in another process, tasks that had ended are not done again", async () => {
  const checkpointer = new MemoryCheckpointer();
  const asked: string[] = [];
  const made = (second: Turn) =>
    swarm({
      checkpointer,
      agents: [
        agent("a", ({ prompt }) => {
          const isSecond = JSON.stringify(prompt).includes("the second");
          asked.push(isSecond ? "second" : "first");
          return isSecond ? second : "### Findings\nfirst is done";
        }),
      ],
    });
  const stop = new AbortController();
  const dies = made(() => {
    stop.abort(new Error("the process is gone"));
    return new Promise(() => {});
  });
  const list = [{ description: "the first" }, { description: "the second" }];
  const lost = () => dies.execute(list, { threadId: "t", signal: stop.signal });
  await assertRejects(lost, Error, "the process is gone");
  const { events, value } = await watched(() => made("ok").recover({ threadId: "t" }));
  assertEquals(asked, ["first", "second", "second"]);
  assertEquals(value.tasks.map(({ status }) => status), ["completed", "completed"]);
  assertEquals(value.findings, { task_task_1_findings: "first is done" });
  const end = events.findLast(({ data }) => data.kind === "swarm")!.data;
  assertEquals(end.attributes, { kept: ["task_1"] });
});

test("swarm(): refuses bad options by name", async () => {
  const bad: [unknown, string][] = [
    [{}, '"agents" must be an array of agents, got undefined'],
    [{ agents: [{ name: "a", skills: [] }] }, 'unknown option "skills"'],
    [{ agents: [{ name: "a", capabilities: "x" }] }, '"capabilities" must be an array of strings'],
    [{ agents: [agent("a", []), agent("a", [])] }, '"agents" must have ids that differ'],
    [{ agents: [agent("a", [])], taskTimeoutMs: 0 }, '"taskTimeoutMs" must be a whole number'],
    [
      { agents: [agent("a", [])], maxParallelAgents: 0 },
      '"maxParallelAgents" must be a whole number',
    ],
  ];
  for (const [options, message] of bad) {
    const error = assertThrows(() => swarm(options as SwarmOptions)) as Error;
    assert(error.message.includes(message), error.message);
  }
  const crew = swarm({ agents: [agent("a", [])] });
  const call = async (fn: () => Promise<unknown>) => await fn();
  await assertRejects(
    () => call(() => crew.execute([{} as never])),
    TypeError,
    '"description" must be',
  );
  await assertRejects(
    () => call(() => crew.recover({ threadId: "t" })),
    TypeError,
    '"checkpointer" of swarm()',
  );
});
