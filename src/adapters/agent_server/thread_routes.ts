import { json } from "../http/responses.ts";
import type { Principal } from "./access.ts";
import type { AddRoute } from "./add_route.ts";
import { readThreadId } from "./bodies.ts";
import type { ServedAgent } from "./options.ts";
import { notFound } from "./refusals.ts";
import { questionOf } from "./replies.ts";
import { storedThreadId } from "./served_run.ts";
import type { ServedRuns } from "./served_runs.ts";

/** Gives the app the threads of the agent, each principal its own. */
export function addThreadRoutes(add: AddRoute, agent: ServedAgent, runs: ServedRuns): void {
  add("GET", "/threads/:thread_id", async (c, principal) => {
    const { threadId, stored } = threadOf(c.req.param("thread_id"), principal);
    const state = await agent.thread?.(stored);
    if (!state) throw notFound();
    const { iteration, messages, tool_executions, metadata } = state;
    return json(c, 200, {
      thread_id: threadId,
      iteration,
      messages,
      tool_executions,
      metadata,
      interrupt: questionOf(state),
    });
  });

  add("DELETE", "/threads/:thread_id", async (c, principal) => {
    const { threadId, stored } = threadOf(c.req.param("thread_id"), principal);
    await runs.threadAtRest(stored);
    const deleted = await agent.deleteThread?.(stored) === true;
    runs.endThread(stored);
    return json(c, 200, { thread_id: threadId, deleted });
  });

  function threadOf(
    name: string | undefined,
    principal: Principal,
  ): { threadId: string; stored: string } {
    const threadId = readThreadId(name);
    if (threadId === null || !agent.checkpointer) throw notFound();
    return { threadId, stored: storedThreadId(principal, threadId) };
  }
}
