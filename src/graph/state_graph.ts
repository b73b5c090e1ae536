import { checkFunction, checkOptions } from "../core/options.ts";
import type { Channels } from "./channels.ts";
import { END, Send, START } from "./commands.ts";
import { makeGraph } from "./compiled_graph.ts";
import type { Targets, Values } from "./definition.ts";
import { GraphError } from "./errors.ts";
import type { Graph } from "./types/graph.ts";
import type { AnyNode, Awaitable, NodeOptions, PatchOf, Result, StateOf } from "./types/node.ts";

/** Options of a {@linkcode StateGraph}. */
export interface StateGraphOptions<C extends Channels, N extends string> {
  /** Its name, for events. @default {"graph"} */
  readonly id?: string;
  /** The fields of its state. */
  readonly state: C;
  /** The names of all nodes: with them, edges and commands are checked as you write them. @default {any} */
  readonly nodes?: readonly N[];
  /** How many steps a call may take. @default {100} */
  readonly maxIterations?: number;
  /** Whether edges may lead back; routers always may. @default {false} */
  readonly allowCycles?: boolean;
}

/** What a router of a builder says: nodes, or keys of its targets. */
export type Router<C extends Channels> = (
  state: StateOf<C>,
) => Awaitable<string | readonly string[] | Send | readonly Send[]>;

/**
 * Builds a graph call by call, in any order. {@linkcode graph} does the same with one object, and sees more mistakes.
 *
 * @example
 * ```ts
 * import { channel, END, START, StateGraph } from "@locus/core/graph";
 * import { assertEquals } from "@std/assert";
 *
 * const builder = new StateGraph({ state: { n: channel.add() }, nodes: ["count", "stop"] });
 * builder.addNode("count", (s) => ({ n: s.n + 1 }));
 * builder.addNode("stop", () => {});
 * builder.addEdge(START, "count");
 * builder.addConditionalEdges("count", (s) => s.n > 5 ? "big" : "small", { big: "stop", small: "count" });
 * builder.addEdge("stop", END);
 *
 * assertEquals(await builder.compile().invoke({}), { n: 7 });
 * ```
 */
export class StateGraph<const C extends Channels, N extends string = string> {
  readonly #options: StateGraphOptions<C, N>;
  readonly #nodes: Record<string, unknown> = {};
  readonly #edges = new Map<string, string[]>();
  readonly #routers = new Map<string, ((state: Values) => Awaitable<Targets>)[]>();

  /** Begins with a graph without nodes. */
  constructor(options: StateGraphOptions<C, N>) {
    const known = ["id", "state", "nodes", "maxIterations", "allowCycles"];
    checkOptions("StateGraph", options, known);
    this.#options = options;
  }

  /** Adds a node: a function or a graph, with options. @throws {GraphError} If the name is taken. */
  addNode(
    id: NoInfer<N>,
    run: AnyNode<C, NoInfer<N>, Awaitable<Result<C, NoInfer<N>>>>,
    options: Omit<NodeOptions<C, NoInfer<N>, Awaitable<Result<C, NoInfer<N>>>>, "run"> = {},
  ): this {
    if (Object.hasOwn(this.#nodes, id)) {
      throw new GraphError("duplicate_node", `addNode(): there is a node "${id}" already`);
    }
    this.#nodes[id] = Object.keys(options).length > 0 ? { ...options, run } : run;
    return this;
  }

  /** Adds an edge. @throws {GraphError} If it closes a circle of edges, unless `allowCycles` is set. */
  addEdge(from: NoInfer<N> | START, to: NoInfer<N> | END): this {
    if (this.#options.allowCycles !== true && this.#leads(to, from)) {
      throw new GraphError("cycle", `addEdge(): "${from}" to "${to}" closes a circle`);
    }
    this.#edges.set(from, [...this.#edges.get(from) ?? [], to]);
    return this;
  }

  /**
   * Adds a router. Several of one node all count.
   *
   * @param targets The nodes that its keys stand for; what is not in it is `otherwise`, or else a node's name.
   */
  addConditionalEdges(
    from: NoInfer<N> | START,
    router: Router<C>,
    targets: Readonly<Record<string, NoInfer<N> | END>> = {},
    otherwise?: NoInfer<N> | END,
  ): this {
    checkFunction("addConditionalEdges()", "router", router ?? null);
    const named = async (state: Values): Promise<Targets> => {
      const said = await router(state as StateOf<C>);
      return [said].flat().map((key) =>
        key instanceof Send ? key : Object.hasOwn(targets, key) ? targets[key]! : otherwise ?? key
      );
    };
    this.#routers.set(from, [...this.#routers.get(from) ?? [], named]);
    return this;
  }

  /** Begins at a node. */
  setEntryPoint(id: NoInfer<N>): this {
    return this.addEdge(START, id);
  }

  /** Ends behind a node. */
  setFinishPoint(id: NoInfer<N>): this {
    return this.addEdge(id, END);
  }

  /** Makes the graph. @throws {GraphError} If an edge leads nowhere, or nothing leads from START. */
  compile(
    options: { interruptBefore?: readonly N[]; interruptAfter?: readonly N[] } = {},
  ): Graph<StateOf<C>, PatchOf<C>> {
    const { id, state, maxIterations } = this.#options;
    const edges: Record<string, unknown> = Object.fromEntries(this.#edges);
    for (const [from, routers] of this.#routers) {
      const fixed = this.#edges.get(from) ?? [];
      edges[from] = async (values: Values) => {
        const said = await Promise.all(routers.map((router) => router(values)));
        return [...fixed, ...said.flat()];
      };
    }
    const made = makeGraph("compile()", {
      id,
      state,
      maxIterations,
      nodes: this.#nodes,
      edges,
      ...options,
    });
    return made as object as Graph<StateOf<C>, PatchOf<C>>;
  }

  /** Whether edges lead from one node to another. */
  #leads(from: string, to: string, seen: Set<string> = new Set()): boolean {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return (this.#edges.get(from) ?? []).some((next) => this.#leads(next, to, seen));
  }
}
