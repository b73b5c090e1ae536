/**
 * A research that dies in the middle, goes on in another process, and searches nothing twice.
 */
import { EventBus } from "@locus/core";
import { tool } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { createResearchWorkflow, recoverResearch, runResearch } from "@locus/core/research";
import { scriptedModel } from "@locus/core/testing";

const searched: string[] = [];
const crash = new AbortController();
const search = tool<{ query: string }>({
  name: "search",
  parameters: { type: "object", properties: { query: { type: "string" } } },
  execute({ query }) {
    searched.push(query);
    if (query === "iron") crash.abort(new Error("The process dies."));
    return `It is known that ${query} rusts in water.`;
  },
});
// In your program: openai("gpt-5") and the like.
const calls = ["steel", "iron"].map((query) => ({ toolName: "search", input: { query } }));
const model = scriptedModel(({ prompt }) => {
  const task = String(prompt[0]!.content);
  if (task.includes("You check claims")) return "CLAIM 1: 0.9 - as it says";
  if (!task.includes("Find evidence")) return "Iron rusts in water.";
  return prompt.at(-1)!.role === "tool" ? "Both rust." : { toolCalls: calls };
});
const workflow = createResearchWorkflow({
  model,
  tools: [search],
  causalInference: false,
});

const bus = new EventBus();
bus.on(
  "research.grounding.evaluated",
  ({ data }) => console.log("support:", data.score),
);
// In your program: storageCheckpointer() over a storage that all processes have.
const thread = {
  bus,
  threadId: "rust",
  checkpointer: new MemoryCheckpointer(),
};
const { signal } = crash;
console.log(
  (await runResearch(workflow, "What rusts?", { ...thread, signal }))
    .stop_reason,
);
const { summary, citations } = await recoverResearch(workflow, thread);
console.log(summary, citations[0]!.sources);
if (searched.filter((query) => query === "steel").length !== 1) {
  throw new Error("Searched twice");
}
