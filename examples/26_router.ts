/**
 * A help desk that reads each request, chooses how to answer it, and asks before it does something risky.
 *
 * A model only says what a request asks for; rules choose the protocol, and the routes not taken are on the bus.
 */
import { EventBus, withRun } from "@locus/core";
import { tool } from "@locus/core/agent";
import { router } from "@locus/core/router";
import { scriptedModel } from "@locus/core/testing";

const restart = tool({ name: "restart", execute: () => "The shop is up again." });
const desk = router({
  capabilities: [{ id: "restart", description: "Restarts the shop", risk: "high", tool: restart }],
  approval: "ask",
  // In your program one model does all of this.
  model: scriptedModel([
    JSON.stringify({
      primary_goal: "remediate",
      domain: "shop",
      complexity: "medium",
      risk: "high",
      required_capabilities: ["restart"],
    }),
    { toolCalls: [{ toolName: "restart", input: {} }] },
    "Done: it is up again.",
  ]),
});

const bus = new EventBus();
bus.on("router.protocol.selected", ({ data }) => {
  for (const { id, chosen, reason } of data.candidates ?? []) {
    console.log(chosen ? "→" : " ", id, `(${reason})`);
  }
});
const run = { runId: "desk-1", bus };
const asked = await withRun(run, () => desk.dispatch("Bring the shop back.", { threadId: "t1" }));
console.log(asked.interrupts[0]?.question);
const { text } = await withRun(run, () => desk.resume("approve", { threadId: "t1" }));
console.log(text);
if (text !== "Done: it is up again.") throw new Error("Not restarted");
