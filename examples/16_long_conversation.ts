/**
 * A conversation that is longer than its model takes: long results are cut, and nothing that the user said is lost.
 */
import { EventBus, runContext } from "@locus/core";
import { Agent, tool } from "@locus/core/agent";
import { compaction } from "@locus/core/memory";
import { scriptedModel } from "@locus/core/testing";

const read = tool<{ page: number }>({
  name: "read",
  parameters: { type: "object", properties: { page: { type: "integer" } } },
  execute: ({ page }) => `Page ${page}: ${"lorem ipsum ".repeat(1000)}`,
});
const page = (n: number) => ({
  toolCalls: [{ toolName: "read", input: { page: n } }],
});
const model = scriptedModel([page(1), page(2), page(3), "It is all the same."]);
const agent = new Agent({
  model,
  tools: [read],
  conversationManager: compaction({ contextTokens: 6000 }),
});

const bus = new EventBus();
let cut = 0;
bus.on("memory.compactor.completed", ({ data }) => {
  cut += data.evicted?.length ?? 0;
  console.log(`${cut} cut, ${data.tokens_after} tokens are left`);
});
const { message, state } = await runContext(
  { runId: "reading-1", bus },
  () => agent.invoke("Read the first three pages."),
);
await bus.drained("reading-1");
console.log(message, `The run keeps all ${state.messages.length} messages.`);

const sent = JSON.stringify(model.calls.at(-1)?.prompt);
if (cut === 0 || !sent.includes("three pages")) {
  throw new Error("Nothing was cut, or the question is gone");
}
