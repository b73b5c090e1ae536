/**
 * Where the boxes and lines of a graph go.
 *
 * @module
 */
import { Graph, layout } from "@dagrejs/dagre";
import type { RunGraph } from "./run_graph.ts";

/** A point. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A graph that has its places. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** The middle of each box, by node, and its size. */
  readonly boxes: ReadonlyMap<string, Point & { readonly width: number; readonly height: number }>;
  /** By edge, in the order of the graph's: the points of its line, and where its words go. */
  readonly lines: readonly { readonly points: readonly Point[]; readonly label: Point }[];
}

/** Lays a graph out, from top to bottom. */
export function layOut({ nodes, edges }: RunGraph): GraphLayout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: "TB",
    nodesep: 24,
    ranksep: 44,
    edgesep: 16,
    marginx: 24,
    marginy: 20,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  // Names come from events: none of them may be a key there.
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  for (const { id, kind } of nodes) {
    graph.setNode(
      names.get(id)!,
      kind === "end" ? { width: 64, height: 28 } : { width: BOX, height: 52 },
    );
  }
  edges.forEach(({ from, to, label, times }, index) => {
    const words = labelOf(label, times);
    const size = words === "" ? {} : { width: words.length * 7 + 8, height: 20, labelpos: "c" };
    graph.setEdge(names.get(from)!, names.get(to)!, size, String(index));
  });
  layout(graph);
  const boxes = new Map(nodes.map(({ id }) => [id, graph.node(names.get(id)!) as Box]));
  const lines = edges.map(({ from, to }, index) => {
    const edge = graph.edge(names.get(from)!, names.get(to)!, String(index)) as
      & { points: Point[] }
      & Partial<Point>;
    const [start, end] = [boxes.get(from)!, boxes.get(to)!];
    const inner = edge.points.slice(1, -1);
    // From the lower edge of a box to the upper edge of the next; back, the other way round.
    const isDown = start.y < end.y;
    const half = (box: Box) => (isDown ? box.height : -box.height) / 2;
    const points = from === to ? edge.points : [
      { x: near(edge.points[0]!.x, start), y: start.y + half(start) },
      ...inner,
      { x: near(edge.points.at(-1)!.x, end), y: end.y - half(end) },
    ];
    const middle = points[Math.floor(points.length / 2)]!;
    return { points, label: { x: edge.x ?? middle.x, y: edge.y ?? middle.y } };
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { width, height, boxes, lines };
}

/** What is written on a line. */
export function labelOf(label: string, times: number): string {
  const short = label.length > 28 ? `${label.slice(0, 27)}…` : label;
  return [short, times > 1 ? `× ${times}` : ""].filter(Boolean).join(" ");
}

/** A path through points, with round corners. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const last = rest.at(-1) ?? first;
  let path = `M${round(first)}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const [at, next] = [rest[i]!, rest[i + 1]!];
    const to = i === rest.length - 2 ? last : { x: (at.x + next.x) / 2, y: (at.y + next.y) / 2 };
    path += `Q${round(at)} ${round(to)}`;
  }
  return rest.length === 1 ? `${path}L${round(last)}` : path;
}

type Box = Point & { readonly width: number; readonly height: number };

function round({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}

/** A place on the edge of a box that is not too near to its corners. */
function near(x: number, box: Box): number {
  const reach = box.width / 2 - 12;
  return Math.max(box.x - reach, Math.min(box.x + reach, x));
}

const BOX = 176;
