/**
 * A box of a graph: what works there, how it stands, and in words where it leads.
 *
 * @module
 */
import { outputWords } from "../../src/view/content_words.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import { el, setAttr, setText, show, toggle } from "../dom.ts";
import { duration } from "../format.ts";
import { mark, type MarkName, setMark } from "../marks.ts";
import { eventIdOf } from "../model/timeline_rows.ts";
import type { ViewScreen } from "../view/lazy_pane.ts";
import type { GraphEdge, GraphNode, RunGraph } from "./run_graph.ts";

/** An empty box. */
export function createBox(open: (box: HTMLElement) => void): HTMLLIElement {
  const button = el(
    "button",
    { attrs: { type: "button" }, on: { click: () => open(box) } },
    mark("running"),
    el("span", { class: "graph-name" }),
    el("span", { class: "graph-visits", attrs: HIDDEN }),
    el("span", { class: "graph-facts", attrs: HIDDEN }),
    el("span", { class: "graph-took", attrs: HIDDEN }),
    el("span", { class: "aloud" }),
  );
  const box = el("li", { class: "graph-box" }, button);
  return box;
}

/** Makes a box say what there is to say. */
export function fillBox(
  box: HTMLLIElement,
  { id, label, kind, state, visits, eventId }: GraphNode,
  { edges }: RunGraph,
  { shown: { endsAt, picture }, selection }: ViewScreen,
): void {
  const button = box.firstElementChild as HTMLButtonElement;
  const [sign, name, times, facts, took, aloud] = [...button.children] as [
    SVGSVGElement,
    ...HTMLElement[],
  ];
  const last = visits.at(-1);
  const isEnd = kind === "end";
  const spent = visits.reduce(
    (sum, { startedAt, endedAt }) => sum + (endedAt ?? endsAt) - startedAt,
    0,
  );
  box.dataset.state = state;
  box.dataset.span = last === undefined ? "" : eventIdOf(last) ?? "";
  box.dataset.event = eventId ?? "";
  toggle(box, "is-end", isEnd);
  toggle(
    box,
    "is-selected",
    selection !== null &&
      visits.some((row) => row.startEventId === selection || row.endEventId === selection),
  );
  setMark(sign, MARKS[state] ?? (state as MarkName));
  sign.style.display = isEnd ? "none" : "";
  setText(name!, label);
  setText(times!, visits.length > 1 ? `× ${visits.length}` : "");
  show(times!, visits.length > 1);
  setText(facts!, isEnd ? "" : factsOf(kind, state, last, picture));
  setText(took!, visits.length === 0 ? "" : state === "waiting" ? "waits" : duration(spent));
  button.disabled = isEnd || (last === undefined && eventId === null);
  setAttr(button, "title", label);
  const routes = edges.filter(({ from }) => from === id).map((edge) => routeWords(edge)).join(", ");
  const visited = visits.length > 1 ? `, ${visits.length} visits` : "";
  const leads = routes === "" ? "" : `; leads to ${routes}`;
  setText(aloud!, `, ${WORDS[state] ?? state}${visited}${leads}`);
}

function routeWords({ to, state, times, label }: GraphEdge): string {
  const name = to.slice(to.lastIndexOf("/") + 1).replaceAll("__", "");
  return `${name} (${WORDS[state] ?? state}${times > 1 ? ` ${times} times` : ""}${
    label === "" ? "" : `, ${label}`
  })`;
}

/** What came of its latest visit, else what it is. */
function factsOf(
  kind: string,
  state: string,
  last: GraphNode["visits"][number] | undefined,
  picture: RunPicture,
): string {
  if (state === "todo" || state === "untaken") return WORDS[state]!;
  if (last?.kind === "span") {
    if (last.state === "failed" && last.result !== "") return last.result;
    const subject = last.role === "node" ? "" : last.subject;
    return outputWords(last, picture.conversation) || last.result || subject || last.role;
  }
  return kind;
}

/** What it shows is said in other words. */
const HIDDEN = { "aria-hidden": "true" };
const MARKS: Readonly<Record<string, MarkName>> = { todo: "ended", untaken: "cancelled" };
const WORDS: Readonly<Record<string, string>> = {
  todo: "to come",
  untaken: "not taken",
  now: "on the way",
  waits: "waits for a person",
  waiting: "waits for a person",
};
