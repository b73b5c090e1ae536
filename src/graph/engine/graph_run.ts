import { summarize } from "../../core/error_text.ts";
import type { AnyRun } from "../../core/run/run.ts";
import { END, START } from "../commands.ts";
import type { Definition, Values } from "../definition.ts";
import type { GraphRecord, Kept, NextTask, Outcome, Question } from "../records/record.ts";
import type { Appended } from "../records/thread_log.ts";
import type { GraphResult, GraphStopReason } from "../types/graph.ts";
import { GraphSpan } from "./graph_span.ts";
import { applyUpdates } from "./outcome.ts";
import { Position } from "./position.ts";
import { routeFrom } from "./routes.ts";
import { Saves, untilStored } from "./saves.ts";
import type { Session } from "./session.ts";
import { runTasks } from "./step_tasks.ts";

/** One graph as it runs, on a thread: the outermost one of a call, or one inside of a node. */
export class GraphRun {
  readonly #definition: Definition;
  readonly #session: Session;
  readonly #at: Position;
  readonly #signal: AbortSignal | undefined;
  readonly #maxIterations: number;
  readonly #start = performance.now();
  #span: GraphSpan | undefined;
  #view: Values | null = null;
  #isResuming = false;
  readonly #saves: Saves;
  #abandoned: readonly string[] = [];

  /** @param at Where it is; nothing is loaded yet. */
  constructor(
    definition: Definition,
    session: Session,
    at: Position,
    signal: AbortSignal | undefined,
    maxIterations: number = definition.maxIterations,
  ) {
    this.#definition = definition;
    this.#session = session;
    this.#at = at;
    this.#signal = signal;
    this.#maxIterations = maxIterations;
    this.#saves = new Saves(at, session, signal);
  }

  /**
   * Begins at START.
   *
   * @param from The record whose state the input is put on top of.
   * @throws What is refused before anything runs.
   */
  async start(
    outer: AnyRun | undefined,
    input: Values,
    from: GraphRecord | null,
  ): Promise<GraphResult<Values>> {
    const at = this.#at;
    if (from !== null) await at.load(from);
    if (from?.kind === "wait") this.#abandoned = from.waits!.map(({ id }) => id);
    [at.errors, at.isOpen] = [{}, false];
    at.schedule.clear();
    at.change(input);
    let tasks: readonly NextTask[] = [];
    try {
      ({ tasks } = await routeFrom(
        this.#definition,
        at.values,
        START,
        undefined,
        this.#signal,
      ));
    } catch (error) {
      if (!this.#signal?.aborted || at.ns !== "") throw error;
      // Where it begins, nobody knows, so the thread is left as it was.
      return await this.#begin(outer, null, null, "cancelled");
    }
    if (at.ns !== "") this.#signal?.throwIfAborted();
    if (this.#session.savesSteps || this.#session.backend !== null) {
      return await this.#begin(outer, null, at.append("input", tasks));
    }
    at.schedule.start(tasks, "0");
    return await this.#begin(outer, null, null);
  }

  /** Goes on from a record, which is claimed by a record of its own. @throws If somebody else was first. */
  async goOn(
    outer: AnyRun | undefined,
    from: GraphRecord,
    kind: "answer" | "recover" | "fork",
  ): Promise<GraphResult<Values>> {
    const at = this.#at;
    this.#isResuming = kind !== "fork";
    if (this.#isResuming) await at.resume(from);
    else {
      await at.load(from);
      at.rewind();
    }
    const claim = at.append(kind, this.#isResuming ? null : at.schedule.frontier);
    return await this.#begin(outer, from, claim);
  }

  /**
   * Runs as a part of a node: from its start, or from where it was left.
   *
   * @param kept Where it ended the last time, or null; undefined if it does not keep its state.
   */
  async enter(
    outer: AnyRun | undefined,
    input: Values,
    kept: Kept | null | undefined,
  ): Promise<GraphResult<Values>> {
    this.#saves.isKept = kept !== undefined;
    const latest = this.#session.because === "scheduled"
      ? null
      : await this.#session.log.latestOf(this.#at.ns);
    if (latest === null) {
      return await this.start(outer, input, kept ? await this.#session.log.read(kept.seq) : null);
    }
    await this.#at.resume(latest);
    this.#isResuming = true;
    return await this.#begin(outer, latest, null);
  }

  async #begin(
    outer: AnyRun | undefined,
    from: GraphRecord | null,
    claim: Appended | null,
    early?: GraphStopReason,
  ): Promise<GraphResult<Values>> {
    const at = this.#at;
    if (claim !== null) await untilStored(claim.stored, this.#signal);
    // The node that it is inside of may have ended meanwhile.
    if (at.ns !== "") this.#signal?.throwIfAborted();
    const waited = at.ns === "" ? from?.span ?? null : null;
    const reached = { done: Object.values(at.schedule.done), state: at.values };
    const isOpen = from?.kind !== "stopped";
    this.#span = new GraphSpan(outer, this.#definition, this.#session, waited, isOpen, reached);
    at.span = this.#span.place;
    if (from !== null) this.#span.loaded(from);
    if (claim !== null) this.#span.saved(claim.record, claim.bytes);
    let stop: GraphStopReason;
    try {
      this.#tellValues();
      stop = early ?? await this.#run();
    } catch (error) {
      // A save that failed, updates that clash: the last record is where to go on.
      at.errors[this.#definition.id] = summarize(error);
      stop = this.#signal?.aborted ? "cancelled" : "failed";
    }
    await this.#saves.over();
    // Graphs inside that were stopped still store where they are: who goes on with the thread next meets nobody.
    if (at.ns === "") await Promise.allSettled(this.#session.inside);
    const result = this.#result(stop);
    if (stop === "interrupted" && at.ns === "") this.#span.asks(at.questions);
    else this.#span.end(result, this.#abandoned);
    return result;
  }

  #result(stop_reason: GraphStopReason): GraphResult<Values> {
    return {
      graph_id: this.#definition.id,
      thread_id: this.#session.threadId,
      stop_reason,
      state: this.#view ?? this.#at.values,
      interrupts: this.#at.questions,
      errors: this.#at.errors,
      steps: this.#at.step,
      checkpoint_id: this.#session.backend === null ? null : `c${this.#at.seq}`,
      unfilled: this.#at.schedule.unfilled,
      duration_ms: performance.now() - this.#start,
    };
  }

  async #run(): Promise<GraphStopReason> {
    const { drain, taken } = this.#session;
    for (let taking = 0; !this.#at.schedule.isEmpty; taking++) {
      await taken?.();
      const stop = this.#signal?.aborted
        ? "cancelled"
        : drain.reason !== null && this.#at.ns === ""
        ? "drained"
        : taking >= this.#maxIterations
        ? "max_iterations"
        : null;
      if (stop !== null) return await this.#stop(stop);
      const stopped = await this.#takeStep();
      if (stopped !== null) return stopped;
    }
    if (Object.keys(this.#at.errors).length > 0) return "failed";
    return this.#at.reachedEnd ? "end" : "exhausted";
  }

  async #stop<T extends GraphStopReason>(reason: T): Promise<T> {
    await this.#saves.save("stopped", null, this.#span);
    return reason;
  }

  /** One step: all tasks of the frontier with the same state. Null if there may be a next one. */
  async #takeStep(): Promise<GraphStopReason | null> {
    const at = this.#at;
    at.schedule.release();
    const { frontier, done } = at.schedule;
    if (!at.isOpen) at.step++;
    const questions = await this.#runTasks();
    at.isOpen = true;
    const failed = frontier.filter(({ id }) => done[id]?.status === "failed");
    const updates = frontier.flatMap(({ id, node }) => {
      const update = done[id]?.update;
      return update === undefined ? [] : [[node, update] as const];
    });
    const values = applyUpdates(this.#definition, at.values, updates);
    const isStopped = failed.length > 0 &&
      ["stop", ...questions.length > 0 ? [] : ["settle"]].includes(this.#definition.onFailure);
    const next: NextTask[] = [];
    if (!isStopped && questions.length === 0) {
      at.reachedEnd = false;
      for (const { id, node } of frontier) {
        const outcome = done[id];
        if (outcome?.status === "completed") next.push(...await this.#route(node, outcome, values));
      }
    }
    const isCut = this.#signal?.aborted || isStopped;
    // What runs again must read the same state again, but who looks sees what the others wrote.
    if (isCut || questions.length > 0) this.#view = values;
    if (isCut) {
      for (const { id } of failed) delete done[id];
      return await this.#stop(this.#signal?.aborted ? "cancelled" : "failed");
    }
    if (questions.length > 0) {
      at.questions = questions;
      if (at.ns === "") this.#session.keepHere();
      await this.#saves.save("wait", null, this.#span);
      return "interrupted";
    }
    at.values = values;
    const isOver = frontier.some(({ id }) => done[id]?.stop);
    const following = isOver ? [] : at.schedule.follow(frontier, next);
    if (isOver) at.schedule.clear();
    at.close(frontier.flatMap(({ id, node }) => {
      const { kept } = done[id]!;
      return kept === undefined ? [] : [[node, kept]];
    }));
    this.#isResuming = false;
    if (at.ns === "") {
      Object.assign(this.#session, { because: "scheduled", waits: [], answers: {} });
    }
    const isLast = following.length + at.schedule.held.length === 0;
    await this.#saves.save(isLast ? "end" : "step", following, this.#span);
    this.#tellValues();
    return null;
  }

  #runTasks(): Promise<Question[]> {
    const { kept } = this.#at;
    return runTasks({
      definition: this.#definition,
      session: this.#session,
      ns: this.#at.ns,
      span: this.#span!,
      number: this.#at.step,
      frontier: this.#at.schedule.frontier,
      state: this.#at.values,
      signal: this.#signal,
      isResuming: this.#isResuming,
      executions: this.#at.executions,
      done: this.#at.schedule.done,
      errors: this.#at.errors,
      seq: this.#at.seq,
      async runInner(span, { definition, path, input, signal, keeper }) {
        const at = new Position(definition, this.session, `/${path.join("/")}`);
        const run = new GraphRun(definition, this.session, at, signal);
        const from = Object.hasOwn(kept, keeper ?? "") ? kept[keeper!]! : null;
        const ended = run.enter(span?.run, input, keeper === undefined ? undefined : from);
        this.session.inside.add(ended);
        const result = await ended.finally(() => this.session.inside.delete(ended));
        return { result, questions: at.questions, end: at.end };
      },
    });
  }

  /** Where a node leads to. A router that fails ends its branch. */
  async #route(node: string, outcome: Outcome, values: Values): Promise<readonly NextTask[]> {
    const signal = this.#signal;
    if (signal?.aborted) return [];
    try {
      const route = await routeFrom(this.#definition, values, node, outcome, signal);
      if (route.names.length > 0) this.#span?.routed(node, route);
      if (route.names.includes(END)) this.#at.reachedEnd = true;
      return route.tasks;
    } catch (error) {
      // What fails because it was stopped is not what is wrong.
      if (!signal?.aborted) this.#at.errors[node] = summarize(error);
      return [];
    }
  }

  #tellValues(): void {
    if (this.#at.ns === "") this.#session.tell?.({ mode: "values", state: this.#at.values });
  }
}
