import type { Channels } from "./channels.ts";
import { makeGraph } from "./compiled_graph.ts";
import type { DefinitionOptions, OnFailure } from "./definition.ts";
import type { Built, CheckedEdges, Edges, Exact } from "./types/exact.ts";
import type { AnyNode, Awaitable, Result } from "./types/node.ts";

/** Options of {@linkcode graph}. */
export interface GraphOptions<C extends Channels, N extends string, E> {
  /** Its name, for events. @default {"graph"} */
  readonly id?: string;
  /** The fields of its state. */
  readonly state: C;
  /** Where each node leads to, and START. */
  readonly edges: E & CheckedEdges<E, NoInfer<N>>;
  /** How many steps a call may take. @default {100} */
  readonly maxIterations?: number;
  /**
   * What a node that fails ends: its branch; or the graph, to be gone on with by `recover()`, at once (`stop`), or when the
   * others of its step are done (`settle`).
   *
   * @default {"branch"}
   */
  readonly onFailure?: OnFailure;
  /** How many nodes of a step run at once; the others begin as those end. @default {all of them} */
  readonly maxConcurrency?: number;
  /** Nodes that the graph waits in front of, with a question `{ type: "interrupt_before" }`. */
  readonly interruptBefore?: readonly NoInfer<N>[];
  /** Nodes that the graph waits behind. */
  readonly interruptAfter?: readonly NoInfer<N>[];
}

/**
 * Makes a graph: nodes that read one state and write updates of it, step by step, side by side.
 *
 * - **A step** runs all nodes that are due, with the same frozen state. Their updates are applied in the order of the
 *   step, all or none; then edges, routers and commands say what is due next.
 * - **The compiler** refuses unknown fields, nodes and targets, and two nodes of one step that write a field of one writer.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {GraphError} If an edge leads nowhere, or two nodes of a step declare to write a field of one writer.
 *
 * @example Write until it is good
 * ```ts
 * import { channel, END, graph, START } from "@locus/core/graph";
 * import { assertEquals } from "@std/assert";
 *
 * const review = graph({
 *   state: { topic: channel(""), drafts: channel.append<string>(), tries: channel.add() },
 *   nodes: {
 *     write: (s) => ({ drafts: `${s.topic}, draft ${s.drafts.length + 1}`, tries: 1 }),
 *     publish: () => {},
 *   },
 *   edges: { [START]: "write", write: (s) => s.tries < 2 ? "write" : "publish", publish: END },
 * });
 *
 * const { drafts } = await review.invoke({ topic: "gaps" });
 * assertEquals(drafts, ["gaps, draft 1", "gaps, draft 2"]);
 * ```
 */
export function graph<
  const C extends Channels,
  N extends string,
  R extends { readonly [K in N]: Awaitable<Result<C, string>> },
  const E extends Edges<C, NoInfer<N>>,
>(
  options: GraphOptions<C, N, E> & {
    readonly nodes:
      & { readonly [K in N]: unknown }
      & {
        readonly [K in keyof R]: AnyNode<C, NoInfer<N>, R[K] & Exact<R[K], C, NoInfer<N>>>;
      };
  },
): Built<E, R, C> {
  const made: unknown = makeGraph("graph()", options as DefinitionOptions);
  return made as Built<E, R, C>;
}
