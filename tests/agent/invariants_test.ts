import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import fc from "../harness/support/property.ts";
import { Agent, type AgentEvent, type AgentOptions, type Hook, tool } from "../../src/agent/mod.ts";
import { type Script, ScriptedModel, toolCall } from "../harness/support/scripted_model.ts";
import { all, onBus } from "./_support.ts";

const KINDS = ["ok", "fail", "slow", "ask", "same", "picky", "guarded", "unknown"] as const;
type Kind = typeof KINDS[number];

/** A run: what is called in each turn, how the agent is set up, and when somebody interferes. */
interface Plan {
  turns: Kind[][];
  options: Partial<AgentOptions>;
  streaming: boolean;
  /** After so many events the run is cancelled, or left. */
  interference: { kind: "cancel" | "leave"; after: number } | null;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  turns: fc.array(fc.array(fc.constantFrom(...KINDS), { maxLength: 5 }), { maxLength: 4 }),
  options: fc.record({
    toolExecution: fc.constantFrom("concurrent", "sequential"),
    toolEventOrder: fc.constantFrom("sequential", "completion"),
    maxConcurrency: fc.integer({ min: 1, max: 4 }),
  }),
  streaming: fc.boolean(),
  interference: fc.option(
    fc.record({
      kind: fc.constantFrom("cancel", "leave"),
      after: fc.integer({ min: 1, max: 25 }),
    }),
  ),
});

const tools = [
  tool({ name: "ok", execute: () => "fine" }),
  tool({
    name: "fail",
    execute: () => {
      throw new Error("bad");
    },
  }),
  tool({
    name: "slow",
    execute: async (_, { toolCallId }) => {
      for (let i = toolCallId.length * 3; i > 0; i--) await Promise.resolve();
      return "at last";
    },
  }),
  tool({ name: "ask", execute: (_, { interrupt }) => `told ${interrupt("?")}` }),
  tool({ name: "same", idempotent: true, execute: () => "same" }),
  tool({
    name: "picky",
    parameters: { type: "object", required: ["x"] },
    execute: () => "never called",
  }),
  tool({ name: "guarded", execute: (_, { interrupt }) => `approved, and told ${interrupt("?")}` }),
];

const guard: Hook = {
  onBeforeToolCall(event) {
    if (event.tool_name === "guarded") event.requireApproval("May I?");
  },
};

test("Whatever tools do, and whoever interferes, a run keeps its promises", async () => {
  await fc.assert(fc.asyncProperty(plans, checkRun), { numRuns: 300 });
});

async function checkRun({ turns, options, streaming, interference }: Plan): Promise<void> {
  const script = turns.filter((calls) => calls.length > 0).map((calls, turn): Script =>
    calls.map((kind, index) => toolCall(`t${turn}c${index}${"x".repeat(index % 3)}`, kind, {}))
  );
  const model = new ScriptedModel(...script, ["done"]);
  const agent = new Agent({ model, tools, streaming, hooks: [guard], ...options });
  const seen: AgentEvent[] = [];
  let left = false;
  let isWaiting = false;

  const { events: bus } = await onBus(async () => {
    let run = agent.run("go");
    while (!left) {
      for await (const event of run) {
        seen.push(event);
        if (seen.length !== interference?.after) continue;
        if (interference.kind === "cancel") agent.cancel();
        else {
          left = true;
          isWaiting = event.event_type === "interrupt";
          break;
        }
      }
      if (left || run.result!.stop_reason !== "interrupted") break;
      run = agent.resume("approve");
    }
    if (!left) assertEquals(run.result!.metrics.tool_calls, all(seen, "tool_complete").length);
  });

  const cancelled = interference?.kind === "cancel" && seen.length >= interference.after;
  checkOrder(seen, left);
  checkPairs(seen, left);
  for (const { prompt } of model.calls) checkConversation(prompt);
  if (!left && !cancelled) assertEquals(seen.at(-1)!.event_type, "terminate");
  // What was left is ended on the bus, where nobody leaves.
  const unseen = isWaiting ? 0 : openTools(seen) + 1 - all(seen, "terminate").length;
  // One bus event for each, a second one for the tokens of each model call.
  assertEquals(bus.length, seen.length + all(seen, "model_complete").length + unseen);
}

function openTools(seen: readonly AgentEvent[]): number {
  return all(seen, "tool_start").length - all(seen, "tool_complete").length;
}

function checkOrder(seen: readonly AgentEvent[], left: boolean): void {
  const thinks = all(seen, "think").map(({ iteration }) => iteration);
  assertEquals(thinks, thinks.map((_, index) => index));
  const ends = all(seen, "terminate").length;
  assertEquals(ends, left ? Math.min(ends, 1) : 1);
  if (ends === 1) assertEquals(seen.at(-1)!.event_type, "terminate");
}

function checkPairs(seen: readonly AgentEvent[], left: boolean): void {
  const open = new Set<string>();
  for (const event of seen) {
    if (event.event_type === "tool_start") {
      assert(!open.has(event.tool_call_id), `${event.tool_call_id} began twice`);
      open.add(event.tool_call_id);
    } else if (event.event_type === "tool_complete") {
      assert(open.delete(event.tool_call_id), `${event.tool_call_id} completed without a start`);
      assert((event.result === null) !== (event.error === null));
    } else if (event.event_type === "interrupt") {
      assert(open.size > 0, "the call that asks stays open, and so do those that wait with it");
    } else if (event.event_type === "terminate" && !left) {
      assertEquals(open.size, 0);
    }
  }
}

/** Every call is answered by the next message, in the order of the calls. */
function checkConversation(prompt: LanguageModelV4Prompt): void {
  for (const [index, message] of prompt.entries()) {
    if (message.role !== "assistant") continue;
    const asked = message.content.flatMap((part) =>
      part.type === "tool-call" ? [part.toolCallId] : []
    );
    const answer = prompt[index + 1];
    const answered = answer?.role !== "tool"
      ? []
      : answer.content.flatMap((part) => part.type === "tool-result" ? [part.toolCallId] : []);
    assertEquals(answered, asked);
  }
}
