/**
 * The graph of a run: boxes for what works, lines for where it went, might go, and did not. The boxes are a list in the
 * order of the graph, each with its routes in words; the lines are for the eye alone.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { addRules, el, setText } from "../dom.ts";
import { RULES } from "./style.ts";
import { count } from "../format.ts";
import type { RunView, ViewActions, ViewScreen } from "../view/lazy_pane.ts";
import { createBox, fillBox } from "./graph_box.ts";
import { GraphFacts } from "./graph_facts.ts";
import { type GraphLayout, labelOf, layOut, pathOf } from "./graph_layout.ts";
import { graphOf, graphsOf, type RunGraph } from "./run_graph.ts";

/** The view. */
export class GraphView implements RunView {
  readonly element: HTMLElement;
  readonly focusable: HTMLElement;
  readonly #actions: ViewActions;
  readonly #choice: HTMLSelectElement;
  readonly #note = el("span", { class: "count" });
  readonly #lines = document.createElementNS(SVG, "svg");
  readonly #labels = el("div", { attrs: { "aria-hidden": "true" } });
  readonly #boxes = el("ul", { attrs: { "aria-label": "Nodes" } });
  readonly #space: HTMLElement;
  readonly #canvas: HTMLElement;
  #facts = new GraphFacts();
  #read: { events: readonly StreamEvent[] | null; first: string; count: number } = {
    events: null,
    first: "",
    count: 0,
  };
  #chosen = "";
  #screen: ViewScreen | null = null;
  #drawn = "";
  #shape = "";
  #layout: GraphLayout | null = null;
  #zoom = 1;
  #isFitted = false;
  #isCentred = "";
  #mustReveal = true;

  constructor(actions: ViewActions) {
    addRules(RULES);
    this.#actions = actions;
    this.#choice = el("select", {
      class: "field",
      attrs: { "aria-label": "Which graph" },
      on: {
        change: () => {
          this.#chosen = this.#choice.value;
          this.#isFitted = false;
          actions.redraw();
        },
      },
    });
    this.#lines.setAttribute("aria-hidden", "true");
    this.#space = el("div", { class: "graph-space" }, this.#labels, this.#boxes);
    this.#space.prepend(this.#lines);
    this.#canvas = el(
      "div",
      { class: "graph-canvas", attrs: { tabindex: "0", role: "group", "aria-label": "Graph" } },
      this.#space,
    );
    this.focusable = this.#canvas;
    const legend = LEGEND.map(([state, words]) =>
      el("li", {}, el("span", { class: `graph-sample graph-sample-${state}` }), words)
    );
    this.element = el(
      "div",
      { class: "graph" },
      el("div", { class: "view-head" }, this.#choice, this.#note),
      this.#canvas,
      el("ul", { class: "graph-legend", attrs: { "aria-label": "Lines" } }, ...legend),
    );
    this.#canvas.addEventListener("keydown", (event) => this.#onKey(event));
  }

  reveal(): void {
    this.#mustReveal = true;
  }

  update(screen: ViewScreen): void {
    this.#screen = screen;
    const { shown } = screen;
    const { picture, events, count: shownCount } = shown;
    this.#readEvents(events, shownCount);
    const graphs = graphsOf(picture.rows, this.#facts);
    if (!graphs.some(({ key }) => key === this.#chosen)) {
      this.#chosen = graphs[0]!.key;
      this.#isFitted = false;
    }
    this.#drawChoice(graphs);
    const key = `${this.#chosen} ${picture.revision} ${shownCount} ${screen.selection}`;
    // Times of what goes on are told once a second.
    const second = shown.isMoving ? Math.floor(shown.endsAt / 1000) : 0;
    if (this.#drawn === `${key} ${second}`) return;
    this.#drawn = `${key} ${second}`;
    this.#draw(graphOf(picture.rows, this.#facts, this.#chosen), screen);
  }

  /** Events that were read are not read again, unless others stand in their place. */
  #readEvents(events: readonly StreamEvent[], shownCount: number): void {
    const first = events[0]?.event_id ?? "";
    const isSame = this.#read.events === events && this.#read.first === first;
    if (!isSame || shownCount < this.#read.count) {
      this.#facts = new GraphFacts();
      this.#read = { events, first, count: 0 };
    }
    for (; this.#read.count < shownCount; this.#read.count++) {
      this.#facts.add(events[this.#read.count]!);
    }
  }

  #drawChoice(graphs: ReturnType<typeof graphsOf>): void {
    const key = JSON.stringify(graphs);
    if (this.#choice.dataset.key !== key) {
      this.#choice.dataset.key = key;
      this.#choice.replaceChildren(
        ...graphs.slice(-MAX_GRAPHS).map(({ key, name }) =>
          el("option", { attrs: { value: key } }, name.slice(0, 60))
        ),
      );
    }
    this.#choice.value = this.#chosen;
  }

  #draw(graph: RunGraph, screen: ViewScreen): void {
    const shape = JSON.stringify([
      graph.key,
      graph.nodes.map(({ id, label }) => [id, label]),
      graph.edges.map(({ from, to, label, times }) => [from, to, labelOf(label, times)]),
    ]);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#layout = layOut(graph);
      this.#boxes.replaceChildren(...graph.nodes.map(() => createBox(this.#open)));
    }
    const layout = this.#layout!;
    setText(
      this.#note,
      `${count(graph.nodes.filter(({ kind }) => kind !== "end").length)} nodes` +
        (graph.leftOut > 0 ? ` · ${count(graph.leftOut)} more not drawn` : "") +
        (graph.nodes.length === 1 ? " · nothing has run yet" : ""),
    );
    graph.nodes.forEach((node, index) => {
      const box = this.#boxes.children[index] as HTMLLIElement;
      fillBox(box, node, graph, screen);
      const { x, y, width, height } = layout.boxes.get(node.id)!;
      Object.assign(box.style, {
        left: `${x - width / 2}px`,
        top: `${y - height / 2}px`,
        width: `${width}px`,
        height: `${height}px`,
      });
    });
    this.#drawLines(graph, layout);
    this.#fit();
    this.#reveal();
  }

  #drawLines({ edges }: RunGraph, { lines, width, height }: GraphLayout): void {
    this.#lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#lines.setAttribute("width", String(width));
    this.#lines.setAttribute("height", String(height));
    this.#lines.replaceChildren(...edges.flatMap((edge, index) => {
      const { points } = lines[index]!;
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", pathOf(points));
      path.setAttribute("class", `graph-line graph-line-${edge.state}`);
      const [tip, before] = [points.at(-1)!, points.at(-2) ?? points[0]!];
      const down = tip.y >= before.y ? -1 : 1;
      const head = document.createElementNS(SVG, "path");
      head.setAttribute("d", `M${tip.x - 4},${tip.y + down * 6}h8l-4,${-down * 6}z`);
      head.setAttribute("class", `graph-tip graph-line-${edge.state}`);
      return [path, head];
    }));
    this.#labels.replaceChildren(...edges.flatMap((edge, index) => {
      const words = labelOf(edge.label, edge.times);
      if (words === "") return [];
      const label = el("span", { class: `graph-label graph-line-${edge.state}` }, words);
      const { x, y } = lines[index]!.label;
      Object.assign(label.style, { left: `${x}px`, top: `${y}px` });
      return [label];
    }));
  }

  /** All of it is in sight at first, unless that would be too small to read. */
  #fit(): void {
    const { width, height } = this.#layout!;
    if (!this.#isFitted && this.#canvas.clientWidth > 0) {
      this.#isFitted = true;
      const { clientWidth, clientHeight } = this.#canvas;
      this.#zoom = Math.max(MIN_FIT, Math.min(1, clientWidth / width, clientHeight / height));
    }
    const style = this.#space.style;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.transform = `scale(${this.#zoom})`;
    // What is scaled keeps the room it had: the rest of that must not be scrolled to.
    style.marginBottom = `${(this.#zoom - 1) * height}px`;
    style.marginRight = `${(this.#zoom - 1) * width}px`;
    const isNew = this.#isCentred !== this.#shape;
    const free = this.#canvas.clientWidth - width * this.#zoom;
    style.marginLeft = `${Math.max(0, free / 2)}px`;
    // What is wider than the screen is seen from its beginning.
    const first = [...this.#layout!.boxes.values()][0];
    if (isNew && free < 0 && first !== undefined) {
      this.#canvas.scrollLeft = first.x * this.#zoom - this.#canvas.clientWidth / 2;
    }
    this.#isCentred = this.#shape;
  }

  #reveal(): void {
    if (!this.#mustReveal) return;
    this.#mustReveal = false;
    this.#boxes.querySelector(".is-selected")?.scrollIntoView({
      block: "nearest",
      inline: "nearest",
    });
  }

  readonly #open = (box: HTMLElement): void => {
    const { event, span } = box.dataset;
    if (span) this.#actions.open(span, true);
    else if (event) this.#actions.open(event, false);
  };

  /** Arrows go from box to box; the keys of the scale are those of the timeline. */
  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const boxes = [...this.#boxes.querySelectorAll<HTMLButtonElement>("button:enabled")];
    const at = boxes.findIndex((box) => box === document.activeElement);
    const by = STEPS[event.key];
    if (by !== undefined) boxes[Math.max(0, Math.min(boxes.length - 1, at + by))]?.focus();
    else if (!this.press(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @returns Whether the key is one of its own. */
  press(key: string): boolean {
    if (key === "+" || key === "=") this.#zoom = Math.min(2, this.#zoom * 1.25);
    else if (key === "-") this.#zoom = Math.max(0.25, this.#zoom / 1.25);
    else if (key === "0") this.#isFitted = false;
    else return false;
    if (this.#layout !== null) this.#fit();
    return true;
  }
}

const SVG = "http://www.w3.org/2000/svg";
const LEGEND = [
  ["taken", "taken"],
  ["todo", "to come"],
  ["untaken", "not taken"],
  ["now", "now"],
  ["waits", "waits"],
] as const;
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowRight: 1,
  j: 1,
  ArrowUp: -1,
  ArrowLeft: -1,
  k: -1,
};
/** Smaller letters cannot be read. */
const MIN_FIT = 0.7;
const MAX_GRAPHS = 200;
