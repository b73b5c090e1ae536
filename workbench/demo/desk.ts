/**
 * The second agent of the demo: it pays refunds, and asks a person about the large ones.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { emit, type EventBus, runContext } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { z } from "zod";
import { scriptedModel } from "../../examples/support/scripted_model.ts";

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

  async function follow(runId: string, agent: Agent, work: () => ReturnType<Agent["run"]>) {
    try {
      await runContext({ runId, bus }, async () => {
        for await (const event of work()) {
          if (event.event_type !== "interrupt") continue;
          waiting.set(keyOf(runId, event.interrupt_id), agent);
          // Whoever is asked may never answer.
          if (waiting.size > MAX_WAITING) waiting.delete(waiting.keys().next().value!);
        }
      });
    } finally {
      const waits = [...waiting.values()].includes(agent);
      if (!waits) bus.closeStream(runId);
    }
  }

  return {
    async refund() {
      const runId = `refund-${++refunds}`;
      const agent = createAgent();
      await follow(runId, agent, () => agent.run("Order 1042 arrived broken."));
    },
    answer(runId, interruptId, response) {
      const key = keyOf(runId, interruptId);
      const agent = waiting.get(key);
      if (agent === undefined) return false;
      waiting.delete(key);
      void follow(runId, agent, () => agent.resume(response, { interruptId }))
        .catch((error) => console.error("A refund failed:", error));
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
    model: scriptedModel(
      { find_order: { id: "1042" }, stock: { sku: "A-17" } },
      { refund: { order: "1042", amount: 120 } },
      "I have told the customer what was decided about order 1042.",
    ),
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
