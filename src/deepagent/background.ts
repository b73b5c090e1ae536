/** Tasks that sub-agents work on while the agent goes on. */

import type { Hook } from "../agent/hooks/hook.ts";
import type { ToolContext } from "../agent/tools/context.ts";
import { KEPT } from "../agent/tools/kept.ts";
import { type Tool, tool } from "../agent/tools/tool.ts";
import { summarize } from "../core/error_text.ts";
import type { AnyRun } from "../core/run/run.ts";
import { withRun } from "../core/run/with_run.ts";
import { abortable } from "../core/waits.ts";

interface Task {
  readonly task_id: string;
  readonly subagent_type: string;
  status: "running" | "completed" | "failed" | "cancelled";
  answer: unknown;
  readonly stop: AbortController;
  over: Promise<void>;
}

/** What one run of the agent has started. */
interface Tasks {
  /** The agent's own span: the call that started a task is over before it. */
  readonly spanId: string | null;
  readonly all: Map<string, Task>;
  started: number;
}

/** What `task` hands on, and the tools and the hook that go with it: a run takes its tasks with it when it ends. */
export function backgroundTasks() {
  const runs = new Map<string, Tasks>();
  const hook: Hook = {
    name: "background tasks",
    onBeforeInvocation(_, __, { runId, spanId }) {
      runs.set(runId, { spanId, all: new Map(), started: 0 });
    },
    async onAfterInvocation(_, __, { runId }) {
      const tasks = [...runs.get(runId)?.all.values() ?? []];
      runs.delete(runId);
      for (const { stop } of tasks) stop.abort();
      await Promise.all(tasks.map(({ over }) => over));
    },
  };

  /** Starts a task, and says by which id it is asked for. */
  function start(
    { runId, run: outer, ...context }: ToolContext,
    subagent_type: string,
    input: string,
    work: (context: ToolContext) => Promise<unknown>,
  ): string {
    const tasks = runs.get(runId);
    if (tasks === undefined) return "No task can be started here; leave out background";
    const running = [...tasks.all.values()].filter(({ status }) => status === "running");
    if (running.length >= MAX_RUNNING) {
      return `${MAX_RUNNING} tasks are under way: wait for one of them with task_status`;
    }
    if (tasks.all.size >= MAX_KEPT) {
      const over = [...tasks.all.values()].find(({ status }) => status !== "running");
      tasks.all.delete(over!.task_id);
    }
    const stop = new AbortController();
    const task_id = `task_${++tasks.started}`;
    const go = async (run: AnyRun | undefined) => {
      const at = { ...context, runId, run, signal: stop.signal, interrupt, [KEPT]: {} };
      const answer = await work(at as object as ToolContext);
      // An agent that is stopped has a result as well.
      stop.signal.throwIfAborted();
      return answer;
    };
    const end = (status: Task["status"], answer: unknown) => {
      task.status = stop.signal.aborted ? "cancelled" : status;
      task.answer = stop.signal.aborted ? null : answer;
    };
    const parent = tasks.spanId === null ? outer : outer?.inSpan(tasks.spanId);
    const working = outer === undefined
      ? go(undefined)
      : withRun({ bus: outer.bus, parent, name: subagent_type, input }, go);
    const over = working.then(
      (answer) => end("completed", answer),
      (error) => end("failed", summarize(error)),
    );
    const task: Task = { task_id, subagent_type, status: "running", answer: null, stop, over };
    tasks.all.set(task_id, task);
    return `Started ${task_id}. Ask for its answer with task_status.`;
  }

  const make = (
    name: string,
    description: string,
    more: Record<string, { type: "boolean"; description: string }>,
    execute: (task: Task, args: { wait?: boolean }, signal: AbortSignal) => Promise<unknown>,
  ) =>
    tool<{ task_id?: string; wait?: boolean }>({
      name,
      description,
      parameters: {
        type: "object",
        properties: { task_id: { type: "string", description: "All, if left out" }, ...more },
      },
      async execute({ task_id, ...args }, { runId, signal }) {
        const all = runs.get(runId)?.all ?? new Map<string, Task>();
        const task = all.get(task_id ?? "");
        if (task !== undefined) return await execute(task, args, signal);
        if (task_id !== undefined) return `There is no task "${task_id}"`;
        const each = [];
        for (const task of all.values()) each.push(await execute(task, args, signal));
        return JSON.stringify(each);
      },
    }) as Tool;
  const shown = ({ task_id, subagent_type, status, answer }: Task) => (
    { task_id, subagent_type, status, answer }
  );
  const tools = [
    make(
      "task_status",
      "How tasks in the background stand, and their answers.",
      { wait: { type: "boolean", description: "Whether to wait until they are over" } },
      async (task, { wait }, signal) => {
        if (wait) await abortable(task.over, signal);
        return shown(task);
      },
    ),
    make("task_cancel", "Stops tasks in the background.", {}, async (task, _, signal) => {
      task.stop.abort();
      await abortable(task.over, signal);
      return shown(task);
    }),
  ];
  return { hook, start, tools };
}

function interrupt(): never {
  throw new Error("A task in the background cannot ask a person");
}

// How many work at a time, and how many a run knows.
const MAX_RUNNING = 8;
const MAX_KEPT = 100;
