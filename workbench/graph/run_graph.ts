/**
 * The graphs of a run: one for each drawing that was published, with what ran of it; and who called whom, of any run.
 *
 * @module
 */
import type { PictureRow, PictureSpan, PictureTurn } from "../../src/view/picture_rows.ts";
import { visitRows } from "../../src/view/picture_rows.ts";
import type { Drawing, GraphFacts } from "./graph_facts.ts";

/** How a node stands. */
export type NodeState =
  | "running"
  | "waiting"
  | "done"
  | "failed"
  | "stopped"
  | "ended"
  | "todo"
  | "untaken";

/** A box. */
export interface GraphNode {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  readonly state: NodeState;
  /** Its visits, in the order in which they began. */
  readonly visits: readonly (PictureSpan | PictureTurn)[];
  /** The event that tells of it, where it has no span. */
  readonly eventId: string | null;
}

/** How a route stands. */
export type EdgeState = "taken" | "now" | "waits" | "todo" | "untaken";

/** A line between boxes. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly state: EdgeState;
  readonly times: number;
  /** What was said about it; "" if nothing was. */
  readonly label: string;
}

/** A graph. */
export interface RunGraph {
  readonly key: string;
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** How many boxes there would be besides. */
  readonly leftOut: number;
}

/** The graphs of a run that can be drawn, the outermost first; who called whom comes last. */
export function graphsOf(
  rows: readonly PictureRow[],
  { drawings }: GraphFacts,
): { readonly key: string; readonly name: string }[] {
  const found: { key: string; name: string }[] = [];
  visitRows(rows, (row) => {
    if (row.kind === "span" && row.spanId !== null && drawings.has(row.spanId)) {
      found.push({ key: row.spanId, name: row.name });
    }
  });
  return [...found, { key: CALLS, name: "who called whom" }];
}

/** One of them. */
export function graphOf(rows: readonly PictureRow[], facts: GraphFacts, key: string): RunGraph {
  const drawing = facts.drawings.get(key);
  const span = drawing && find(rows, key);
  return drawing && span ? drawnGraph(span, drawing, facts) : callGraph(rows);
}

function drawnGraph(span: PictureSpan, drawing: Drawing, facts: GraphFacts): RunGraph {
  const key = span.spanId!;
  const isOver = span.endedAt !== null;
  const visits = visitsOf(span, facts);
  const steps = facts.steps.get(key);
  const lastStep = steps && [...steps.keys()].at(-1);
  const taken = takenOf(facts, key);
  const known = new Map(drawing.nodes.map((node) => [node.id, node]));
  // What ran and is not in the drawing is shown all the same.
  for (const id of visits.keys()) {
    if (!known.has(id)) known.set(id, { id, label: id, kind: "node" });
  }
  const nodes = [...known.values()].slice(0, MAX_BOXES);
  const states = new Map([...visits].map(([id, own]) => [id, stateOfVisits(own)]));
  const stateOf = (id: string): NodeState => {
    if (steps?.has(id)) return states.get(id) ?? (isOver || lastStep !== id ? "done" : "running");
    return states.get(id) ?? (isOver || taken.refused.has(id) ? "untaken" : "todo");
  };
  const isSeen = (id: string) =>
    id === START || (id === END ? isOver : visits.has(id) || steps?.has(id) === true);
  const ends = new Set(nodes.map(({ id }) => id));
  const edges = new Map<string, GraphEdge>();
  const add = (from: string, to: string, isDrawn: boolean) => {
    const id = `${from}\n${to}`;
    const route = taken.routes.get(id);
    const hasChosen = taken.sources.has(from);
    // A fixed edge of what tells no routes was taken if both of its ends were reached.
    const times = route?.times ?? (!hasChosen && isDrawn && isSeen(from) && isSeen(to) ? 1 : 0);
    const label = route?.said || taken.left.get(id) || "";
    const isLeft = isOver || taken.left.has(id) || stateOf(from) === "untaken";
    edges.set(id, { from, to, times, label, state: edgeState(times, to, isLeft) });
  };
  const edgeState = (times: number, to: string, isLeft: boolean): EdgeState => {
    if (times === 0) return isLeft ? "untaken" : "todo";
    const state = stateOf(to);
    return state === "running" ? "now" : state === "waiting" ? "waits" : "taken";
  };
  for (const { from, to } of drawing.edges) if (to !== "*") add(from, to, true);
  for (const route of [...taken.routes.keys(), ...taken.left.keys()]) {
    const [from, to] = route.split("\n") as [string, string];
    if (!edges.has(route)) add(from, to, false);
  }
  const drawn = [...edges.values()].filter(({ from, to }) =>
    (from === START || ends.has(from)) && (to === END || ends.has(to))
  );
  const first = { id: START, label: "start", kind: "end", visits: [], eventId: null };
  const last = { id: END, label: "end", kind: "end", visits: [], eventId: null };
  return {
    key,
    name: span.name,
    nodes: [
      { ...first, state: "done" },
      ...nodes.map(({ id, label, kind }) => ({
        id,
        label,
        kind,
        state: stateOf(id),
        visits: visits.get(id) ?? [],
        eventId: steps?.get(id) ?? null,
      })),
      ...drawn.some(({ to }) => to === END)
        ? [{ ...last, state: isOver ? "done" as const : "todo" as const }]
        : [],
    ],
    edges: drawn.slice(0, 4 * MAX_BOXES),
    leftOut: known.size - nodes.length,
  };
}

/** The visits of the nodes of a graph, by node: also through what groups them, such as a fan-out. */
function visitsOf(
  span: PictureSpan,
  { nodes, drawings }: GraphFacts,
): Map<string, PictureSpan[]> {
  const visits = new Map<string, PictureSpan[]>();
  const visit = (rows: readonly PictureRow[]) => {
    for (const row of rows) {
      if (row.kind !== "span") continue;
      const id = row.spanId === null ? undefined : nodes.get(row.spanId);
      if (id !== undefined) {
        const known = visits.get(id);
        if (known !== undefined) known.push(row);
        else visits.set(id, [row]);
      } else if (row.spanId === null || !drawings.has(row.spanId)) visit(row.children);
    }
  };
  visit(span.children);
  return visits;
}

/** The routes of a graph that were taken, and what was open beside them. */
function takenOf({ choices }: GraphFacts, key: string) {
  const routes = new Map<string, { times: number; said: string }>();
  const left = new Map<string, string>();
  const sources = new Set<string>();
  for (const { spanId, from, to, left: others, said } of choices) {
    if (spanId !== key) continue;
    sources.add(from);
    for (const target of to) {
      const id = `${from}\n${target}`;
      // That a router said the names of where it led to needs no label.
      const words = said === to.join(", ") ? "" : said;
      routes.set(id, { times: (routes.get(id)?.times ?? 0) + 1, said: words });
    }
    for (const { id, why } of others) left.set(`${from}\n${id}`, why);
  }
  for (const id of routes.keys()) left.delete(id);
  const refused = new Set([...left.keys()].map((id) => id.slice(id.indexOf("\n") + 1)));
  for (const id of routes.keys()) refused.delete(id.slice(id.indexOf("\n") + 1));
  return { routes, left, sources, refused };
}

/** Who called whom: agents, what they asked for and what is inside of it, each once by its name. */
function callGraph(rows: readonly PictureRow[]): RunGraph {
  const nodes = new Map<
    string,
    { label: string; kind: string; visits: (PictureSpan | PictureTurn)[] }
  >();
  const edges = new Map<string, { from: string; to: string; times: number }>();
  let leftOut = 0;
  const visit = (rows: readonly PictureRow[], from: string) => {
    for (const row of rows) {
      if (row.kind === "note") continue;
      if (row.kind === "turn") {
        visit(row.children, from);
        continue;
      }
      const id = `${from}/${row.role} ${row.name}`;
      const node = nodes.get(id);
      if (node !== undefined) node.visits.push(row);
      else if (nodes.size < MAX_BOXES) {
        nodes.set(id, { label: row.name || row.role, kind: row.role, visits: [row] });
      } else {
        leftOut++;
        continue;
      }
      edges.set(id, { from, to: id, times: (edges.get(id)?.times ?? 0) + 1 });
      visit(row.children, id);
    }
  };
  visit(rows, START);
  // Once for each box: there may be any number of visits.
  const states = new Map([...nodes].map(([id, { visits }]) => [id, stateOfVisits(visits)]));
  return {
    key: CALLS,
    name: "who called whom",
    nodes: [
      { id: START, label: "run", kind: "end", state: "done", visits: [], eventId: null },
      ...[...nodes].map(([id, node]) => ({
        id,
        ...node,
        state: states.get(id)!,
        eventId: null,
      })),
    ],
    edges: [...edges.values()].map(({ from, to, times }) => ({
      from,
      to,
      times,
      label: "",
      state: EDGES[states.get(to)!] ?? "taken",
    })),
    leftOut,
  };
}

const EDGES: Partial<Record<NodeState, EdgeState>> = { running: "now", waiting: "waits" };

/** How the latest visit stands; any that goes on or waits comes first. */
function stateOfVisits(visits: readonly (PictureSpan | PictureTurn)[]): NodeState {
  const states = new Set<string>(visits.map(({ state }) => state));
  if (states.has("waiting")) return "waiting";
  if (states.has("running")) return "running";
  const last = visits.at(-1)!.state;
  return last === "lost" ? "ended" : last === "skipped" ? "stopped" : last;
}

function find(rows: readonly PictureRow[], spanId: string): PictureSpan | undefined {
  let found: PictureSpan | undefined;
  visitRows(rows, (row) => {
    if (row.kind === "span" && row.spanId === spanId) found = row;
  });
  return found;
}

/** The key of the graph that every run has. */
export const CALLS = "calls";
/** Where graphs begin and end, as the library names it. */
const START = "__START__";
const END = "__END__";
/** More than that cannot be laid out while a person waits. */
const MAX_BOXES = 100;
