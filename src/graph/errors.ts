/**
 * What went wrong with a graph:
 *
 * - **Its definition:** `unknown_node`, `duplicate_node`, `cycle`, `unknown_field`, `two_writers`, `needs_output`.
 * - **A node:** `unknown_node`, `unknown_field`, `two_writers`, `bad_result`, `not_json`, `timeout`, `other_question`,
 *   `once_twice`.
 * - **Going on with a thread:** `nothing_waits`, `waits`, `which_question`, `unknown_question`, `node_gone`,
 *   `no_checkpoint`, `thread_conflict` (somebody else went on with it), `bad_record` (what is stored is not a record).
 * - **What `invoke()` rejects with:** `failed`, `interrupted`, `max_iterations`, `drained`, `cancelled`.
 */
export type GraphErrorCode =
  | "unknown_node"
  | "duplicate_node"
  | "cycle"
  | "unknown_field"
  | "two_writers"
  | "needs_output"
  | "bad_result"
  | "not_json"
  | "timeout"
  | "other_question"
  | "once_twice"
  | "nothing_waits"
  | "waits"
  | "which_question"
  | "unknown_question"
  | "node_gone"
  | "no_checkpoint"
  | "thread_conflict"
  | "bad_record"
  | "failed"
  | "interrupted"
  | "max_iterations"
  | "drained"
  | "cancelled";

/** A graph cannot be made, or a run of it cannot go on. */
export class GraphError extends Error {
  /** The name of the class. */
  override readonly name = "GraphError";
  /** What is wrong, for a `switch`. */
  readonly code: GraphErrorCode;

  /** Makes the error. */
  constructor(code: GraphErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
