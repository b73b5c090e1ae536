/**
 * The second agent of the demo: it pays refunds, and asks a person about the large ones.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { emit, type EventBus, startRun, withRun } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { scriptedModel } from "@locus/core/testing";
import { z } from "zod";

/** The refunds that are under way. */
export interface Desk {
  /** Runs the agent until it is done, or waits for a person. */
  refund(): Promise<void>;
  /** Goes on with what waits; false if nothing does. */
  answer(runId: string, interruptId: string, response: unknown): boolean;
}

/** A desk whose agents publish to `bus`. */
export function createDesk(bus: EventBus): Desk {
  const waiting = new Map<string, Agent>();
  let refunds = 0;

  async function follow(runId: string, agent: Agent, events: ReturnType<Agent["run"]>) {
    for await (const event of events) {
      if (event.event_type !== "interrupt") continue;
      waiting.set(keyOf(runId, event.interrupt_id), agent);
      // The person may never answer.
      if (waiting.size > MAX_WAITING) waiting.delete(waiting.keys().next().value!);
    }
  }

  return {
    async refund() {
      const runId = `refund-${++refunds}`;
      const agent = createAgent();
      // A run that waits for a person stays open.
      await withRun(
        { runId, bus, name: "Refund order 1042" },
        () => follow(runId, agent, agent.run("Order 1042 arrived broken.")),
      );
    },
    answer(runId, interruptId, response) {
      const key = keyOf(runId, interruptId);
      const agent = waiting.get(key);
      if (agent === undefined) return false;
      waiting.delete(key);
      startRun({ runId, bus }, () => follow(runId, agent, agent.resume(response, { interruptId })));
      return true;
    },
  };
}

const MAX_WAITING = 100;

function keyOf(runId: string, interruptId: string): string {
  return `${runId} ${interruptId}`;
}

function createAgent(): Agent {
  return new Agent({
    model: scriptedModel([
      {
        toolCalls: [
          { toolName: "find_order", input: { id: "1042" } },
          { toolName: "stock", input: { sku: "A-17" } },
        ],
      },
      { toolCalls: [{ toolName: "refund", input: { order: "1042", amount: 120 } }] },
      "I have told the customer what was decided about order 1042.",
    ]),
    tools: [findOrder, stock, refund],
    maxIterations: 6,
    streaming: true,
  });
}

const findOrder = tool({
  name: "find_order",
  description: "Looks an order up.",
  parameters: z.object({ id: z.string() }),
  async execute({ id }, { toolCallId }) {
    emit("demo.subject", { span_id: toolCallId, subject: `order ${id}` });
    await delay(700);
    return "Order 1042: one lamp, 120 EUR, paid on 3 November, arrived broken";
  },
});

const stock = tool({
  name: "stock",
  description: "How many pieces there are.",
  parameters: z.object({ sku: z.string() }),
  async execute() {
    await delay(1_100);
    throw new Error("the warehouse does not answer");
  },
});

const refund = tool({
  name: "refund",
  description: "Pays money back.",
  parameters: z.object({ order: z.string(), amount: z.number() }),
  async execute({ order, amount }, { interrupt }) {
    const answer = interrupt({
      question: `Refund ${amount} EUR for order ${order}?`,
      options: ["approve", "decline"],
    });
    await delay(600);
    return answer === "approve" ? `paid ${amount} EUR` : "declined";
  },
});
