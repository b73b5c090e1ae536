/** How a graph tells on the bus what its nodes do: as nodes, or as the stages of what is made of it. */

import type { AnyRun } from "../../core/run/run.ts";
import type { Task } from "../records/record.ts";
import type { GraphStopReason } from "../types/graph.ts";

/** Why a task begins. */
export type Because = "scheduled" | "answer" | "recover" | "replay";

/** The place of a node's span, as both events of its pair say it. */
export interface PairPlace {
  readonly span_id: string;
  readonly parent_span_id: string | null;
}

/** What is known of a task as it begins. */
export interface NodeDetails {
  readonly step: number;
  readonly parallel: boolean;
  readonly execution: number;
  readonly because: Because;
  readonly kept: readonly string[];
  /** The state that it reads. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** How a node ended. */
export interface NodeEnd {
  readonly status: "completed" | "failed" | "skipped" | "interrupted";
  readonly error?: string;
  readonly update?: Readonly<Record<string, unknown>>;
  readonly attempts?: number;
  readonly cached?: boolean;
}

/** A choice of successors. */
export interface RouteTold {
  readonly names: readonly string[];
  readonly via: "static" | "conditional" | "command";
  readonly result: string | readonly string[] | null;
}

/** What is done of a graph as its span begins. */
export interface VoiceStart {
  /** Whether it waited, and its span goes on. */
  readonly isAgain: boolean;
  /** How the tasks of its step ended that are done. */
  readonly done: readonly Pick<NodeEnd, "status">[];
  readonly state: Readonly<Record<string, unknown>>;
}

/** Tells one run of a graph. */
export interface Voice {
  /** The kind of the graph's span. */
  readonly kind: string;
  /**
   * Begins what its nodes are inside of, if that is not the graph's span.
   *
   * @param run The run, inside of the graph's span.
   * @returns The run, as its nodes see it.
   */
  enter?(run: AnyRun, at: VoiceStart): AnyRun;
  /**
   * The id of a node's span: that of the graph's span, `run.spanId`, for a node that has none of its own. The same again
   * for a task that goes on after it waited.
   *
   * @default {a new one for each execution}
   */
  spanId?(run: AnyRun, task: Pick<Task, "node" | "id">): string;
  /** The graph is over, or waits: the last thing it says inside of its span. */
  leave?(run: AnyRun, reason: GraphStopReason): void;
  /** A node begins. */
  started(run: AnyRun, place: PairPlace, task: Task, details: NodeDetails): void;
  /** It has ended. */
  completed(
    run: AnyRun,
    place: PairPlace,
    task: Task,
    details: NodeDetails,
    end: NodeEnd & { readonly duration_ms: number },
  ): void;
  /** It has chosen its successors. */
  routed?(run: AnyRun, from: string, route: RouteTold): void;
}

/** The voice of a graph of nodes. */
export function nodeVoice(graph_id: string): Voice {
  return {
    kind: "graph",
    started(run, { span_id, parent_span_id }, { node, id }, details) {
      const { step, parallel, execution, because, kept } = details;
      run.emit("multiagent.graph.node.started", {
        graph_id,
        node_id: node,
        span_id,
        parallel,
        iteration: step,
        is_resuming: because === "answer",
        parent_span_id,
        execution,
        because,
        kept,
        task_id: id,
      });
    },
    completed(run, { span_id, parent_span_id }, { node }, { parallel }, end) {
      const { status, error, update, attempts = 1, cached = false, duration_ms } = end;
      run.emit("multiagent.graph.node.completed", {
        graph_id,
        node_id: node,
        span_id,
        parallel,
        status,
        duration_ms,
        parent_span_id,
        error: error ?? null,
        attempts,
        cached,
        changed: Object.keys(update ?? {}),
      });
    },
    routed(run, from_node, { names, via, result }) {
      run.emit("multiagent.graph.node.routed", {
        from_node,
        to_nodes: names,
        condition_result: result,
        graph_id,
        via,
        span_id: run.spanId,
      });
    },
  };
}
