/**
 * Two runs side by side: their spans aligned, and what differs in time, tokens, input and output. Loaded when it is
 * first asked for.
 *
 * @module
 */
import { RunPicture } from "../../src/view/run_picture.ts";
import type { RunSummary } from "../../src/view/run_summary.ts";
import { addRules, button, el, setText, show, toggle } from "../dom.ts";
import { count, duration } from "../format.ts";
import { mark, setMark, stateMark } from "../marks.ts";
import type { RunLog } from "../model/run_log.ts";
import { eventIdOf } from "../model/timeline_rows.ts";
import { runState, titleOf } from "../model/run_words.ts";
import { VirtualList } from "../view/virtual_list.ts";
import { align } from "./align.ts";
import { RULES } from "./style.ts";
import { pairSpans, type SpanPair, textOf, timeOf } from "./span_pairs.ts";

/** What a person asks for. */
export interface CompareActions {
  /** The other way round: this run as A, that one as B. */
  swap(a: string, b: string): void;
  choose(change: { readonly span?: string | null; readonly differs?: boolean }): void;
  close(): void;
}

/** What is compared, as the address says. */
export interface CompareRoute {
  /** The span that is read. */
  readonly span: string | null;
  /** Whether only what differs is listed. */
  readonly differs: boolean;
}

/** The dialog. */
export class CompareView {
  readonly element: HTMLDialogElement;
  readonly #head = el("div", { class: "compare-head" });
  readonly #totals = el("dl", { class: "compare-totals" });
  readonly #list: VirtualList<PairRow>;
  readonly #detail = el("div", {
    class: "compare-detail",
    attrs: { tabindex: "0", role: "group", "aria-label": "What differs" },
  });
  readonly #only: HTMLInputElement;
  readonly #empty = el("p", { class: "pane-empty" }, "Nothing differs but times and tokens.");
  readonly #actions: CompareActions;
  #logs: readonly [a: RunLog, b: RunLog] | null = null;
  #pictures: readonly [a: RunPicture, b: RunPicture] | null = null;
  #pairs: readonly SpanPair[] = [];
  #shown: readonly SpanPair[] = [];
  #read: SpanPair | undefined;

  constructor(actions: CompareActions) {
    addRules(RULES);
    this.#actions = actions;
    this.#only = el("input", {
      attrs: { type: "checkbox" },
      on: { change: () => actions.choose({ differs: this.#only.checked }) },
    });
    const choose = (index: number) => {
      const pair = this.#shown[index];
      if (pair !== undefined) actions.choose({ span: keyOf(pair) });
    };
    this.#list = new VirtualList<PairRow>({
      label: "Spans of both runs",
      className: "compare-list",
      rowHeight: ROW_HEIGHT,
      create: createRow,
      fill: (row, index) => fillRow(row, this.#shown[index]!),
      onActive: choose,
      onOpen: choose,
    });
    this.element = el(
      "dialog",
      { class: "help compare", attrs: { "aria-labelledby": "compare-title" } },
      el(
        "header",
        { class: "help-head" },
        el("h2", { attrs: { id: "compare-title" } }, "Compare"),
        el("label", { class: "tool" }, this.#only, "only what differs"),
        button("Swap A and B", "swap", () => this.#swap(), "button button-text"),
        button("Close", mark("close"), () => this.element.close(), "button button-icon"),
      ),
      this.#head,
      this.#totals,
      el("div", { class: "compare-body" }, this.#list.element, this.#empty, this.#detail),
    );
    this.element.addEventListener("close", () => actions.close());
    this.element.addEventListener("keydown", ({ key }) => {
      if (key === "d") this.#only.click();
      if (key === "S") this.#swap();
    });
  }

  /** Shows two runs, as far as they were known when they were first asked for. */
  update(a: RunLog, b: RunLog, { span, differs }: CompareRoute): void {
    const isNew = this.#logs?.[0] !== a || this.#logs[1] !== b || !this.element.open;
    if (isNew) this.#compare(a, b);
    if (isNew || differs !== this.#only.checked) {
      this.#only.checked = differs;
      this.#shown = differs ? this.#pairs.filter(({ differs }) => differs.length > 0) : this.#pairs;
      show(this.#empty, this.#shown.length === 0);
      this.#list.update(this.#shown.length);
      this.#read = undefined;
    }
    const chosen = this.#shown.findIndex((pair) => span !== null && keyOf(pair) === span);
    const index = chosen >= 0 ? chosen : this.#shown.findIndex(({ differs }) => differs.length > 0);
    this.#list.select(index);
    if (this.#read === this.#shown[index] && !isNew) return;
    this.#read = this.#shown[index];
    this.#show(this.#read);
    if (chosen >= 0) this.#list.reveal(chosen);
  }

  close(): void {
    if (this.element.open) this.element.close();
  }

  #compare(a: RunLog, b: RunLog): void {
    this.#logs = [a, b];
    this.#pictures = [pictureOf(a), pictureOf(b)];
    const [of, other] = this.#pictures;
    this.#pairs = pairSpans(of, other);
    this.#head.replaceChildren(...[of, other].map(({ summary }, at) => nameOf("AB"[at]!, summary)));
    this.#totals.replaceChildren(...totalsOf(of, other));
    if (!this.element.open) this.element.showModal();
  }

  #swap(): void {
    if (this.#logs !== null) this.#actions.swap(this.#logs[1].runId, this.#logs[0].runId);
  }

  #show(pair: SpanPair | undefined): void {
    if (pair === undefined || this.#pictures === null) return void this.#detail.replaceChildren();
    const [of, other] = this.#pictures;
    const name = el("h3", { class: "compare-name" }, nameOfPair(pair));
    const parts = (["input", "output"] as const).map((direction) => {
      const [a, b] = [textOf(pair.a, of, direction), textOf(pair.b, other, direction)];
      if (a + b === "") return [];
      const isSame = a === b ? "the same" : "by words";
      return [el("h3", {}, direction, el("span", { class: "count" }, ` ${isSame}`)), diffOf(a, b)];
    });
    this.#detail.replaceChildren(name, ...parts.flat());
  }
}

/** B is the run that is open: what it has is selected there as well. Ids are unique in one run only. */
function keyOf({ a, b }: SpanPair): string | null {
  return b !== null ? eventIdOf(b) : a !== null ? `A:${eventIdOf(a)}` : null;
}

function pictureOf({ runId, events, closed }: RunLog): RunPicture {
  const picture = new RunPicture(runId);
  for (const event of events) picture.add(event);
  if (closed) picture.close();
  return picture;
}

function nameOf(letter: string, summary: RunSummary): HTMLElement {
  const state = runState(summary);
  const at = summary.started_at === null ? "" : new Date(summary.started_at).toLocaleString();
  return el(
    "p",
    {},
    el("b", { class: "compare-letter" }, letter),
    mark(stateMark(state)),
    el("span", { class: "aloud" }, state),
    ` ${titleOf(summary)} `,
    el("span", { class: "count" }, at),
  );
}

function totalsOf(a: RunPicture, b: RunPicture): HTMLElement[] {
  const took = ({ startedAt, endedAt }: RunPicture) =>
    (endedAt ?? startedAt ?? 0) - (startedAt ?? 0);
  const rows: [name: string, a: number, b: number, say: (n: number) => string][] = [
    ["duration", took(a), took(b), duration],
    ["tokens", a.summary.total_tokens, b.summary.total_tokens, count],
    ["model calls", a.summary.model_calls, b.summary.model_calls, count],
    ["tools", a.summary.tool_calls, b.summary.tool_calls, count],
    ["errors", a.summary.errors, b.summary.errors, count],
  ];
  return rows.map(([name, from, to, say]) =>
    el(
      "div",
      {},
      el("dt", {}, name),
      el(
        "dd",
        {},
        `${say(from)} → ${say(to)}`,
        el("span", { class: "count" }, ` ${percent(from, to)}`),
      ),
    )
  );
}

function percent(from: number, to: number): string {
  if (from === to) return "same";
  if (from === 0) return "";
  const change = Math.round((to / from - 1) * 100);
  return `${change > 0 ? "+" : "−"}${Math.abs(change)} %`;
}

/** Both texts as one: what only A says struck out, what only B says underlined. */
function diffOf(a: string, b: string): HTMLElement {
  const words = (text: string) => text.slice(0, MAX_TEXT).match(/\s+|\w+|[^\w\s]/g) ?? [];
  const parts: [kind: "span" | "del" | "ins", text: string][] = [];
  for (const [one, other] of align<string>(words(a), words(b), (one, other) => one === other)) {
    const kind = other === null ? "del" : one === null ? "ins" : "span";
    const last = parts.at(-1);
    if (last?.[0] === kind) last[1] += one ?? other;
    else parts.push([kind, (one ?? other)!]);
  }
  const cut = Math.max(a.length, b.length) - MAX_TEXT;
  return el(
    "pre",
    { class: "data" },
    ...parts.map(([kind, text]) => el(kind, {}, text)),
    ...(cut > 0 ? [`\n… ${count(cut)} characters more are not compared`] : []),
  );
}

/** A row of the list; its parts hang on it. */
class PairRow extends HTMLElement {
  readonly parts = {
    mark: mark("done"),
    name: el("span", { class: "compare-span" }),
    time: el("span", { class: "compare-number" }),
    more: el("span", { class: "compare-number" }),
    tokens: el("span", { class: "compare-number" }),
    differs: el("span", { class: "compare-differs" }),
  };
}

function createRow(): PairRow {
  if (customElements.get("pair-row") === undefined) customElements.define("pair-row", PairRow);
  const row = new PairRow();
  row.className = "compare-row";
  row.append(...Object.values(row.parts));
  return row;
}

function fillRow({ parts }: PairRow, pair: SpanPair): void {
  const { a, b, depth, timeMs, tokens, differs } = pair;
  const state = (b ?? a)!.state;
  setMark(parts.mark, state === "skipped" ? "stopped" : state === "lost" ? "ended" : state);
  parts.name.style.paddingLeft = `${Math.min(depth, 10) * 12}px`;
  setText(parts.name, nameOfPair(pair));
  const say = (ms: number | null) => ms === null ? "–" : duration(ms);
  setText(parts.time, `${say(timeOf(a))} → ${say(timeOf(b))}`);
  setText(parts.more, timeMs === null || Math.abs(timeMs) < 1 ? "" : signed(timeMs, duration));
  setText(parts.tokens, tokens === 0 ? "" : `${signed(tokens, count)} tok`);
  setText(parts.differs, differs.join(", ") || "same");
  toggle(parts.differs, "is-same", differs.length === 0);
}

function nameOfPair({ a, b }: SpanPair): string {
  const row = (a ?? b)!;
  return row.kind === "turn" ? `turn ${row.iteration}` : `${row.name || row.role}  ${row.subject}`;
}

function signed(n: number, say: (n: number) => string): string {
  return `${n < 0 ? "−" : "+"}${say(Math.abs(n))}`;
}

const ROW_HEIGHT = 28;
const MAX_TEXT = 12_000;
