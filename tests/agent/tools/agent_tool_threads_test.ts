/** Agents as tools that ask a person, where each answer comes in another process. */
import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Agent, type AgentRun, type Tool, tool } from "../../../src/agent/mod.ts";
import {
  type CheckpointStorage,
  type Snapshot,
  storageCheckpointer,
} from "../../../src/memory/mod.ts";
import { StrictModel } from "../../harness/support/strict_model.ts";
import { toolCall } from "../../harness/support/scripted_model.ts";
import { MapStorage } from "../../memory/_support.ts";
import { collect, only } from "../_support.ts";

/** What outlives a process: the storage, and what each model has left to say. */
class World {
  readonly storage: CheckpointStorage = new MapStorage();
  /** What was done, in its order. */
  readonly done: string[] = [];
  readonly models: StrictModel[] = [];
  /** The turns of each agent: the tools that it calls. */
  readonly #turns: Readonly<Record<string, string[][]>>;

  readonly #execution: "concurrent" | "sequential";

  constructor(
    turns: Readonly<Record<string, string[][]>>,
    execution: "concurrent" | "sequential" = "concurrent",
  ) {
    this.#turns = turns;
    this.#execution = execution;
    for (const name of Object.keys(turns)) {
      let calls = 0;
      this.models.push(
        new StrictModel(() => {
          const tools = this.#turns[name]!.shift() ?? [];
          return tools.length === 0 ? [{ type: "text", text: `${name} is done` }] : [
            { type: "reasoning", text: "hm", providerMetadata: { p: { signature: name } } },
            ...tools.map((tool) => toolCall(`${name}_${++calls}`, tool, { prompt: tool })),
          ];
        }),
      );
    }
  }

  /** The agents as a process makes them when it starts: each is a tool of the one before. */
  process(): Agent {
    const parameters = { type: "object", properties: { prompt: { type: "string" } } };
    const work = tool({ name: "work", parameters, execute: () => void this.done.push("work") });
    const ask = (name: string) =>
      tool({
        name,
        parameters,
        execute: (_, { interrupt }) => {
          const answer = interrupt(`${name}?`);
          this.done.push(`${name} ${answer}`);
          return answer;
        },
      });
    let tools: Tool[] = [work, ask("ask"), ask("again")] as Tool[];
    let agent: Agent;
    const names = Object.keys(this.#turns);
    for (const [index, name] of names.toReversed().entries()) {
      const model = this.models[names.length - 1 - index]!;
      const isFirst = index === names.length - 1;
      const checkpointer = isFirst ? storageCheckpointer(this.storage) : null;
      agent = new Agent({
        model,
        tools,
        checkpointer,
        agentId: name,
        toolExecution: this.#execution,
      });
      tools = [agent.asTool(), work, ask("own")] as Tool[];
    }
    return agent!;
  }

  /** Runs until nothing is asked any more, with an agent of its own for each answer. */
  async play(threadId = "t"): Promise<{ asked: string[]; last: AgentRun }> {
    const asked: string[] = [];
    let run = this.process().run("go", { threadId });
    for (;;) {
      const { events, error } = await collect(run);
      assertEquals(error, null);
      if (run.result!.stop_reason !== "interrupted") return { asked, last: run };
      asked.push(only(events, "interrupt").question);
      run = this.process().resume(`yes ${asked.length}`, { threadId });
    }
  }
}

test("An agent that asked goes on in another process where it was", async () => {
  const world = new World({ main: [["helper"]], helper: [["work"], ["ask"], ["work", "again"]] });
  const { asked, last } = await world.play();
  assertEquals(asked, ["ask?", "again?"]);
  assertEquals(world.done, ["work", "ask yes 1", "work", "again yes 2"]);
  assertEquals(last.result!.tool_executions[0]!.result, "helper is done");
  assertEquals(world.models.map(({ calls, refused }) => [calls.length, refused]), [
    [2, []],
    [4, []],
  ]);
});

for (const execution of ["concurrent", "sequential"] as const) {
  test(`So does one two levels down, beside questions of its callers (${execution})`, async () => {
    const world = new World({
      main: [["work", "middle", "own"]],
      middle: [["work"], ["leaf", "own"]],
      leaf: [["work"], ["work", "ask"], ["again"]],
    }, execution);
    const { asked, last } = await world.play();
    assertEquals(asked.toSorted(), ["again?", "ask?", "own?", "own?"]);
    assertEquals(world.done.filter((what) => what === "work").length, 4);
    for (const [index, question] of asked.entries()) {
      const answer = `${question.slice(0, -1)} yes ${index + 1}`;
      assertEquals(world.done.filter((what) => what === answer).length, 1, answer);
    }
    assertEquals(last.result!.success, true);
    for (const { refused } of world.models) assertEquals(refused, []);
  });
}

test("What was kept of an agent is not believed", async () => {
  const world = new World({ main: [["helper"]], helper: [["ask"]] });
  const checkpointer = storageCheckpointer(world.storage);
  await collect(world.process().run("go", { threadId: "t" }));
  const snapshot = (await checkpointer.load("t"))!;
  const data = structuredClone(snapshot.data) as {
    paused: { open: { kept: { run: { data: unknown } }; question: { interrupt_id: string } }[] };
  };
  const [call] = data.paused.open;
  call!.kept.run.data = { state: 5 };
  const checkpointId = call!.question.interrupt_id;
  await checkpointer.save({ ...snapshot, data } as Snapshot, "t", { checkpointId });
  const { events } = await collect(world.process().resume("yes", { threadId: "t" }));
  assertStringIncludes(only(events, "tool_complete").error!, "CheckpointError: Cannot read");
  assert(!world.done.includes("ask yes"));
});
