/** What the tests of graphs share. */

import { channel, graph, type GraphResult, START } from "../../src/graph/mod.ts";
import { MemoryCheckpointer } from "../../src/memory/mod.ts";

/** Fields that most tests do with. */
export const fields = {
  log: channel.append<string>(),
  n: channel.add(),
  one: channel<string>(),
  last: channel.last<string>(),
};

/** A thread that nobody else has. */
export function thread(threadId = "t1") {
  return { threadId, checkpointer: new MemoryCheckpointer() };
}

/** How a run stopped, and what it wrote. */
export function outline({ stop_reason, state, errors }: GraphResult<{ log: readonly string[] }>) {
  return { stop_reason, log: state.log, errors };
}

/** A graph of one node that asks `count` times and logs the answers; counts how often it ran. */
export function asking(count = 1) {
  const runs: string[] = [];
  const asks = graph({
    id: "asking",
    state: fields,
    nodes: {
      ask: async (s, ctx) => {
        runs.push(`run ${ctx.execution}`);
        await ctx.once("effect", () => void runs.push("effect"));
        const answers: string[] = [];
        for (let nth = 0; nth < count; nth++) {
          answers.push(JSON.stringify(ctx.interrupt({ question: `${nth}?` })));
        }
        return { log: [...s.log.slice(0, 0), ...answers] };
      },
    },
    edges: { [START]: "ask" },
  });
  return { asks, runs };
}
