import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { type AgentState, InterruptError, ThreadBusyError, tool } from "../../src/agent/mod.ts";
import { type Checkpointer, storageCheckpointer } from "../../src/memory/mod.ts";
import { type Script, toolCall } from "../harness/support/scripted_model.ts";
import { MapStorage } from "../memory/_support.ts";
import { agentOf, collect } from "./_support.ts";

/** What somebody does with a thread. */
interface Step {
  readonly what: "ask" | "answer" | "leave" | "delete";
  readonly thread: string;
  readonly agent: 0 | 1;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom("ask", "ask", "answer", "answer", "leave", "delete"),
  thread: fc.constantFrom("t", "u"),
  agent: fc.constantFrom(0, 1),
});

/** Every question is approved by the tool; the answer to a tool's result is the end. */
const TURN: Script = ({ prompt }) =>
  prompt.at(-1)!.role === "tool" ? ["done"] : [toolCall("c1", "approve", {})];

test("Threads: whatever meets, each question is answered once and nothing is torn", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step, { minLength: 2, maxLength: 12 }), play),
    { numRuns: 150 },
  );
});

async function play(scheduler: fc.Scheduler, steps: readonly Step[]): Promise<void> {
  const store = scheduled(scheduler, storageCheckpointer(new MapStorage()));
  const approved: unknown[] = [];
  const approve = tool({
    name: "approve",
    execute: (_, { interrupt }) => void approved.push(interrupt("ok?")),
  });
  const agents = [0, 1].map(() =>
    agentOf(Array<Script>(100).fill(TURN), { tools: approve, checkpointer: store }).agent
  );
  const perform = async ({ what, thread, agent: index }: Step): Promise<void> => {
    const agent = agents[index]!;
    if (what === "delete") return void await agent.deleteThread(thread).catch(isRefusal);
    if (what === "leave") {
      try {
        for await (const _ of agent.run("leave", { threadId: thread })) break;
      } catch (error) {
        isRefusal(error);
      }
      return;
    }
    const { interrupt_id: interruptId } = (await agent.thread(thread))?.pending_interrupt ?? NONE;
    const run = what === "ask"
      ? agent.run("ask", { threadId: thread })
      // The answer says which question it is meant for.
      : agent.resume(interruptId, { threadId: thread, interruptId });
    const { events, error } = await collect(run);
    const last = events.at(-1)?.event_type;
    if (error !== null) isRefusal(error);
    if (what === "answer" && error !== null) assertEquals(events, []);
    else assert(last === "terminate" || last === "interrupt", String(last));
  };
  await scheduler.waitFor(Promise.all(steps.map(perform)));

  assertEquals(new Set(approved).size, approved.length);
  for (const thread of ["t", "u"]) {
    const state = await scheduler.waitFor(agents[0]!.thread(thread));
    if (state !== null) assertWhole(state);
    // Nobody has kept it.
    await scheduler.waitFor(agents[1]!.deleteThread(thread));
  }
}

const NONE = { interrupt_id: "int_none" };

/** The same checkpointer, with each of its answers at a time of the scheduler's choice. */
function scheduled(scheduler: fc.Scheduler, store: Checkpointer): Checkpointer {
  const later = async <T>(result: Promise<T>): Promise<T> => {
    const value = await result;
    return await scheduler.schedule(Promise.resolve(value));
  };
  return {
    backend: store.backend,
    save: (...args) => later(store.save(...args)),
    load: (...args) => later(store.load(...args)),
    listCheckpoints: (...args) => later(store.listCheckpoints(...args)),
    delete: (...args) => later(store.delete(...args)),
  };
}

function isRefusal(error: unknown): void {
  assert(error instanceof ThreadBusyError || error instanceof InterruptError, String(error));
}

/** Every call has its result, but for those of a turn that waits for a person, or was left. */
function assertWhole({ messages, pending_interrupt }: AgentState): void {
  const results = messages.filter(({ role }) => role === "tool").length;
  const calls = messages.filter(({ tool_calls }) => tool_calls.length > 0).length;
  assertEquals(calls - results, pending_interrupt === null ? 0 : 1);
}
