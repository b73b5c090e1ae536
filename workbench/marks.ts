/**
 * The small drawings: how a thing stands, by shape first and by colour second.
 *
 * @module
 */

const shapes = {
  running: "M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8z",
  waiting: "M6 1.25a4.75 4.75 0 0 0 0 9.5z",
  done: "M2 6.5l2.7 2.7L10 3.4",
  failed: "M2.5 2.5l7 7M9.5 2.5l-7 7",
  stopped: "M3 3h6v6H3z",
  cancelled: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9zM9.2 2.8l-6.4 6.4",
  ended: "M2.5 6h7",
  gap: "M1.5 3.5h3M7.5 3.5h3M1.5 8.5h3M7.5 8.5h3M6 1v10",
  notice: "M6 2v5M6 9v1",
  live: "M6 3a3 3 0 1 1 0 6a3 3 0 1 1 0-6z",
  paused: "M4 2.5v7M8 2.5v7",
  play: "M3.5 2l6 4l-6 4z",
  restart: "M2.5 2v8M10 2l-6 4l6 4z",
  back: "M8.5 2l-5 4l5 4z",
  forward: "M3.5 2l5 4l-5 4z",
  toLive: "M2 2l6 4l-6 4zM10 2v8",
  toEnd: "M6 1.5v8M2.5 6l3.5 3.5L9.5 6",
  copy: "M4 4V1.5h6.5V8H8M1.5 4H8v6.5H1.5z",
  link: "M5 7l2-2M4.5 4.5l-2 2a2.1 2.1 0 0 0 3 3l2-2M7.5 7.5l2-2a2.1 2.1 0 0 0-3-3l-2 2",
  filter: "M1.5 3h9M3.5 6h5M5 9h2",
  compare: "M2 3.5h8M2 8.5h5",
  download: "M6 1.5v6M3.5 5L6 7.5L8.5 5M2 10.5h8",
  close: "M3 3l6 6M9 3l-6 6",
  help: "M4 4.2a2 2 0 1 1 2.8 1.9c-.6.3-.8.6-.8 1.3M6 9.4v.6",
  open: "M4 2.5L8 6l-4 3.5",
  model: "M6 .8l1.4 3.8l3.8 1.4l-3.8 1.4l-1.4 3.8l-1.4-3.8l-3.8-1.4l3.8-1.4z",
  tool: "M4 2c-1.6 2.4-1.6 5.6 0 8M8 2c1.6 2.4 1.6 5.6 0 8",
  agent: "M6 1.2l4.2 2.4v4.8L6 10.8l-4.2-2.4v-4.8zM6 5.9v.2",
  find: "M5 1.8a3.2 3.2 0 1 0 0 6.4a3.2 3.2 0 1 0 0-6.4zM7.4 7.4l3 3",
  step: "M2.5 3.5h7v5h-7z",
} as const;

/** The name of a drawing. */
export type MarkName = keyof typeof shapes;

const filled = new Set<MarkName>([
  "running",
  "stopped",
  "live",
  "play",
  "back",
  "forward",
  "model",
]);

const svg = "http://www.w3.org/2000/svg";

/** A drawing, 12 by 12; what it means is said in words beside it. */
export function mark(name: MarkName): SVGSVGElement {
  const drawing = document.createElementNS(svg, "svg");
  drawing.setAttribute("viewBox", "0 0 12 12");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(document.createElementNS(svg, "path"));
  setMark(drawing, name);
  return drawing;
}

/** The drawing of how a run stands; a newer server may know states that this page does not. */
export function stateMark(state: string): MarkName {
  if (state === "interrupted") return "notice";
  return STATES.find((known) => known === state) ?? "help";
}

const STATES = ["running", "waiting", "done", "failed", "stopped", "cancelled", "ended"] as const;

/** Turns a drawing into another one. */
export function setMark(drawing: SVGSVGElement, name: MarkName): void {
  if (drawing.dataset.mark === name) return;
  drawing.dataset.mark = name;
  drawing.setAttribute("class", `mark mark-${name}${filled.has(name) ? " mark-filled" : ""}`);
  drawing.firstElementChild!.setAttribute("d", shapes[name]);
}
