import { checkCount, checkFunction, checkOptions, describe, isRecord } from "../core/options.ts";
import type { Channel } from "./channels.ts";
import { END, type Send, START } from "./commands.ts";
import { nodeVoice, type Voice } from "./engine/voice.ts";
import { GraphError } from "./errors.ts";
import type { OnceCall, RetryOptions } from "./types/node.ts";
import type { Topology, TopologyEdge, TopologyNode } from "./types/graph.ts";

/** The state, or a part of it, as the engine sees it. */
export type Values = Readonly<Record<string, unknown>>;

/** The context of a node, as the engine sees it. */
export interface EngineContext {
  interrupt(question: unknown, options?: object): unknown;
  once<T>(key: string, fn: (call: OnceCall) => T | PromiseLike<T>): Promise<T>;
}

/** What an edge or a router names. */
export type Targets = string | Send | readonly (string | Send)[];

/** An edge, as the engine sees it. */
export type Edge = Targets | ((state: Values) => Targets | PromiseLike<Targets>);

/** A node, as the engine sees it: a function or a graph, with its options. */
export interface NodeDefinition {
  readonly run: ((state: Values, ctx: EngineContext) => unknown) | Definition;
  readonly kind: TopologyNode["kind"];
  readonly description?: string;
  readonly condition?: (state: Values) => boolean;
  readonly retry?: RetryOptions;
  readonly timeoutMs?: number;
  readonly idleMs?: number;
  readonly cache?: { readonly ttlMs?: number };
  readonly defer?: boolean;
  readonly after?: readonly string[];
  readonly onError?: (error: unknown, state: Values, ctx: EngineContext) => unknown;
  readonly writes?: readonly string[];
  readonly input?: (state: Values) => unknown;
  readonly output?: (state: Values) => Values;
  readonly keep?: boolean;
}

/** A graph, as the engine sees it. */
export interface Definition {
  readonly id: string;
  readonly channels: Readonly<Record<string, Channel<unknown, unknown>>>;
  readonly nodes: ReadonlyMap<string, NodeDefinition>;
  readonly edges: ReadonlyMap<string, Edge>;
  /** The nodes that wait for others, with those. */
  readonly joins: readonly (readonly [node: string, after: readonly string[]])[];
  readonly maxIterations: number;
  readonly onFailure: OnFailure;
  readonly maxConcurrency: number;
  readonly interruptBefore: readonly string[];
  readonly interruptAfter: readonly string[];
  readonly topology: Topology;
  /** Tells one run of the graph on the bus. */
  readonly voice: (graphId: string) => Voice;
}

/**
 * What a node that fails ends: its branch; or the graph, to be gone on with by `recover()`, at once (`stop`), or when the others
 * of its step are done (`settle`).
 */
export type OnFailure = "branch" | "stop" | "settle";

/** The options of `graph()`, as the engine sees them. */
export interface DefinitionOptions {
  readonly id?: string;
  readonly state: Definition["channels"];
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly edges: Readonly<Record<string, unknown>>;
  readonly maxIterations?: number;
  readonly onFailure?: OnFailure;
  readonly maxConcurrency?: number;
  readonly interruptBefore?: readonly string[];
  readonly interruptAfter?: readonly string[];
}

const KNOWN = [
  "id",
  "state",
  "nodes",
  "edges",
  "maxIterations",
  "onFailure",
  "maxConcurrency",
  "interruptBefore",
  "interruptAfter",
];

const NODE_KNOWN = [
  "run",
  "kind",
  "description",
  "condition",
  "retry",
  "timeoutMs",
  "idleMs",
  "cache",
  "defer",
  "after",
  "onError",
  "writes",
  "input",
  "output",
  "keep",
];

/** What is set by this name is no key of an object, and would be lost. */
const PROTO = "__proto__";

/** What graphs were made from. */
const definitions = new WeakMap<object, Definition>();

/** Notes what a graph was made from. */
export function noteDefinition(graph: object, definition: Definition): void {
  definitions.set(graph, definition);
}

/** What a graph was made from; undefined for what is not a graph. */
export function definitionOf(graph: unknown): Definition | undefined {
  return isRecord(graph) ? definitions.get(graph) : undefined;
}

/**
 * Checks what a graph is made from.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {GraphError} If an edge leads nowhere, or two nodes of one step write a field that takes one writer.
 */
export function readDefinition(
  owner: string,
  options: DefinitionOptions,
  voice: Definition["voice"] = nodeVoice,
): Definition {
  checkOptions(owner, options, KNOWN);
  const { id = "graph", state, onFailure = "branch", maxIterations = 100 } = options;
  const { interruptBefore = [], interruptAfter = [] } = options;
  checkCount(owner, "maxIterations", maxIterations, 1);
  const { maxConcurrency = Infinity } = options;
  if (maxConcurrency !== Infinity) checkCount(owner, "maxConcurrency", maxConcurrency, 1);
  if (!["branch", "stop", "settle"].includes(onFailure)) {
    throw new TypeError(
      `${owner}: "onFailure" must be "branch", "stop" or "settle", got ${describe(onFailure)}`,
    );
  }
  for (const [field, channel] of Object.entries(state)) {
    if (field === PROTO) {
      throw new GraphError("unknown_field", `${owner}: "${field}" cannot name a field`);
    }
    checkFunction(owner, `state.${field}.initial`, channel?.initial ?? null);
  }
  const nodes = new Map(
    Object.entries(options.nodes).map(([name, node]) => [name, readNode(owner, name, node)]),
  );
  const edges = new Map(Object.entries(options.edges)) as Map<string, Edge>;
  const need = (name: string, where: string) => {
    if (nodes.has(name)) return;
    throw new GraphError("unknown_node", `${owner}: ${where} "${name}", which is not a node`);
  };
  if (!edges.has(START)) {
    throw new GraphError("unknown_node", `${owner}: no edge leads from START to the first node`);
  }
  for (const [from, edge] of edges) {
    if (from !== START) need(from, "edges begin at");
    for (const to of staticTargets(edge)) need(to, `"${from}" leads to`);
  }
  for (const [name, { after = [], writes = [] }] of nodes) {
    for (const other of after) need(other, `"${name}" comes after`);
    for (const field of writes) {
      if (Object.hasOwn(state, field)) continue;
      throw new GraphError(
        "unknown_field",
        `${owner}: "${name}" writes "${field}", which is not a field`,
      );
    }
  }
  for (const name of [...interruptBefore, ...interruptAfter]) need(name, "a stop is asked for at");
  const topology = topologyOf(state, nodes, edges);
  const definition: Definition = {
    id,
    channels: state,
    nodes,
    edges,
    joins: [...nodes].flatMap(([name, { after }]) => after === undefined ? [] : [[name, after]]),
    maxIterations,
    onFailure,
    maxConcurrency,
    interruptBefore,
    interruptAfter,
    topology,
    voice,
  };
  checkWriters(owner, definition);
  return definition;
}

function readNode(owner: string, name: string, node: unknown): NodeDefinition {
  if ([START, END, PROTO].includes(name)) {
    throw new GraphError("unknown_node", `${owner}: "${name}" cannot name a node`);
  }
  const inner = definitionOf(node);
  if (inner !== undefined) return { run: inner, kind: "graph" };
  if (typeof node === "function") return { run: node as NodeDefinition["run"], kind: "node" };
  const where = `${owner}: node "${name}"`;
  checkOptions(where, node, NODE_KNOWN);
  const options = node as NodeDefinition;
  const run = definitionOf(options.run) ?? options.run;
  if (typeof run !== "function" && run !== definitionOf(options.run)) {
    throw new TypeError(`${where}: "run" must be a function or a graph, got ${describe(run)}`);
  }
  for (const key of ["condition", "onError", "input", "output"] as const) {
    checkFunction(where, key, options[key]);
  }
  if (options.keep && (typeof run === "function" || !options.input || !options.output)) {
    throw new TypeError(
      `${where}: "keep" is for a graph, with "input" and "output" to say what goes in and comes back`,
    );
  }
  return { ...options, run, kind: typeof run === "function" ? options.kind ?? "node" : "graph" };
}

/** The nodes that an edge leads to whatever the state is. */
function staticTargets(edge: Edge | undefined): string[] {
  if (edge === undefined || typeof edge === "function") return [];
  return [edge].flat().filter((to): to is string => typeof to === "string" && to !== END);
}

/** Refuses two nodes that declare to write a field of one writer, and can be in one step: both go on from a fan-out. */
function checkWriters(owner: string, { nodes, edges, channels }: Definition): void {
  const seen = new Set<string>();
  const open: [string, string][] = [];
  const pair = (a: string, b: string) => {
    const key = JSON.stringify(a < b ? [a, b] : [b, a]);
    if (a !== b && !seen.has(key)) open.push([a, b]);
    seen.add(key);
  };
  const fanOut = (from: readonly string[], to: readonly string[]) =>
    from.forEach((a) => to.forEach((b) => pair(a, b)));
  if ([...nodes.values()].filter(({ writes }) => writes !== undefined).length < 2) return;
  for (const edge of edges.values()) fanOut(staticTargets(edge), staticTargets(edge));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [a, b] = next;
    const field = nodes.get(a)?.writes?.find((field) =>
      channels[field]?.merge === "single" && nodes.get(b)?.writes?.includes(field)
    );
    if (field !== undefined) throw twoWriters(`${owner}: `, a, b, field, "can both write");
    fanOut(staticTargets(edges.get(a)), staticTargets(edges.get(b)));
  }
}

/** What is wrong if two nodes of a step write a field that takes one writer. */
export function twoWriters(
  owner: string,
  a: string,
  b: string,
  field: string,
  verb: string,
): GraphError {
  const hint = "give it a reducer, or channel.last()";
  return new GraphError(
    "two_writers",
    `${owner}"${a}" and "${b}" ${verb} "${field}" in one step: ${hint}`,
  );
}

function topologyOf(
  state: Definition["channels"],
  nodes: Definition["nodes"],
  edges: Definition["edges"],
): Topology {
  const drawn: TopologyEdge[] = [];
  for (const [from, edge] of edges) {
    if (typeof edge === "function") drawn.push({ from, to: "*", via: "conditional" });
    else for (const to of [edge].flat()) drawn.push({ from, to: String(to), via: "static" });
  }
  return {
    version: 1,
    nodes: [...nodes].map(([id, { kind, description = id, defer, after }]): TopologyNode => ({
      id,
      kind,
      label: description,
      ...defer && { defer },
      ...after && { after },
    })),
    edges: drawn,
    state: Object.entries(state).map(([field, { merge }]) => ({ field, merge })),
  };
}
