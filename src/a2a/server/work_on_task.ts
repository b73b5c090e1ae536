import type { AgentRun } from "../../agent/agent_run.ts";
import type { RunOutcome } from "../../core/run/run.ts";
import { inPlaceOf, type Run } from "../../core/run/run_context.ts";
import { driveAgent, say } from "./drive_agent.ts";
import type { ServedTask } from "./served_task.ts";

/** What is known of the work that begins. */
export interface Work {
  readonly agentName: string;
  /** Whether the task waited for a person and goes on. */
  readonly resumed: boolean;
  /** The task whose question the conversation waits with: nothing else may be said in it. */
  readonly before: ServedTask | undefined;
  readonly report: (error: unknown) => unknown;
}

/** Works on a task, up to its end or to a question, and tells its run what came of it. */
export async function workOnTask(
  task: ServedTask,
  run: Run,
  start: () => AgentRun,
  { agentName, resumed, before, report }: Work,
): Promise<void> {
  const { log } = task;
  // Who answers twice, at two servers, is heard once.
  if (resumed) await log.stored();
  if (log.isTaken) return run.setOutcome("waiting");
  // Canceled before its turn came.
  if (log.isOver) return run.setOutcome("cancelled");
  if (before !== undefined) {
    run.setOutcome("error", "another task of the context waits for an answer");
    say(log, "TASK_STATE_REJECTED", `Task ${before.id} of this context waits for an answer`);
    return;
  }
  log.setState("TASK_STATE_WORKING");
  run.emit("a2a.task.processing", {
    task_id: task.id,
    agent_name: agentName,
    span_id: run.spanId,
    ...resumed && { resumed },
  });
  let failure: unknown = null;
  task.question = await driveAgent(log, () => inPlaceOf(run, start), (error) => {
    report(failure = error);
  });
  run.setOutcome(...outcomeOf(task, failure));
}

/** How the run ended. The agent is a part of the request in it, and leaves that to us. */
function outcomeOf({ question, log }: ServedTask, failure: unknown): [RunOutcome, unknown?] {
  // The server that has taken the task over goes on with the run, and ends it.
  if (question !== null || log.isTaken) return ["waiting"];
  if (log.state === "TASK_STATE_COMPLETED") return ["ok"];
  if (log.state === "TASK_STATE_CANCELED") return ["cancelled"];
  return ["error", failure ?? log.place.task.status.message?.parts[0]?.text];
}
