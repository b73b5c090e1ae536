/**
 * What the events of a run say of graphs: their drawings, which span is which node, and which routes were taken.
 *
 * @module
 */
import { isRecord } from "../../src/core/describe.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { type Fields, numberIn, textIn } from "../../src/view/payload.ts";

/** A drawing that was published before anything ran. */
export interface Drawing {
  readonly nodes: readonly { readonly id: string; readonly label: string; readonly kind: string }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** A choice of what runs next. */
export interface Choice {
  /** The span of the graph. */
  readonly spanId: string;
  readonly from: string;
  readonly to: readonly string[];
  /** What was open and not taken, and why. */
  readonly left: readonly { readonly id: string; readonly why: string }[];
  /** What the router said; "" if nothing was asked. */
  readonly said: string;
}

/** Everything that events say of graphs. Add them in order. */
export class GraphFacts {
  /** By the span of the graph. */
  readonly drawings = new Map<string, Drawing>();
  readonly choices: Choice[] = [];
  /** The node that a span is a visit of. */
  readonly nodes = new Map<string, string>();
  /** Steps of an orchestrator, which have no spans: the event that told of each, by the span of the orchestrator. */
  readonly steps = new Map<string, Map<string, string>>();
  readonly #byHash = new Map<string, Drawing>();

  add({ event_type: type, event_id: eventId, data: payload }: StreamEvent): void {
    const data: Fields = payload as Fields;
    const spanId = textIn(data, "span_id", MAX_ID);
    switch (type as string) {
      case "span.started":
        this.#addDrawing(spanId, data);
        return this.#addNode(spanId, branchIn(data));
      case "multiagent.graph.node.started":
        return this.#addNode(spanId, textIn(data, "node_id", MAX_ID));
      case "multiagent.specialist.started":
        return this.#addNode(spanId, textIn(data, "specialist_id", MAX_ID));
      case "composition.stage.started":
        return this.#addNode(spanId, `stage[${numberIn(data, "stage") ?? 0}]`);
      case "multiagent.orchestrator.decision":
        return this.#decide(spanId, data, eventId);
      case "multiagent.graph.node.routed":
        return this.#choose({
          spanId,
          from: textIn(data, "from_node", MAX_ID),
          to: namesIn(data.to_nodes),
          left: leftIn(data),
          said: namesIn([data.condition_result].flat()).join(", "),
        });
    }
  }

  #addNode(spanId: string, nodeId: string): void {
    if (spanId !== "" && nodeId !== "" && this.nodes.size < MAX_FACTS) {
      this.nodes.set(spanId, nodeId);
    }
  }

  #addDrawing(spanId: string, { attributes }: Fields): void {
    if (!isRecord(attributes) || this.drawings.size >= MAX_DRAWINGS) return;
    const hash = textIn(attributes, "topology_hash", MAX_ID);
    const drawing = drawingIn(attributes.topology) ?? this.#byHash.get(hash);
    if (drawing === undefined) return;
    this.drawings.set(spanId, drawing);
    if (hash !== "") this.#byHash.set(hash, drawing);
  }

  /** An orchestrator has a step of its own for each of its decisions. */
  #decide(spanId: string, data: Fields, eventId: string): void {
    const decision = textIn(data, "decision", MAX_ID);
    const steps = this.steps.get(spanId) ?? new Map<string, string>();
    if (this.steps.size < MAX_DRAWINGS) this.steps.set(spanId, steps);
    if (decision === "invoke_specialist") {
      steps.set("route", eventId);
      const to = namesIn(data.specialists_selected);
      this.#choose({ spanId, from: "route", to, left: [], said: "" });
    } else if (decision !== "" && steps.size < MAX_NODES) steps.set(decision, eventId);
  }

  #choose(choice: Choice): void {
    if (this.choices.length < MAX_FACTS) this.choices.push(choice);
  }
}

/** The branch of a pipeline that a span is. */
function branchIn({ attributes, kind }: Fields): string {
  const branch = kind === "task" && isRecord(attributes) ? numberIn(attributes, "branch") : null;
  return branch === null ? "" : `agent[${branch}]`;
}

function drawingIn(value: unknown): Drawing | undefined {
  if (!isRecord(value) || !Array.isArray(value.nodes) || !Array.isArray(value.edges)) return;
  const nodes = value.nodes.slice(0, MAX_NODES).filter(isRecord).map((node) => {
    const id = textIn(node, "id", MAX_ID);
    return { id, label: textIn(node, "label", MAX_ID) || id, kind: textIn(node, "kind", MAX_ID) };
  });
  const edges = value.edges.slice(0, 4 * MAX_NODES).filter(isRecord).map((edge) => ({
    from: textIn(edge, "from", MAX_ID),
    to: textIn(edge, "to", MAX_ID),
  }));
  return nodes.length === 0 ? undefined : { nodes, edges };
}

function leftIn({ candidates }: Fields): Choice["left"] {
  if (!Array.isArray(candidates)) return [];
  return candidates.slice(0, MAX_NODES).filter(isRecord)
    .filter(({ chosen }) => chosen !== true)
    .map((one) => ({ id: textIn(one, "id", MAX_ID), why: textIn(one, "reason", MAX_ID) }));
}

function namesIn(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_NODES).filter((name) => typeof name === "string")
    .map((name) => name.slice(0, MAX_ID));
}

const MAX_ID = 200;
const MAX_NODES = 500;
const MAX_DRAWINGS = 200;
const MAX_FACTS = 50_000;
