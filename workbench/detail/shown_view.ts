/**
 * What the detail shows in a form of its own: prompts, JSON, tables, documents, changes of a state, routes, to-dos.
 *
 * @module
 */
import { addRules, el } from "../dom.ts";
import { mark } from "../marks.ts";
import type { DetailForm } from "../model/detail_form.ts";
import { createJson } from "./json_tree.ts";
import { createMessagesView } from "./messages_view.ts";
import { RULES } from "./style.ts";

/** Draws it. */
export function createForm(form: DetailForm): HTMLElement {
  switch (form.kind) {
    case "messages":
      return createMessagesView(form.messages);
    case "json":
      return createJson(form.value);
    case "table":
      return createTable(form);
    case "documents":
      return el("ul", { class: "documents" }, ...form.documents.map(createDocument));
    case "changes":
      return el("div", { class: "data changes" }, ...form.changes.flatMap(createChange));
    case "routes":
      return el("ul", { class: "routes" }, ...form.routes.map(createRoute));
    case "todos":
      return el("ul", { class: "todos" }, ...form.todos.map(createTodo));
  }
}

type Of<K extends DetailForm["kind"]> = Extract<DetailForm, { kind: K }>;

function createTable({ head, rows, shares = [] }: Of<"table">): HTMLElement {
  const bar = el("div", { class: "shares", attrs: { "aria-hidden": "true" } });
  for (const share of shares) {
    const part = el("span", {});
    part.style.flexGrow = String(share);
    bar.append(part);
  }
  const table = el(
    "table",
    { class: "numbers" },
    el(
      "thead",
      {},
      el("tr", {}, ...head.map((name) => el("th", { attrs: { scope: "col" } }, name))),
    ),
    el(
      "tbody",
      {},
      ...rows.map(([name = "", ...cells]) =>
        el(
          "tr",
          {},
          el("th", { attrs: { scope: "row" } }, name),
          ...cells.map((cell) => el("td", {}, cell)),
        )
      ),
    ),
  );
  return el("div", {}, ...shares.length > 0 ? [bar] : [], table);
}

function createDocument(
  { id, score, text, more, usedBy }: Of<"documents">["documents"][number],
): HTMLElement {
  const bar = el("span", { class: "document-bar", attrs: { "aria-hidden": "true" } });
  bar.style.setProperty("--score", String(Math.max(0, Math.min(1, score ?? 0))));
  const used = usedBy === null ? [] : [
    el(
      "span",
      { class: "document-used" },
      mark("done"),
      usedBy === "" ? "used" : `used, by ${usedBy}`,
    ),
  ];
  const body = [
    el("p", { class: "document-text" }, text.slice(0, MAX_DOCUMENT)),
    ...more === "" ? [] : [el("p", { class: "document-more" }, more.slice(0, MAX_DOCUMENT))],
  ];
  return el(
    "li",
    { class: usedBy === null ? "" : "is-used" },
    el(
      "div",
      { class: "document-head" },
      el("b", {}, id),
      ...used,
      ...score === null ? [] : [bar, el("span", {}, score.toFixed(3))],
    ),
    ...text === "" && more === "" ? [] : body,
  );
}

function createChange({ key, before, after }: Of<"changes">["changes"][number]): HTMLElement[] {
  const line = (sign: "−" | "+", value: string) =>
    el(
      "div",
      { class: sign === "+" ? "change-new" : "change-old" },
      el("span", { class: "change-sign" }, sign),
      `${key}: ${value.slice(0, MAX_DOCUMENT)}`,
    );
  if (before === after) return [el("div", {}, `  ${key}: ${after.slice(0, MAX_DOCUMENT)}`)];
  return [...before === null ? [] : [line("−", before)], line("+", after)];
}

function createRoute({ id, isChosen, why, score }: Of<"routes">["routes"][number]): HTMLElement {
  return el(
    "li",
    { class: isChosen ? "is-chosen" : "" },
    mark(isChosen ? "done" : "cancelled"),
    el("b", {}, id),
    el("span", { class: "aloud" }, isChosen ? "taken" : "not taken"),
    el("span", { class: "route-why" }, why),
    el("span", {}, score === null ? "" : score.toFixed(2)),
  );
}

function createTodo({ text, state }: Of<"todos">["todos"][number]): HTMLElement {
  const name = state === "completed" ? "done" : state === "in_progress" ? "running" : "ended";
  return el("li", {}, mark(name), el("span", { class: "aloud" }, state), el("span", {}, text));
}

const MAX_DOCUMENT = 5_000;

addRules(RULES);
