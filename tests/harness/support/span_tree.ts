/**
 * A reader that knows spans by their ids and nothing else: what it makes of a run's events is what was executed.
 *
 * @module
 */

import { spanPairs } from "../../events/expected_catalogue.ts";
import type { AnyEvent } from "./read.ts";

/** A span, or the run itself at the top. */
export interface SpanNode {
  readonly id: string | null;
  readonly kind: string;
  readonly name: string;
  readonly children: SpanNode[];
  /** What happened in it: the types of the events. */
  readonly events: string[];
  /** The text of the model, as far as it came in chunks. */
  text: string;
  isOpen: boolean;
}

type PlainEvent = Pick<AnyEvent, "event_type" | "data">;

/**
 * The tree of a run.
 *
 * @throws {Error} If a span begins in none that is open, ends before what is in it, or not exactly once.
 */
export function foldSpans(events: readonly PlainEvent[]): SpanNode {
  const root = nodeOf(null, "run", "run");
  const nodes = new Map<unknown, SpanNode>([[null, root]]);
  const placeOf = (id: unknown, event: PlainEvent): SpanNode => {
    const node = nodes.get(id);
    if (node?.isOpen) return node;
    throw new Error(`${event.event_type} is in no open span: ${JSON.stringify(event.data)}`);
  };
  for (const event of events) {
    const { event_type: type, data } = event;
    if (/^(run|bus)\./.test(type)) continue;
    const id = data.tool_span_id ?? data.span_id;
    if (BEGINNINGS.has(type)) {
      if (data.resumed === true && placeOf(id, event)) continue;
      if (nodes.has(id)) throw new Error(`${id} begins twice`);
      const kind = data.kind ?? type.split(".").at(-2);
      const name = data.name ?? data.tool_name ?? data.node_id ??
        data.specialist_id ?? data.target_agent_id ?? data.iteration ?? type;
      const node = nodeOf(String(id), String(kind), String(name));
      placeOf(data.parent_span_id, event).children.push(node);
      nodes.set(id, node);
    } else if (ENDS.has(type)) {
      const node = placeOf(id, event);
      const inner = node.children.find(({ isOpen }) => isOpen);
      if (inner !== undefined) throw new Error(`${node.name} ends before ${inner.name}`);
      node.isOpen = false;
    } else {
      const node = placeOf(id ?? null, event);
      node.events.push(type);
      if (type === "agent.model.chunk") node.text += data.content_preview;
    }
  }
  return root;
}

const PAIRS: readonly (readonly [begins: string, ends: string])[] = [
  ["span.started", "span.completed"],
  ["agent.tool.started", "agent.tool.completed"],
  ["multiagent.graph.node.started", "multiagent.graph.node.completed"],
  ...spanPairs,
];
const BEGINNINGS = new Set(PAIRS.map(([begins]) => begins));
const ENDS = new Set(PAIRS.map(([, ends]) => ends));

/** The spans that have not ended, outermost first. */
export function openSpans(node: SpanNode): string[] {
  const inner = node.children.flatMap(openSpans);
  return node.isOpen && node.id !== null ? [node.name, ...inner] : inner;
}

/** All spans below a node. */
export function allSpans(node: SpanNode): SpanNode[] {
  return node.children.flatMap((child) => [child, ...allSpans(child)]);
}

/** A node and what is in it, as nested lists of `kind name`. */
export function outlineOf(node: SpanNode): unknown {
  const name = `${node.kind} ${node.name}`;
  return node.children.length === 0 ? name : [name, ...node.children.map(outlineOf)];
}

function nodeOf(id: string | null, kind: string, name: string): SpanNode {
  return { id, kind, name, children: [], events: [], text: "", isOpen: true };
}
