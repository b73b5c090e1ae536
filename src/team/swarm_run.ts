/** One execution of a swarm: its members take tasks until none is left that they can do. */

import { Limiter } from "../agent/loop/limiter.ts";
import { extractJson } from "../agent/output/extract_json.ts";
import { summarize } from "../core/error_text.ts";
import { beginSpan, openTold } from "../core/run/told_span.ts";
import type { Member, WorkPlace } from "./member.ts";
import { SharedContext } from "./shared_context.ts";
import type { Once } from "./steps.ts";
import { claimTask, readTask, type SwarmTask, type SwarmTaskOptions } from "./swarm_task.ts";
import { shown } from "./words.ts";

/** Somebody of a swarm. */
export interface Worker {
  readonly member: Member;
  readonly capabilities: readonly string[];
}

/** What a swarm is, as far as an execution needs to know. */
export interface SwarmParts {
  /** Who takes tasks apart and sums up, if it has a model. */
  readonly lead: Member;
  readonly workers: readonly Worker[];
  readonly maxParallel: number;
  /** How many tasks each may take. */
  readonly maxTasks: number;
}

/** What is to be done: JSON. */
export interface Job {
  readonly task: string | readonly SwarmTaskOptions[];
  readonly decompose: boolean;
}

/** One execution. */
export class SwarmRun {
  readonly tasks: SwarmTask[] = [];
  readonly context: SharedContext = new SharedContext();
  summary = "";
  readonly #parts: SwarmParts;
  readonly #place: WorkPlace;

  constructor(parts: SwarmParts, place: WorkPlace) {
    this.#parts = parts;
    this.#place = place;
  }

  /** What it came to so far. */
  result() {
    const { tasks, summary, context: { findings, blackboard } } = this;
    return { summary, tasks, findings, blackboard };
  }

  async go({ task, decompose }: Job, once: Once): Promise<void> {
    const { lead, workers, maxParallel, maxTasks } = this.#parts;
    if (typeof task !== "string") {
      task.forEach((one, i) => this.tasks.push(readTask("execute()", one, `task_${i + 1}`)));
    } else {
      const whole = readTask("execute()", { description: task, priority: 10 }, "task_0");
      const parts = decompose && lead.agent !== null
        ? await once("decompose", () => this.#decompose(task))
        : [];
      // The parts are the task: working on both would do everything twice.
      if (parts.length === 0) this.tasks.push(whole);
      for (const [i, description] of parts.entries()) {
        const one = { description, priority: 9 };
        this.tasks.push(readTask("execute()", one, `task_${i + 1}`, whole.id));
      }
    }
    const limiter = new Limiter(maxParallel);
    const ended = await Promise.allSettled(workers.map(async (worker) => {
      for (let taken = 0; taken < maxTasks; taken++) {
        if (!await limiter.run(() => this.#takeOne(worker, once))) return;
      }
    }));
    for (const end of ended) if (end.status === "rejected") throw end.reason;
    const done = this.context.summary();
    this.summary = lead.agent === null
      ? done
      : await once("summary", () => this.#ask(`${done}\n\nSum up what was done and found.`));
  }

  /** @returns Whether there was one to take. */
  async #takeOne({ member, capabilities }: Worker, once: Once): Promise<boolean> {
    this.#place.signal?.throwIfAborted();
    const task = claimTask(this.tasks, member.id, capabilities);
    if (task === null) return false;
    const { claimed_by, output, error } = await once(task.id, () => this.#work(member, task));
    task.claimed_by = claimed_by;
    task.status = error === null ? "completed" : "failed";
    [task.result, task.error] = [output, error];
    this.context.add(task);
    return true;
  }

  /** Works on a task, in a span of its own. */
  async #work(member: Member, task: SwarmTask) {
    const { run: outer, signal } = this.#place;
    const attributes = { task_id: task.id, claimed_by: member.id, priority: task.priority };
    const span = openTold(
      outer,
      beginSpan("task", shown(task.description, 160), attributes),
      (isStopped) => isStopped || signal?.aborted ? { success: false, error: "stopped" } : null,
    );
    let error: string | null = "stopped";
    try {
      const told = `${this.context.summary()}\n\n## Your task\n${task.description}${SECTIONS}`;
      const reply = await member.ask(told.trim(), { run: span.run, signal });
      error = reply.error;
      return { claimed_by: member.id, output: reply.output || null, error };
    } catch (thrown) {
      error = summarize(thrown);
      throw thrown;
    } finally {
      span.end({ success: error === null, error });
    }
  }

  async #decompose(task: string): Promise<string[]> {
    const reply = await this.#ask(
      `Take this task apart, into parts that can be worked on at the same time:\n${task}\n\n` +
        `Answer with JSON only: ["part", "part"]`,
    );
    for (const value of extractJson(reply)) {
      if (!Array.isArray(value)) continue;
      const texts = value.map((part) =>
        typeof part === "string" ? part : String(Object(part)["description"] ?? "")
      );
      return texts.filter((text) => text !== "").slice(0, MAX_PARTS);
    }
    return [];
  }

  #ask(prompt: string): Promise<string> {
    return this.#parts.lead.answer(prompt, this.#place, "SwarmError");
  }
}

const MAX_PARTS = 50;
const SECTIONS = `

Write what others should know under a heading "### Findings", and messages to them under "### Blackboard".`;
