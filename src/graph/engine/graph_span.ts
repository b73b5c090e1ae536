/** What a run of a graph says on the bus. Outside of a run it says nothing. */

import { publishContent } from "../../content/publish_content.ts";
import { preview, summarize } from "../../core/error_text.ts";
import { endOpen, noteOpen } from "../../core/run/open_work.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { AnyRun } from "../../core/run/run.ts";
import { scopeOf, withinRun } from "../../core/run/run_context.ts";
import { type OpenSpan, type Span, startSpan } from "../../core/run/span.ts";
import { isRecord } from "../../core/options.ts";
import type { Definition, Values } from "../definition.ts";
import type { GraphRecord, Question, SpanPlace, Task } from "../records/record.ts";
import type { GraphResult, GraphStopReason } from "../types/graph.ts";
import type { Route } from "./routes.ts";
import type { Session } from "./session.ts";
import type { NodeDetails, NodeEnd, PairPlace, Voice, VoiceStart } from "./voice.ts";
import { hash } from "../../core/hash.ts";

/** The span of a graph. */
export class GraphSpan {
  readonly #definition: Definition;
  readonly #session: Session;
  readonly #outer: AnyRun | undefined;
  readonly #span: OpenSpan | undefined;
  readonly #voice: Voice | undefined;
  /** The run, as its nodes see it. */
  readonly #inside: AnyRun | undefined;
  readonly #forget: () => boolean = () => false;
  readonly #nodes = new Set<NodeSpan>();
  /** The run, as seen from inside of the span; undefined outside of a run, and once the span is over. */
  run: AnyRun | undefined;
  readonly place: SpanPlace | null;
  readonly #isAgain: boolean = false;

  /**
   * @param waited Where it was when it was left; null if it begins now.
   * @param isOpen Whether it has not ended there.
   * @param at What is done of it.
   */
  constructor(
    outer: AnyRun | undefined,
    definition: Definition,
    session: Session,
    waited: SpanPlace | null,
    isOpen: boolean,
    at: Omit<VoiceStart, "isAgain">,
  ) {
    this.#definition = definition;
    this.#session = session;
    this.#outer = outer;
    this.place = null;
    if (outer === undefined) return;
    const voice = this.#voice = definition.voice(definition.id);
    const again = waited?.run_id !== outer.id || !isOpen
      ? undefined
      : { span_id: waited.span_id, parent_span_id: waited.parent_span_id };
    this.#isAgain = again !== undefined;
    const attributes = {
      graph_id: definition.id,
      thread_id: session.threadId,
      ...topologyAttributes(outer, definition),
      ...waited !== null && again === undefined &&
        { resumes: { run_id: waited.run_id, span_id: waited.span_id } },
    };
    this.#span = startSpan(outer, definition.id, voice.kind, attributes, again);
    this.run = outer.inSpan(this.#span.id);
    this.#inside = voice.enter?.(this.run, { ...at, isAgain: this.#isAgain }) ?? this.run;
    this.#forget = noteOpen(outer, (isStopped) => {
      // Whoever stops it does not wait for it; what it still does is not told any more.
      if (isStopped) this.#close("cancelled", "stopped: cancelled", {});
    });
    this.place = {
      run_id: outer.id,
      span_id: this.#span.id,
      parent_span_id: again ? again.parent_span_id : outer.spanId,
    };
  }

  /** Begins the span of a node. */
  node(task: Task, details: NodeDetails): NodeSpan {
    return new NodeSpan(this.run && this.#inside, this.#voice, this.#nodes, task, details);
  }

  /** A node has chosen its successors. */
  routed(from: string, route: Route): void {
    if (this.run !== undefined) this.#voice?.routed?.(this.run, from, route);
  }

  /** A record was saved. */
  saved(record: GraphRecord, bytes: number): void {
    if (this.#session.backend === null) return;
    this.run?.emit("memory.checkpoint.saved", {
      ...this.#checkpoint(record),
      trigger: TRIGGERS[record.kind] ?? "every_n_iterations",
      parent_checkpoint_id: record.parent === 0 ? null : `c${record.parent}`,
      bytes,
      changed: Object.keys(record.d),
    });
  }

  /** A record is gone on from. */
  loaded(record: GraphRecord): void {
    if (this.#session.backend === null) return;
    this.run?.emit("memory.checkpoint.loaded", {
      ...this.#checkpoint(record),
      resume_node: record.next[0]?.node ?? null,
      because: this.#session.because,
    });
  }

  #checkpoint({ seq, step }: GraphRecord) {
    const { threadId, backend } = this.#session;
    return {
      thread_id: threadId,
      iteration: step,
      backend: backend ?? "",
      checkpoint_id: `c${seq}`,
      span_id: this.run?.spanId ?? null,
    };
  }

  /** The graph waits with questions; the span stays open. */
  asks(questions: readonly Question[]): void {
    if (!this.#forget()) return;
    this.#voice?.leave?.(this.run!, "interrupted");
    for (const { id, node, question, path } of questions) {
      const where = { graph_id: this.#definition.id, node_id: node };
      const tell = this.#session.tells.get(id);
      // Its own place says more: what is asked about, and by whom.
      if (tell !== undefined) {
        tell(where);
        continue;
      }
      const { question: text, options } = isRecord(question) ? question : { question };
      this.run?.emit("agent.interrupt", {
        interrupt_id: id,
        question_preview: preview(typeof text === "string" ? text : JSON.stringify(question)),
        options: Array.isArray(options) ? options.map(String) : null,
        ...where,
        span_id: this.#voice?.spanId?.(this.run, { node, id: path[0]! }) ?? this.run.spanId,
      });
    }
    if (this.#outer?.spanId === null) this.#outer.setOutcome("waiting");
  }

  /** Ends the span. */
  end(result: GraphResult<Values>, abandoned: readonly string[]): void {
    if (this.run === undefined) return;
    const { stop_reason: reason, errors, steps, unfilled } = result;
    const [failed] = Object.keys(errors);
    // One inside of a node ends with the node, and begins again with it.
    const success = ["end", "exhausted", "interrupted"].includes(reason);
    const error = success ? null : failed ? `${failed}: ${errors[failed]}` : `stopped: ${reason}`;
    this.#close(reason, error, {
      steps,
      failed_nodes: Object.keys(errors),
      unfilled,
      ...abandoned.length > 0 && { abandoned },
    });
    if (this.#outer?.spanId !== null) return;
    if (!success) this.#outer.setOutcome(reason === "cancelled" ? "cancelled" : "error", error);
    // It has said that it waits.
    else if (this.#isAgain) this.#outer.setOutcome("ok");
  }

  /** Ends what is open in the span, then the span: what is inside ends first. */
  #close(stop_reason: GraphStopReason, error: string | null, attributes: object): void {
    const { run } = this;
    if (run === undefined || !this.#forget()) return;
    for (const node of [...this.#nodes].reverse()) {
      node.end({ status: "failed", error: "cancelled" });
    }
    endOpen(run, error !== null);
    this.#voice?.leave?.(run, stop_reason);
    this.run = undefined;
    this.#span?.complete(error === null, error, { attributes: { stop_reason, ...attributes } });
  }
}

/** The span of a node. */
export class NodeSpan {
  /** What nodes get as `ctx.span`. */
  readonly span: Span | undefined;
  readonly #outer: AnyRun | undefined;
  readonly #voice: Voice | undefined;
  readonly #open: Set<NodeSpan>;
  readonly #task: Task;
  readonly #details: NodeDetails;
  readonly #start: number;

  constructor(
    outer: AnyRun | undefined,
    voice: Voice | undefined,
    open: Set<NodeSpan>,
    task: Task,
    details: NodeDetails,
  ) {
    [this.#outer, this.#voice, this.#task, this.#details] = [outer, voice, task, details];
    this.#open = open;
    this.#start = 0;
    if (outer === undefined) return;
    open.add(this);
    const id = voice?.spanId?.(outer, task) ?? randomHex(16);
    this.span = { id, parentId: outer.spanId, run: outer.inSpan(id) };
    voice?.started(outer, placeOf(this.span), task, details);
    this.#start = performance.now();
  }

  /** Calls what is the user's inside of the span; another attempt is a span of its own. */
  within<R>(attempt: number, fn: () => R | PromiseLike<R>): R | PromiseLike<R> {
    if (this.span === undefined) return fn();
    if (attempt === 1) return withinRun(this.span.run, fn);
    const span = startSpan(this.span.run, `attempt ${attempt}`, "attempt", { attempt });
    let error: string | null = null;
    const run = async () => {
      try {
        return await withinRun((this.span as Span).run.inSpan(span.id), fn);
      } catch (thrown) {
        error = summarize(thrown);
        throw thrown;
      } finally {
        span.complete(error === null, error);
      }
    };
    return run();
  }

  /** Ends the span. */
  end(end: NodeEnd): void {
    const { span } = this;
    if (span === undefined || !this.#open.delete(this)) return;
    const { status, update, cached } = end;
    endOpen(span.run, status === "failed");
    // What a node without a span of its own writes is not what comes out of the graph.
    if (update !== undefined && span.run.content && span.id !== this.#outer?.spanId) {
      publishContent(span.run, { span_id: span.id, direction: "output" }, "state", update);
    }
    const duration_ms = cached ? 0 : performance.now() - this.#start;
    const told = { ...end, duration_ms };
    this.#voice?.completed(this.#outer!, placeOf(span), this.#task, this.#details, told);
  }
}

const placeOf = ({ id, parentId }: Span): PairPlace => ({
  span_id: id,
  parent_span_id: parentId,
});

const TRIGGERS: Partial<Record<GraphRecord["kind"], "graph_interrupt" | "final">> = {
  wait: "graph_interrupt",
  end: "final",
};

const drawn = new WeakMap<object, Set<string>>();

/** The drawing, whole once in a run; a graph that is too large for an event only counts. */
export function topologyAttributes(
  run: AnyRun,
  { topology }: Pick<Definition, "topology">,
): Record<string, unknown> {
  const text = JSON.stringify(topology);
  const topology_hash = hash(text);
  const seen = drawn.get(scopeOf(run)) ?? new Set();
  drawn.set(scopeOf(run), seen);
  if (seen.has(topology_hash)) return { topology_hash };
  seen.add(topology_hash);
  const { nodes, edges } = topology;
  const counts = { version: 1, node_count: nodes.length, edge_count: edges.length };
  return { topology_hash, topology: text.length > MAX_TOPOLOGY ? counts : topology };
}

/** Half of what the bus takes for an event by default. */
const MAX_TOPOLOGY = 131_072;
