/** One task in the hands of an orchestrator: choose, work, compare, sum up. */

import { Limiter } from "../agent/loop/limiter.ts";
import type { AnyRun } from "../core/run/run.ts";
import type { MultiagentEvents } from "../events/catalogue/multiagent.ts";
import type { Member, WorkPlace } from "./member.ts";
import { readRouting, type Routing, routingPrompt } from "./routing.ts";
import type { Specialist } from "./specialist.ts";
import { notFound, type SpecialistResult } from "./specialist_work.ts";
import type { Once } from "./steps.ts";
import { lengthOf, shown } from "./words.ts";

/** What an orchestrator decided. */
export interface OrchestratorDecision {
  /** The step that follows. */
  readonly decision_type: "invoke" | "correlate" | "summarize";
  /** Who works in it. */
  readonly specialists: readonly string[];
  /** Why. */
  readonly reasoning: string;
}

/** What is to be worked on. */
export interface Assignment {
  readonly task: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** One task in the hands of an orchestrator. */
export class Orchestration {
  readonly decisions: OrchestratorDecision[] = [];
  results: Readonly<Record<string, SpecialistResult>> = {};
  summary: string | null = null;
  readonly #lead: Member;
  readonly #specialists: ReadonlyMap<string, Specialist>;
  readonly #limiter: Limiter;
  readonly #isKept: boolean;
  readonly #run: AnyRun | undefined;
  readonly #signal: AbortSignal | undefined;

  /** @param lead Who chooses and sums up, if it has a model. */
  constructor(
    lead: Member,
    specialists: ReadonlyMap<string, Specialist>,
    maxParallel: number,
    { run, signal, threadId }: WorkPlace & { readonly threadId: string | undefined },
  ) {
    this.#isKept = threadId !== undefined;
    this.#lead = lead;
    this.#specialists = specialists;
    this.#limiter = new Limiter(maxParallel);
    this.#run = run;
    this.#signal = signal;
  }

  /** What it came to so far. */
  result() {
    const { summary, decisions, results } = this;
    return { summary, specialist_results: results, decisions };
  }

  /** Works on it, step by step. Failures of specialists are results. */
  async go(assignment: Assignment, once: Once): Promise<void> {
    const { task } = assignment;
    this.#emit("multiagent.orchestrator.routing", {
      task_preview: shown(task, 160),
      specialist_count: this.#specialists.size,
    });
    const routing = await once("route", () => this.#route(task));
    const ids = routing.specialists;
    this.#decide("invoke", "invoke_specialist", ids, routing.reasoning);
    // All of them, also if one cannot be kept: what is done is done.
    const ended = await Promise.allSettled(ids.map((id) =>
      this.#limiter.run(() => {
        this.#signal?.throwIfAborted();
        return once(`specialist ${id}`, () => this.#invoke(id, assignment, routing));
      })
    ));
    const results = ended.map((end) => {
      if (end.status === "rejected") throw end.reason;
      return end.value;
    });
    this.results = Object.fromEntries(ids.map((id, index) => [id, results[index]!]));
    this.#emit("multiagent.orchestrator.specialists_invoked", {
      specialists_invoked: ids,
      specialists_succeeded: ids.filter((id) => this.results[id]!.success),
      specialists_failed: ids.filter((id) => !this.results[id]!.success),
    });
    this.#decide("correlate", "correlate", [], "Compare what the specialists found");
    const found = this.#findings();
    const compared = await once(
      "correlate",
      () => this.#ask(`${found}\n\nCompare these findings on the task: ${task}`, found),
    );
    this.#decide("summarize", "summarize", [], "Sum up for whoever gave the task");
    const about = `The task: ${task}\n\nFindings:\n${compared}`;
    this.summary = await once(
      "summarize",
      () => this.#ask(`${about}\n\nAnswer the task.`, compared),
    );
    this.#emit("multiagent.orchestrator.summary", { summary_length: lengthOf(this.summary) });
  }

  async #route(task: string): Promise<Routing> {
    const candidates = [...this.#specialists.values()];
    const all = {
      specialists: candidates.map(({ id }) => id),
      reasoning: "There is no model to choose: everybody works",
      subtasks: {},
    };
    if (this.#lead.agent === null) return all;
    return readRouting(await this.#ask(routingPrompt(task, candidates), ""), candidates);
  }

  async #invoke(
    id: string,
    { task, context }: Assignment,
    { subtasks }: Routing,
  ): Promise<SpecialistResult> {
    const specialist = this.#specialists.get(id);
    if (specialist === undefined) return notFound(id);
    const subtask = Object.hasOwn(subtasks, id) ? subtasks[id] : undefined;
    const options = {
      context: subtask === undefined ? context : { original_task: task },
      ...this.#run && { run: this.#run },
      ...this.#signal && { signal: this.#signal },
    };
    let result = await specialist.execute(subtask ?? task, options);
    // Models say nothing now and then; a second try costs little.
    if (result.output === "") result = await specialist.execute(subtask ?? task, options);
    // The whole conversation would be kept a second time for nobody.
    return this.#isKept ? { ...result, state: null } : result;
  }

  #findings(): string {
    const found = Object.entries(this.results).map(([id, { output }]) =>
      `## ${this.#specialists.get(id)?.name ?? id}\n\n${output || "No output"}`
    );
    return found.join("\n\n");
  }

  /** Asks the model; without one, it is `otherwise`. @throws {Error} If there is no whole answer. */
  async #ask(prompt: string, otherwise: string): Promise<string> {
    if (this.#lead.agent === null) return otherwise;
    const place = { run: this.#run, signal: this.#signal };
    return await this.#lead.answer(prompt, place, "OrchestratorError");
  }

  #decide(
    decision_type: OrchestratorDecision["decision_type"],
    decision: MultiagentEvents["multiagent.orchestrator.decision"]["decision"],
    specialists: readonly string[],
    reasoning: string,
  ): void {
    this.decisions.push({ decision_type, specialists, reasoning });
    const data = { decision, specialists_selected: specialists, reasoning: shown(reasoning, 2000) };
    this.#emit("multiagent.orchestrator.decision", data);
  }

  #emit<T extends keyof MultiagentEvents>(
    type: T,
    data: Omit<MultiagentEvents[T], "orchestrator_id" | "span_id">,
  ): void {
    const run = this.#run;
    run?.emit(type as string, { orchestrator_id: this.#lead.id, ...data, span_id: run.spanId });
  }
}
