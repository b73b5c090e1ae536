import { deepFreeze } from "../../core/json.ts";
import { START } from "../commands.ts";
import type { Definition, Values } from "../definition.ts";
import type { GraphRecord, Kept, NextTask, Question, SpanPlace } from "../records/record.ts";
import type { Appended } from "../records/thread_log.ts";
import { ValueChain } from "../records/value_chain.ts";
import { applyUpdates, initialValues, readUpdate } from "./outcome.ts";
import { routeFrom } from "./routes.ts";
import { Schedule } from "./schedule.ts";
import { checkNodes, pathOf, type Session, stillWaiting } from "./session.ts";

/** Where a graph is in its thread: what its records have said, and what the next one says. */
export class Position {
  /** Where the graph is: `""`, or `/task/task`. */
  readonly ns: string;
  readonly schedule: Schedule;
  values: Values;
  step = 0;
  /** Whether the step of the frontier has begun, maybe in another process. */
  isOpen = false;
  reachedEnd = false;
  executions: Record<string, number> = {};
  errors: Record<string, string> = {};
  /** What it has stopped with. */
  questions: readonly Question[] = [];
  /** Where graphs inside that keep their state have ended, by node. */
  kept: Readonly<Record<string, Kept>> = {};
  span: SpanPlace | null = null;
  readonly #definition: Definition;
  readonly #session: Session;
  readonly #chain = new ValueChain();
  #low = 0;

  constructor(definition: Definition, session: Session, ns = "") {
    this.ns = ns;
    this.#definition = definition;
    this.#session = session;
    this.schedule = new Schedule(definition);
    this.values = initialValues(definition);
  }

  /** The number of its newest record; 0 if there is none. */
  get seq(): number {
    return this.#chain.seq;
  }

  /** What a later run needs to go on from here. */
  get end(): Kept {
    return { seq: this.seq, low: this.#low };
  }

  /** Takes over what a record says. */
  async load(record: GraphRecord): Promise<void> {
    checkNodes(this.#definition, record, this.#session.threadId);
    const values = await this.#chain.load(this.#session.log, record);
    this.values = Object.freeze({ ...this.values, ...values });
    const { step, open = false, next, held = [], joins = {} } = record;
    [this.step, this.isOpen] = [step, open];
    this.schedule.restore(next, held, joins);
    this.executions = { ...record.executions };
    this.kept = record.kept ?? {};
    this.#low = record.low;
    // What had failed is tried again.
    this.errors = record.kind === "stopped" ? {} : { ...record.errors };
    this.reachedEnd = record.kind === "end";
  }

  /** The same, with what the tasks of its step came to before it was left. */
  async resume(record: GraphRecord): Promise<void> {
    await this.load(record);
    this.schedule.done = { ...record.done, ...await this.#session.log.kept(record.seq) };
    if (!this.isOpen && record.kind === "stopped") return;
    for (const { id } of this.schedule.frontier) {
      const isDone = id in this.schedule.done;
      if (isDone || stillWaiting(this.#session, pathOf(this.ns, id)).length > 0) continue;
      this.executions[id] = (this.executions[id] ?? 1) + 1;
    }
  }

  /** The step is over. @param kept Where the graphs inside have ended that keep their state. */
  close(kept: readonly (readonly [node: string, end: Kept])[]): void {
    if (kept.length > 0) this.kept = { ...this.kept, ...Object.fromEntries(kept) };
    this.isOpen = false;
    this.executions = {};
    this.schedule.done = {};
  }

  /** Forgets what was under way: a branch begins with the step that the record is in front of, and has tasks of its own. */
  rewind(): void {
    if (this.isOpen) this.step--;
    this.isOpen = false;
    const { frontier, held, joins } = this.schedule;
    this.schedule.restore([...frontier, ...held], [], joins);
  }

  /**
   * The same place at the beginning of another thread. Graphs inside that keep their state go with it; what is stored of
   * them leads nowhere before a record of this graph follows.
   */
  async moveTo(session: Session): Promise<Position> {
    const copy = new Position(this.#definition, session, this.ns);
    const { frontier, held, joins } = this.schedule;
    copy.schedule.restore(frontier, held, joins);
    [copy.values, copy.step, copy.reachedEnd] = [this.values, this.step, this.reachedEnd];
    [copy.errors, copy.isOpen] = [this.errors, this.isOpen];
    const ends: [string, Kept][] = [];
    for (const [node, { seq }] of Object.entries(this.kept)) {
      const record = await this.#session.log.read(seq);
      const inner = this.#definition.nodes.get(node)?.run;
      if (typeof inner !== "object") continue;
      const end = new Position(inner, this.#session, record.ns);
      await end.load(record);
      const moved = await end.moveTo(session);
      await moved.append(record.kind, null).stored;
      ends.push([node, moved.end]);
    }
    copy.kept = Object.fromEntries(ends);
    return copy;
  }

  /** Goes on behind a node, as if it had just returned, in place of what would run next. */
  async passOver(node: string): Promise<void> {
    const done = { id: "", node };
    const { tasks } = await routeFrom(this.#definition, this.values, node);
    this.schedule.restore([], [], this.schedule.joins);
    this.schedule.done = { [done.id]: { status: "completed" } };
    this.schedule.start(this.schedule.follow([done], tasks), "");
    this.schedule.done = {};
  }

  /** Applies an update from outside. @param by Who is named where it is refused. */
  change(update: Values, by = "input"): void {
    const isStored = this.#session.backend !== null;
    const written = readUpdate(this.#definition, by, update, isStored);
    this.values = applyUpdates(this.#definition, this.values, [[START, deepFreeze(written)]]);
  }

  /** Makes the next record; with `next`, they are what runs next. */
  append(kind: GraphRecord["kind"], next: readonly NextTask[] | null): Appended {
    const isRoot = this.ns === "";
    const made = this.#session.log.append(
      (seq) => {
        if (next !== null) this.schedule.start(next, String(seq));
        return this.#record(seq, kind);
      },
      isRoot && (kind === "step" || kind === "end"),
      isRoot,
    );
    this.#chain.made(made.record, this.values);
    this.#low = made.record.low;
    if (isRoot) this.#session.root = made.record.seq;
    return made;
  }

  #record(seq: number, kind: GraphRecord["kind"]): GraphRecord {
    const { frontier, held, joins, done } = this.schedule;
    const { answers, waits, root } = this.#session;
    const isOpen = this.isOpen && kind !== "end";
    const isRoot = this.ns === "";
    // Records of graphs inside of an open step are needed, too, so none can be the first then.
    const isWhole = this.#session.log.prunes && !isOpen && this.#chain.isLong;
    const values = this.#chain.next(this.#definition, this.values, isWhole);
    const first = values.base === 0 ? seq : this.#chain.low;
    const asking = kind === "wait" ? this.questions : isOpen ? waits : [];
    return {
      v: 1,
      seq,
      kind,
      ns: this.ns,
      root: isRoot ? seq : root,
      step: this.step,
      at: new Date().toISOString(),
      span: this.span,
      ...values,
      low: Math.min(first, ...Object.values(this.kept).map(({ low }) => low)),
      next: frontier,
      ...isOpen && { open: true },
      ...given("held", held),
      ...given("joins", joins),
      ...isOpen && given("done", done),
      ...isRoot && given("waits", asking),
      ...isRoot && isOpen && given("answers", answers),
      ...given("kept", this.kept),
      ...isOpen && given("executions", this.executions),
      ...given("errors", this.errors),
    };
  }
}

/** A key of a record, unless it would be empty. */
function given(key: string, value: object): object {
  return Object.keys(value).length > 0 ? { [key]: value } : {};
}
