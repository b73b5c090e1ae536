import { canonicalJson } from "../../core/json.ts";
import type { TellQuestion } from "../../core/run/questions.ts";
import type { Span } from "../../core/run/span.ts";
import { describeIssues } from "../../events/standard_schema.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { escapeKey } from "../../memory/storage_keys.ts";
import { Command, END, goto, send } from "../commands.ts";
import { type Definition, definitionOf, type EngineContext, type Values } from "../definition.ts";
import { GraphError } from "../errors.ts";
import type { Kept, Question, Task } from "../records/record.ts";
import type { InterruptOptions, OnceCall } from "../types/node.ts";
import type { GraphResult } from "../types/graph.ts";
import { checkJson } from "./outcome.ts";
import type { Session } from "./session.ts";

/** What an attempt of a node knows of where it is. */
export interface NodePlace {
  readonly session: Session;
  readonly task: Task;
  /** The tasks from the outermost graph to this one. */
  readonly path: readonly string[];
  readonly step: number;
  readonly execution: number;
  readonly span: Span | undefined;
  readonly signal: AbortSignal | undefined;
  /** Runs a graph inside of this node. */
  runInner(inner: Inner): Promise<InnerEnd>;
}

/** A graph inside of a node. */
export interface Inner {
  readonly definition: Definition;
  readonly path: readonly string[];
  readonly input: Values;
  readonly signal: AbortSignal;
  /** The node that it keeps its state for. */
  readonly keeper?: string;
}

/** How it ended. */
export interface InnerEnd {
  readonly result: GraphResult<Values>;
  readonly questions: readonly Question[];
  readonly end: Kept;
}

/** The option of `interrupt()` for a question that somebody in the node asks. */
export const ASKED_BY: unique symbol = Symbol("locus.graph.asked-by");

/** Who asks in a node. */
export interface AskedBy {
  /** What the question is called there. */
  readonly id: string;
  /** Tells it, if they are still there. */
  readonly tell: TellQuestion | undefined;
}

/** Ends an attempt that has asked. Catching it does not keep the node from waiting. */
class Asked extends Error {
  override readonly name = "InterruptSignal";
}

/** What a node's function gets beside the state: one for each attempt. */
export class NodeContext implements EngineContext {
  readonly step: number;
  readonly attempt: number;
  readonly execution: number;
  readonly store: unknown;
  readonly span: Span | undefined;
  /** What it asks; from then on it waits, whatever it does. */
  asked: readonly Question[] | null = null;
  /** Where the graph of the node ended, if it keeps its state. */
  kept: Kept | undefined;
  readonly goto = goto;
  readonly send = send;
  /** Called by `heartbeat()`. */
  onBeat: () => void = () => {};
  /** Called when the attempt is over. */
  onClose: () => void = () => {};
  readonly #place: NodePlace;
  readonly #used = new Set<string>();
  #questions = 0;
  #stop: AbortController | null = null;
  #isClosed = false;
  #reason: unknown;
  readonly #abort = () => this.close(this.#place.signal?.reason);

  constructor(place: NodePlace, attempt: number) {
    this.#place = place;
    this.attempt = attempt;
    this.step = place.step;
    this.execution = place.execution;
    this.store = place.session.store;
    this.span = place.span;
  }

  // Made when it is read: most nodes never do.
  get signal(): AbortSignal {
    if (this.#stop === null) {
      this.#stop = new AbortController();
      this.#place.signal?.addEventListener("abort", this.#abort, { once: true });
      if (this.#place.signal?.aborted) this.#abort();
      if (this.#isClosed) this.#stop.abort(this.#whyClosed);
    }
    return this.#stop.signal;
  }

  /** Ends the attempt: nothing that it still does counts. */
  close(reason?: unknown): void {
    this.#reason ??= reason;
    this.#isClosed = true;
    this.onBeat = () => {};
    this.onClose();
    this.#place.signal?.removeEventListener("abort", this.#abort);
    this.#stop?.abort(this.#whyClosed);
  }

  // Made when it is asked for: an error costs more than all the rest of a node.
  get #whyClosed(): unknown {
    return this.#reason ?? new DOMException("The attempt is over", "AbortError");
  }

  interrupt(
    question: unknown,
    options: InterruptOptions<unknown> & { readonly [ASKED_BY]?: AskedBy } = {},
  ): unknown {
    const { key = String(this.#questions++), schema, [ASKED_BY]: by } = options;
    if (this.asked !== null) throw new Asked();
    checkJson(question, "question");
    const { session, task, path } = this.#place;
    const own = by?.id ?? `int_${session.tag}_${path.join("_")}_${escapeKey(key)}`;
    let problem: string | undefined;
    for (let nth = 1;; nth++) {
      const id = nth === 1 ? own : `${own}_${nth}`;
      const answer = session.answers[id];
      if (answer === undefined) {
        if (by?.tell !== undefined) session.tells.set(id, by.tell);
        this.asked = [{ id, node: task.node, question, path, ...problem && { problem } }];
        throw new Asked();
      }
      if (canonicalJson(answer.question) !== canonicalJson(question)) {
        throw new GraphError(
          "other_question",
          `"${task.node}" has an answer to ${JSON.stringify(answer.question)} and asks ${
            JSON.stringify(question)
          } in its place: give its questions keys`,
        );
      }
      if (schema === undefined) return answer.value;
      const checked = schema["~standard"].validate(answer.value);
      if (isPromiseLike(checked)) {
        throw new TypeError(`interrupt(): the schema must answer at once, not with a promise`);
      }
      const result = checked as Exclude<typeof checked, PromiseLike<unknown>>;
      if (result.issues === undefined) return result.value;
      problem = describeIssues(result.issues, "answer");
    }
  }

  async once<T>(key: string, fn: (call: OnceCall) => T | PromiseLike<T>): Promise<T> {
    const { session, task, path } = this.#place;
    if (this.#used.has(key)) {
      throw new GraphError("once_twice", `"${task.node}" uses once("${key}") twice`);
    }
    this.#used.add(key);
    const at = path.join("/");
    // No effect runs ahead of the record that its task is of.
    await session.log.stored();
    const stored = await session.log.onceResult(at, key);
    // It was stored by this call of `once`, in an earlier execution.
    if (stored !== undefined) return stored.value as T;
    const value = await fn({ idempotencyKey: `${session.tag}/${at}/${key}` });
    if (value !== undefined) checkJson(value, `once("${key}")`);
    await session.log.keepOnce(at, key, value);
    return value;
  }

  end(update: object = {}): Command {
    return new Command([END], update, true);
  }

  async run(key: string, graph: unknown, input: Values): Promise<Values> {
    const definition = definitionOf(graph);
    if (definition === undefined) throw new TypeError("run(): expected a graph");
    const path = [...this.#place.path, `~${escapeKey(key)}`];
    const { signal } = this;
    const { result, questions } = await this.#place.runInner({ definition, path, input, signal });
    if (questions.length > 0) {
      this.asked ??= questions;
      throw new Asked();
    }
    return completedState(result);
  }

  emit(data: unknown): void {
    if (this.#isClosed) return;
    this.#place.session.tell?.({ mode: "custom", node: this.#place.task.node, data });
  }

  heartbeat(): void {
    this.onBeat();
  }

  drain(reason: string): void {
    this.#place.session.drain.reason ??= reason;
  }
}

/** @throws {GraphError} If a graph did not end. */
export function completedState<S>(result: GraphResult<S>): S {
  const { stop_reason: reason, errors, graph_id: id, state } = result;
  if (reason === "end" || reason === "exhausted") return state;
  const why = Object.entries(errors).map(([node, error]) => `${node}: ${error}`).join("; ");
  throw new GraphError(reason, `Graph "${id}" stopped: ${reason}${why && ` (${why})`}`);
}
