/**
 * A graph that asks a person, and goes on with the answer in another process.
 *
 * Both halves share nothing but the checkpointer. The run shows each node, what runs again, and what is not repeated.
 */
import { EventBus, runContext } from "@locus/core";
import { channel, END, graph, START } from "@locus/core/graph";
import { MemoryCheckpointer } from "@locus/core/memory";

const sent: string[] = [];

/** Each process makes its own graph of the same code. */
const makeReview = () =>
  graph({
    id: "review",
    state: {
      topic: channel(""),
      drafts: channel.append<string>(),
      verdict: channel<string>(),
    },
    nodes: {
      write: (s) => ({
        drafts: `About ${s.topic}, draft ${s.drafts.length + 1}`,
      }),
      judge: async (s, ctx) => {
        await ctx.once("mail", () => void sent.push(s.drafts.at(-1)!));
        const answer = ctx.interrupt<string>({
          question: "Good enough?",
          options: ["yes", "no"],
        });
        return answer === "yes" ? { verdict: "ok" } : ctx.goto("write");
      },
    },
    edges: { [START]: "write", write: "judge", judge: END },
  });

const bus = new EventBus();
// In your program: storageCheckpointer() over a storage that all processes have.
const thread = { threadId: "t1", checkpointer: new MemoryCheckpointer() };

bus.on("multiagent.graph.node.completed", ({ data }) => {
  console.log(`${data.node_id}: ${data.status}`);
});
const run = { runId: "review-1", bus };
await runContext(run, () => makeReview().execute({ topic: "gaps" }, thread));
await runContext(run, () => makeReview().resume("no", thread));
const { state } = await runContext(
  run,
  () => makeReview().resume("yes", thread),
);
await bus.drained("review-1");

console.log(state.drafts.join("; "));
if (state.verdict !== "ok" || sent.length !== 2) {
  throw new Error("A mail is missing, or sent twice");
}
