/** A graph of what brought about what. */

import { deepFreeze } from "../../../core/json.ts";
import { readBy } from "../../../core/option_rules.ts";
import { checkOptions, describe } from "../../../core/options.ts";
import {
  type CausalConflict,
  type CausalEdge,
  type CausalEdgeOptions,
  type CausalNode,
  type CausalNodeOptions,
  type CausalNodeType,
  EDGE,
  effectsIn,
  findConflicts,
  isCausal,
  NODE,
} from "./causal_data.ts";

/** A chain as data: JSON can carry it. */
export interface CausalChainData {
  /** In the order in which they were added. */
  readonly nodes: readonly CausalNode[];
  /** In the order in which they were added. */
  readonly edges: readonly CausalEdge[];
}

/** What a chain amounts to. */
export interface CausalChainSummary {
  /** How many nodes there are. */
  readonly total_nodes: number;
  /** How many edges there are, of every relationship. */
  readonly total_edges: number;
  /** How many nodes are root causes. */
  readonly root_causes: number;
  /** How many nodes are symptoms. */
  readonly symptoms: number;
  /** How many nodes are in between. */
  readonly intermediates: number;
  /** How many conflicts there are. */
  readonly conflicts: number;
  /** The mean of the nodes' confidence; 0 if there are none. */
  readonly avg_confidence: number;
}

/**
 * Events and how they hang together, to find what lies at the root of them.
 *
 * - Nodes and edges are frozen data; a chain only grows, apart from types and confidence.
 * - Only `causes` and `inhibits` are causal: they alone make roots, symptoms, paths and cycles.
 * - A node's type, if it is given, goes before what the edges say.
 *
 * @example Find the root of a failure
 * ```ts
 * import { CausalChain } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * const chain = new CausalChain();
 * const deploy = chain.addNode({ label: "deploy at noon" });
 * const leak = chain.addNode({ label: "memory leak" });
 * const crash = chain.addNode({ label: "crash at one" });
 * chain.addEdge({ source_id: deploy.id, target_id: leak.id });
 * chain.addEdge({ source_id: leak.id, target_id: crash.id, confidence: 0.9 });
 *
 * assertEquals(chain.identifyRootCauses(), [deploy]);
 * assertEquals(chain.getCausalPath(deploy.id, crash.id), [deploy, leak, crash]);
 * ```
 */
export class CausalChain {
  readonly #nodes = new Map<string, CausalNode>();
  readonly #edges: CausalEdge[] = [];

  /** Every node, in the order in which they were added. */
  get nodes(): readonly CausalNode[] {
    return [...this.#nodes.values()];
  }

  /** Every edge, in the order in which they were added. */
  get edges(): readonly CausalEdge[] {
    return [...this.#edges];
  }

  /**
   * Adds a node, and returns it.
   *
   * @throws {TypeError} If its id is taken, or a field is unknown or of the wrong type.
   * @throws {RangeError} If its confidence is not a number from 0 to 1.
   */
  addNode(options: CausalNodeOptions): CausalNode {
    const node = deepFreeze(readBy("addNode()", options, NODE));
    if (this.#nodes.has(node.id)) {
      throw new TypeError(`addNode(): there is already a node "${node.id}"`);
    }
    this.#nodes.set(node.id, node);
    return node;
  }

  /**
   * Adds an edge between two nodes, and returns it.
   *
   * @throws {TypeError} If there is no such node, or a field is unknown or of the wrong type.
   * @throws {RangeError} If its confidence is not a number from 0 to 1.
   */
  addEdge(options: CausalEdgeOptions): CausalEdge {
    const edge = deepFreeze(readBy("addEdge()", options, EDGE));
    this.#require("addEdge()", edge.source_id);
    this.#require("addEdge()", edge.target_id);
    this.#edges.push(edge);
    return edge;
  }

  /** The node of that id; null if there is none. */
  getNode(id: string): CausalNode | null {
    return this.#nodes.get(id) ?? null;
  }

  /** The edges that lead away from a node. */
  getEdgesFrom(id: string): readonly CausalEdge[] {
    return this.#edges.filter((edge) => edge.source_id === id);
  }

  /** The edges that lead to a node. */
  getEdgesTo(id: string): readonly CausalEdge[] {
    return this.#edges.filter((edge) => edge.target_id === id);
  }

  /**
   * Changes how sure a node is; what is out of 0 to 1 is taken for the nearer end.
   *
   * @throws {TypeError} If there is no such node, or `confidence` is not a number.
   */
  setConfidence(id: string, confidence: number): CausalNode {
    const node = this.#require("setConfidence()", id);
    if (typeof confidence !== "number" || Number.isNaN(confidence)) {
      throw new TypeError(
        `setConfidence(): "confidence" must be a number, got ${describe(confidence)}`,
      );
    }
    return this.#replace({ ...node, confidence: Math.min(1, Math.max(0, confidence)) });
  }

  /** What nothing else brought about: nodes that only lead on, or are marked so. */
  identifyRootCauses(): readonly CausalNode[] {
    return this.#ofType("root_cause");
  }

  /** What brought about nothing else: nodes that are only led to, or are marked so. */
  identifySymptoms(): readonly CausalNode[] {
    return this.#ofType("symptom");
  }

  /**
   * The shortest way from a cause to an effect, both included; null if there is none, or no such node.
   * Of several, the one whose edges were added first.
   */
  getCausalPath(fromId: string, toId: string): readonly CausalNode[] | null {
    if (!this.#nodes.has(fromId) || !this.#nodes.has(toId)) return null;
    const effects = effectsIn(this.#edges);
    const cameFrom = new Map<string, string | null>([[fromId, null]]);
    // Nodes that are added while the map is walked through are walked through, too.
    for (const id of cameFrom.keys()) {
      if (id === toId) break;
      for (const next of effects.get(id) ?? []) {
        if (!cameFrom.has(next)) cameFrom.set(next, id);
      }
    }
    if (!cameFrom.has(toId)) return null;
    const path: CausalNode[] = [];
    for (let id: string | null = toId; id !== null; id = cameFrom.get(id) ?? null) {
      path.push(this.#nodes.get(id)!);
    }
    return path.reverse();
  }

  /** What cannot be true at the same time: cycles, mutual causation, causing and inhibiting. */
  detectConflicts(): readonly CausalConflict[] {
    return findConflicts([...this.#nodes.keys()], this.#edges);
  }

  /** The type of every node, by id: its own if it has one, else what its edges say. */
  classifyNodes(): ReadonlyMap<string, CausalNodeType> {
    const causal = this.#edges.filter(isCausal);
    const sources = new Set(causal.map(({ source_id }) => source_id));
    const targets = new Set(causal.map(({ target_id }) => target_id));
    return new Map(Array.from(this.#nodes.values(), ({ id, node_type }) => {
      if (node_type !== "unknown") return [id, node_type];
      if (sources.has(id)) return [id, targets.has(id) ? "intermediate" : "root_cause"];
      return [id, targets.has(id) ? "symptom" : "unknown"];
    }));
  }

  /** Gives every node the type that {@linkcode CausalChain.classifyNodes} finds for it. */
  updateNodeTypes(): void {
    for (const [id, node_type] of this.classifyNodes()) {
      const node = this.#nodes.get(id)!;
      if (node.node_type !== node_type) this.#replace({ ...node, node_type });
    }
  }

  /** The chain in numbers. */
  getChainSummary(): CausalChainSummary {
    const types = [...this.classifyNodes().values()];
    const count = (type: CausalNodeType) => types.filter((found) => found === type).length;
    const { nodes } = this;
    const sum = nodes.reduce((total, { confidence }) => total + confidence, 0);
    return {
      total_nodes: nodes.length,
      total_edges: this.#edges.length,
      root_causes: count("root_cause"),
      symptoms: count("symptom"),
      intermediates: count("intermediate"),
      conflicts: this.detectConflicts().length,
      avg_confidence: nodes.length === 0 ? 0 : sum / nodes.length,
    };
  }

  /** The chain as data. */
  toJSON(): CausalChainData {
    return { nodes: this.nodes, edges: this.edges };
  }

  /**
   * The chain that `data` was made from.
   *
   * @throws {TypeError} If it was made from none.
   * @throws {RangeError} If a confidence is not a number from 0 to 1.
   */
  static fromJSON(data: CausalChainData): CausalChain {
    checkOptions("CausalChain.fromJSON()", data, ["nodes", "edges"]);
    const { nodes, edges } = data;
    if (!Array.isArray(nodes) || !Array.isArray(edges)) {
      throw new TypeError('CausalChain.fromJSON(): "nodes" and "edges" must be arrays');
    }
    const chain = new CausalChain();
    for (const node of nodes) chain.addNode(node);
    for (const edge of edges) chain.addEdge(edge);
    return chain;
  }

  #ofType(type: CausalNodeType): readonly CausalNode[] {
    const types = this.classifyNodes();
    return this.nodes.filter(({ id }) => types.get(id) === type);
  }

  #replace(node: CausalNode): CausalNode {
    this.#nodes.set(node.id, Object.freeze(node));
    return node;
  }

  #require(owner: string, id: unknown): CausalNode {
    const node = typeof id === "string" ? this.#nodes.get(id) : undefined;
    if (node === undefined) throw new TypeError(`${owner}: there is no node ${describe(id)}`);
    return node;
  }
}
