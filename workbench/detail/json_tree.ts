/**
 * JSON that can be opened and shut, level by level.
 *
 * @module
 */
import { button, el } from "../dom.ts";
import { count, cut } from "../format.ts";

/** Draws a value. A large one begins folded, and is put into the page as it is opened. */
export function createJson(value: unknown): HTMLElement {
  return el(
    "div",
    { class: "data json" },
    createNode(null, value, sizeOf(value) < MAX_OPEN),
  );
}

function createNode(key: string | null, value: unknown, isOpen: boolean): HTMLElement {
  const name = key === null ? [] : [el("span", { class: "json-key" }, key), ": "];
  if (typeof value !== "object" || value === null) {
    return el("div", { class: "json-line" }, ...name, createLeaf(value));
  }
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  const [open, shut] = isList ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return el("div", { class: "json-line" }, ...name, `${open}${shut}`);
  const size = `${count(entries.length)} ${isList ? "items" : "keys"}`;
  const summary = el(
    "summary",
    { class: "json-line" },
    ...name,
    open,
    el("span", { class: "json-size" }, ` ${size} `),
    el("span", { class: "json-shut" }, shut),
  );
  const list = el("div", { class: "json-inside" });
  const details = el("details", {}, summary, list, el("div", { class: "json-line" }, shut));
  const fill = () => {
    if (details.open && list.childElementCount === 0) addEntries(list, entries, 0, isList, isOpen);
  };
  details.ontoggle = fill;
  details.open = isOpen || key === null;
  fill();
  return details;
}

function addEntries(
  list: HTMLElement,
  entries: readonly (readonly [string, unknown])[],
  from: number,
  isList: boolean,
  isOpen: boolean,
): void {
  const page = entries.slice(from, from + PAGE);
  list.append(
    ...page.map(([key, value]) =>
      createNode(isList ? null : key, value, isOpen && sizeOf(value) < MAX_OPEN)
    ),
  );
  const rest = entries.length - from - page.length;
  if (rest <= 0) return;
  const more = button(`Show ${Math.min(rest, PAGE)} more`, `… ${count(rest)} more`, () => {
    more.remove();
    addEntries(list, entries, from + PAGE, isList, isOpen);
  }, "button button-link");
  list.append(more);
}

function createLeaf(value: unknown): HTMLElement {
  if (typeof value !== "string") {
    return el("span", { class: `json-${typeof value}` }, JSON.stringify(value) ?? "undefined");
  }
  const shown = JSON.stringify(cut(value, MAX_TEXT)).replaceAll("\\n", "\n");
  return el("span", { class: "json-string" }, shown);
}

/** How many values there are, as far as `most`. */
function sizeOf(value: unknown, most = MAX_OPEN): number {
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const key in value) {
    size += sizeOf((value as Record<string, unknown>)[key], most - size);
    if (size >= most) return most;
  }
  return size;
}

/** More than that begins folded. */
const MAX_OPEN = 200;
const PAGE = 100;
const MAX_TEXT = 20_000;
