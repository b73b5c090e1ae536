import { summarize } from "../../core/error_text.ts";
import { deepFreeze } from "../../core/json.ts";
import type { AnyRun } from "../../core/run/run.ts";
import { END, START } from "../commands.ts";
import type { Definition, Values } from "../definition.ts";
import type { GraphRecord, NextTask, Outcome, Question } from "../records/record.ts";
import { ValueChain } from "../records/value_chain.ts";
import type { GraphResult, GraphStopReason } from "../types/graph.ts";
import { GraphSpan } from "./graph_span.ts";
import { applyUpdates, initialValues, readUpdate } from "./outcome.ts";
import { routeFrom } from "./routes.ts";
import { Schedule } from "./schedule.ts";
import { checkNodes, pathOf, type Session, stillWaiting } from "./session.ts";
import { runTasks } from "./step_tasks.ts";

/** One graph as it runs, on a thread: the outermost one of a call, or one inside of a node. */
export class GraphRun {
  readonly #definition: Definition;
  readonly #session: Session;
  /** Where it is: `""`, or `/task/task`. */
  readonly #ns: string;
  readonly #signal: AbortSignal | undefined;
  readonly #maxIterations: number;
  readonly #start = performance.now();
  #span: GraphSpan | undefined;
  #schedule: Schedule;
  #values: Values;
  #view: Values | null = null;
  #step = 0;
  /** Whether the step of the frontier has begun, maybe in another process. */
  #isOpen = false;
  #isResuming = false;
  #reachedEnd = false;
  #executions: Record<string, number> = {};
  #errors: Record<string, string> = {};
  #questions: readonly Question[] = [];
  #abandoned: readonly string[] = [];
  readonly #chain = new ValueChain();

  constructor(
    definition: Definition,
    session: Session,
    ns: string,
    signal: AbortSignal | undefined,
    maxIterations: number = definition.maxIterations,
  ) {
    this.#definition = definition;
    this.#session = session;
    this.#ns = ns;
    this.#signal = signal;
    this.#maxIterations = maxIterations;
    this.#schedule = new Schedule(definition);
    this.#values = initialValues(definition);
  }

  /** The values, as they are now. */
  get values(): Values {
    return this.#values;
  }

  /** The questions that it has stopped with. */
  get questions(): readonly Question[] {
    return this.#questions;
  }

  /** Begins at START, on top of what the thread has. @throws What is refused before anything runs. */
  async start(outer: AnyRun | undefined, input: Values): Promise<GraphResult<Values>> {
    const latest = this.#ns === "" ? await this.#session.log.latest() : null;
    if (latest !== null) await this.load(latest);
    if (latest?.kind === "wait") this.#abandoned = latest.waits!.map(({ id }) => id);
    this.#errors = {};
    this.#isOpen = false;
    this.#schedule = new Schedule(this.#definition);
    await this.change(input);
    const { tasks } = await routeFrom(this.#definition, this.#values, START);
    const saved = await this.#append("input", tasks);
    return await this.#begin(outer, null, saved);
  }

  /** Applies an update from outside. */
  async change(update: Values): Promise<void> {
    const isStored = this.#session.backend !== null;
    const written = readUpdate(this.#definition, "input", update, isStored);
    const updates = [[START, deepFreeze(written)]] as const;
    this.#values = await Promise.resolve(applyUpdates(this.#definition, this.#values, updates));
  }

  /** Goes on from a record, which is claimed by a record of its own. @throws If somebody else was first. */
  async goOn(
    outer: AnyRun | undefined,
    from: GraphRecord,
    kind: "answer" | "recover" | "fork",
  ): Promise<GraphResult<Values>> {
    await this.load(from);
    if (kind !== "fork") {
      this.#schedule.done = { ...from.done, ...await this.#session.log.kept(from.seq) };
      this.#isResuming = true;
      if (this.#isOpen || from.kind !== "stopped") this.#bump();
    } else this.#rewind();
    const saved = await this.#append(kind, kind === "fork" ? this.#schedule.frontier : null);
    return await this.#begin(outer, from, saved);
  }

  /** Makes a branch of what was loaded, without running it. @returns The new record. */
  async fork(): Promise<GraphRecord> {
    this.#rewind();
    return (await this.#append("fork", this.#schedule.frontier)).record;
  }

  /** Forgets what was under way: a branch begins with the step that the record is in front of, and has tasks of its own. */
  #rewind(): void {
    if (this.#isOpen) this.#step--;
    this.#isOpen = false;
    const { frontier, held, joins } = this.#schedule;
    this.#schedule.restore([...frontier, ...held], [], joins);
  }

  /** Runs as a part of a node: from its start, or from where it was left. */
  async enter(outer: AnyRun | undefined, input: Values): Promise<GraphResult<Values>> {
    const latest = this.#session.because === "scheduled"
      ? null
      : await this.#session.log.latestOf(this.#ns);
    if (latest === null) return await this.start(outer, input);
    await this.load(latest);
    this.#schedule.done = { ...latest.done, ...await this.#session.log.kept(latest.seq) };
    this.#isResuming = true;
    this.#bump();
    return await this.#begin(outer, latest, null);
  }

  /** Takes over what a record says. */
  async load(record: GraphRecord): Promise<void> {
    checkNodes(this.#definition, record, this.#session.threadId);
    const values = await this.#chain.load(this.#session.log, record);
    this.#values = Object.freeze({ ...this.#values, ...values });
    const { step, open = false, next, held = [], joins = {} } = record;
    [this.#step, this.#isOpen] = [step, open];
    this.#schedule.restore(next, held, joins);
    this.#executions = { ...record.executions };
    // What had failed is tried again.
    this.#errors = record.kind === "stopped" ? {} : { ...record.errors };
    this.#reachedEnd = record.kind === "end";
  }

  /** Counts what begins again. */
  #bump(): void {
    for (const { id } of this.#schedule.frontier) {
      if (
        id in this.#schedule.done || stillWaiting(this.#session, pathOf(this.#ns, id)).length > 0
      ) {
        continue;
      }
      this.#executions[id] = (this.#executions[id] ?? 1) + 1;
    }
  }

  async #begin(
    outer: AnyRun | undefined,
    from: GraphRecord | null,
    saved: Saved | null,
  ): Promise<GraphResult<Values>> {
    const waited = this.#ns === "" ? from?.span ?? null : null;
    this.#span = new GraphSpan(outer, this.#definition, this.#session, waited);
    if (from !== null) this.#span.loaded(from);
    if (saved !== null) this.#span.saved(saved.record, saved.bytes);
    let stop: GraphStopReason;
    try {
      this.#tellValues();
      stop = await this.#run();
    } catch (error) {
      // A save that failed, updates that clash: the last record is where to go on.
      this.#errors[this.#definition.id] = summarize(error);
      stop = "failed";
    }
    const result = this.#result(stop);
    if (stop === "interrupted" && this.#ns === "") this.#span.asks(this.#questions);
    else this.#span.end(result, this.#abandoned);
    return result;
  }

  #result(stop_reason: GraphStopReason): GraphResult<Values> {
    return {
      graph_id: this.#definition.id,
      thread_id: this.#session.threadId,
      stop_reason,
      state: this.#view ?? this.#values,
      interrupts: this.#questions,
      errors: this.#errors,
      steps: this.#step,
      checkpoint_id: this.#session.backend === null ? null : `c${this.#chain.seq}`,
      unfilled: this.#schedule.unfilled,
      duration_ms: performance.now() - this.#start,
    };
  }

  async #run(): Promise<GraphStopReason> {
    const { drain, taken } = this.#session;
    for (let taking = 0; !this.#schedule.isEmpty; taking++) {
      await taken?.();
      const stop = this.#signal?.aborted
        ? "cancelled"
        : drain.reason !== null && this.#ns === ""
        ? "drained"
        : taking >= this.#maxIterations
        ? "max_iterations"
        : null;
      if (stop !== null) return await this.#stop(stop);
      const stopped = await this.#takeStep();
      if (stopped !== null) return stopped;
    }
    if (Object.keys(this.#errors).length > 0) return "failed";
    return this.#reachedEnd ? "end" : "exhausted";
  }

  async #stop<T extends GraphStopReason>(reason: T): Promise<T> {
    await this.#save("stopped", null);
    return reason;
  }

  /** One step: all tasks of the frontier with the same state. Null if there may be a next one. */
  async #takeStep(): Promise<GraphStopReason | null> {
    this.#schedule.release();
    const { frontier } = this.#schedule;
    if (!this.#isOpen) this.#step++;
    const questions = await this.#runTasks();
    const { done } = this.#schedule;
    this.#isOpen = true;
    const failed = frontier.filter(({ id }) => done[id]?.status === "failed");
    if (this.#signal?.aborted || failed.length > 0 && this.#definition.onFailure === "stop") {
      for (const { id } of failed) delete this.#schedule.done[id];
      return await this.#stop(this.#signal?.aborted ? "cancelled" : "failed");
    }
    const updates = frontier.flatMap(({ id, node }) => {
      const update = done[id]?.update;
      return update === undefined ? [] : [[node, update] as const];
    });
    const values = applyUpdates(this.#definition, this.#values, updates);
    if (questions.length > 0) {
      // The asking node must read the same state again, but who looks sees what the others wrote.
      this.#view = values;
      this.#questions = questions;
      if (this.#ns === "") this.#session.keepHere();
      await this.#save("wait", null);
      return "interrupted";
    }
    this.#values = values;
    const next: NextTask[] = [];
    let isOver = false;
    this.#reachedEnd = false;
    for (const task of frontier) {
      const outcome = done[task.id]!;
      if (outcome.status !== "completed") continue;
      isOver ||= outcome.stop === true;
      next.push(...await this.#route(task.node, outcome));
    }
    this.#reachedEnd ||= isOver;
    const following = isOver ? [] : this.#schedule.follow(frontier, next);
    if (isOver) this.#schedule.clear();
    this.#isOpen = false;
    this.#isResuming = false;
    if (this.#ns === "") {
      Object.assign(this.#session, { because: "scheduled", waits: [], answers: {} });
    }
    this.#executions = {};
    this.#schedule.done = {};
    await this.#save(
      following.length + this.#schedule.held.length === 0 ? "end" : "step",
      following,
    );
    this.#tellValues();
    return null;
  }

  #runTasks(): Promise<Question[]> {
    return runTasks({
      definition: this.#definition,
      session: this.#session,
      ns: this.#ns,
      span: this.#span!,
      number: this.#step,
      frontier: this.#schedule.frontier,
      state: this.#values,
      signal: this.#signal,
      isResuming: this.#isResuming,
      executions: this.#executions,
      done: this.#schedule.done,
      errors: this.#errors,
      seq: this.#chain.seq,
      async runInner(span, definition, path, input, signal) {
        const run = new GraphRun(definition, this.session, `/${path.join("/")}`, signal);
        const result = await run.enter(span?.run, input);
        return { result, questions: run.questions };
      },
    });
  }

  /** Where a node leads to. A router that fails ends its branch. */
  async #route(node: string, outcome: Outcome): Promise<readonly NextTask[]> {
    try {
      const route = await routeFrom(this.#definition, this.#values, node, outcome);
      if (route.names.length > 0) this.#span?.routed(node, route);
      if (route.names.includes(END)) this.#reachedEnd = true;
      return route.tasks;
    } catch (error) {
      this.#errors[node] = summarize(error);
      return [];
    }
  }

  #tellValues(): void {
    if (this.#ns === "") this.#session.tell?.({ mode: "values", state: this.#values });
  }

  /** Saves, where this thread is saved at that; with `next`, they are what runs next. */
  async #save(kind: GraphRecord["kind"], next: readonly NextTask[] | null): Promise<void> {
    const { backend, savesSteps } = this.#session;
    const isInner = this.#ns !== "";
    // A graph that a node has called is asked for its end again when the node begins again.
    const isCalled = this.#ns.includes("~");
    const isSaved = kind === "wait" || savesSteps || isCalled && kind === "end" ||
      backend !== null && kind !== "step";
    if (!isSaved) {
      if (next !== null) this.#schedule.start(next, `${this.#chain.seq}.${this.#step}`);
      return;
    }
    const { record, bytes } = await this.#append(kind, next);
    this.#span?.saved(record, bytes);
    if ((kind === "step" || kind === "end") && !isInner) await this.#session.log.sweep();
  }

  async #append(kind: GraphRecord["kind"], next: readonly NextTask[] | null): Promise<Saved> {
    const { savesSteps, backend, log } = this.#session;
    if (kind === "input" && !savesSteps && backend === null) {
      this.#schedule.start(next ?? [], "0");
      return { record: { ...this.#record(0, kind), d: {} }, bytes: 0 };
    }
    const saved = await log.append((seq) => {
      if (next !== null) this.#schedule.start(next, String(seq));
      return this.#record(seq, kind);
    });
    this.#chain.made(saved.record, this.#values);
    if (this.#ns === "") this.#session.root = saved.record.seq;
    return saved;
  }

  #record(seq: number, kind: GraphRecord["kind"]): GraphRecord {
    const { frontier, held, joins, done } = this.#schedule;
    const { answers, waits, root } = this.#session;
    const isOpen = this.#isOpen && kind !== "end";
    const isRoot = this.#ns === "";
    const asking = kind === "wait" ? this.#questions : kind === "end" || !isOpen ? [] : waits;
    return {
      v: 1,
      seq,
      kind,
      ns: this.#ns,
      root: isRoot ? seq : root,
      step: this.#step,
      at: new Date().toISOString(),
      span: this.#span?.place ?? null,
      ...this.#chain.next(this.#definition, this.#values),
      next: frontier,
      ...isOpen && { open: true },
      ...given("held", held),
      ...given("joins", joins),
      ...isOpen && given("done", done),
      ...isRoot && given("waits", asking),
      ...isRoot && isOpen && given("answers", answers),
      ...isOpen && given("executions", this.#executions),
      ...given("errors", this.#errors),
    };
  }
}

interface Saved {
  readonly record: GraphRecord;
  readonly bytes: number;
}

/** A key of a record, unless it would be empty. */
function given(key: string, value: object): object {
  return Object.keys(value).length > 0 ? { [key]: value } : {};
}
