/**
 * A pipeline that drafts, checks a text from two sides at once, and waits for an editor between two processes.
 *
 * Functions, agents, graphs and pipelines are stages; the compiler checks that each fits behind the one before it.
 */
import { Agent } from "@locus/core/agent";
import { MemoryCheckpointer } from "@locus/core/memory";
import { parallel, sequential } from "@locus/core/pipeline";
import { EventBus, withRun } from "@locus/core";
import { scriptedModel } from "@locus/core/testing";

/** Each process makes its own pipeline of the same code. */
const makeReview = () =>
  sequential([
    new Agent({ model: scriptedModel(["Gaps are wide, and we mind them."]) }),
    parallel([
      (draft: string) => draft,
      (draft: string) => draft.split(" ").length,
    ], { mergeStrategy: "list" }),
    ([draft, words], ctx) => {
      const answer = ctx.interrupt(`Print ${words} words?`);
      return answer === "yes" ? draft : "";
    },
  ], { id: "review" });

const bus = new EventBus();
bus.on("composition.stage.completed", ({ data }) => {
  console.log(`stage ${data.stage}: ${data.status}`);
});
// In your program: storageCheckpointer() over a storage that all processes have.
const thread = { threadId: "t1", checkpointer: new MemoryCheckpointer() };
const run = { runId: "review-1", bus };
await withRun(run, () => makeReview().execute("Write about gaps.", thread));
const ended = await withRun(run, () => makeReview().resume("yes", thread));
await bus.drained("review-1");

console.log(ended.final_output);
if (!ended.final_output?.startsWith("Gaps")) throw new Error("Not printed");
