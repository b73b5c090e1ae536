/**
 * The list of runs: how each stands, by shape and colour, and what it has cost so far.
 *
 * @module
 */
import type { RunSummary } from "../../src/view/run_summary.ts";
import { el, setAttr, setText, show, toggle } from "../dom.ts";
import { age, count, counted, growing, money } from "../format.ts";
import { mark, setMark, stateMark } from "../marks.ts";
import type { RunList } from "../model/run_list.ts";
import { groupsOf, type RunGroup } from "../model/run_groups.ts";
import { costOf, type Prices } from "../model/run_cost.ts";
import { runState, tagsOf, titleOf } from "../model/run_words.ts";
import { Lazy } from "../lazy.ts";
import type { RunToolActions, RunToolsView } from "./run_tools_view.ts";
import { VirtualList } from "./virtual_list.ts";

/** What the list is drawn from. */
export interface RunListScreen {
  readonly list: RunList;
  readonly openRunId: string | null;
  /** The words that runs are searched for. */
  readonly runs: string;
  /** What they are filtered by. */
  readonly only: readonly string[];
  readonly prices: Prices;
  /** How long the open run has taken, where the header says it: both say the same. */
  readonly openElapsedMs: number | null;
  readonly now: number;
  /** Up to when the page knows what has happened. */
  readonly horizon: number;
  /** What to say while there is no run. */
  readonly emptyText: string;
}

/** The left column. */
export class RunListView {
  readonly element: HTMLElement;
  readonly filter: HTMLInputElement;
  readonly list: VirtualList<RunRow>;
  readonly #empty = el("p", { class: "runs-empty" });
  readonly #total = el("span", { class: "count" });
  #runs: readonly RunSummary[] = [];
  #groups: readonly RunGroup[] = [];
  #screen: RunListScreen | null = null;
  readonly #slot = el("div", { class: "runs-slot" });
  readonly #tools: Lazy<RunToolsView>;

  constructor(actions: RunToolActions) {
    // The list is there without them.
    this.#tools = new Lazy(async () => {
      const { RunToolsView } = await import("./run_tools_view.ts");
      const tools = new RunToolsView(actions);
      this.#slot.replaceChildren(tools.element);
      return tools;
    }, () => actions.redraw());
    this.filter = el("input", {
      class: "field",
      attrs: {
        type: "search",
        placeholder: "filter runs…",
        "aria-label": "Filter runs by title, id, tag, state or text",
        spellcheck: "false",
        autocomplete: "off",
      },
      on: { input: () => actions.go({ runs: this.filter.value }) },
    });
    this.list = new VirtualList<RunRow>({
      label: "Runs",
      className: "runs-list",
      rowHeight: ROW_HEIGHT,
      create: createRow,
      fill: (row, index) => {
        const group = this.#groups.find(({ from }) => from === index);
        setAttr(row, "data-group", group?.title ?? null);
        setAttr(row, "data-count", group === undefined ? null : count(group.count));
        this.#fill(row, this.#runs[index]!);
      },
      onOpen: (index) => {
        const run = this.#runs[index];
        if (run !== undefined) actions.openRun(run.run_id);
      },
    });
    this.element = el(
      "section",
      { class: "pane pane-runs", attrs: { "aria-label": "Runs" } },
      el("header", { class: "pane-head" }, el("h2", {}, "Runs"), this.#total, this.filter),
      this.#slot,
      this.list.element,
      this.#empty,
    );
  }

  /** The run before or after the open one, as listed. */
  neighbour(by: 1 | -1): string | null {
    const at = this.#runs.findIndex(({ run_id: runId }) => runId === this.#screen?.openRunId);
    const next = at < 0 ? 0 : at + by;
    return this.#runs[next]?.run_id ?? null;
  }

  update(screen: RunListScreen): void {
    this.#screen = screen;
    const wanted = screen.runs.trim().toLowerCase();
    const all = screen.list.ordered();
    const tools = all.length > 1 || screen.only.length > 0 ? this.#tools.get() : null;
    const fits = (run: RunSummary) => wordsOf(run).toLowerCase().includes(wanted);
    this.#runs = tools?.pick(screen, wanted, fits) ??
      (wanted === "" ? all : all.filter(fits));
    const isAll = this.#runs.length === all.length;
    setText(
      this.#total,
      all.length === 0 ? "" : isAll ? count(all.length) : `${this.#runs.length} of ${all.length}`,
    );
    const isEmpty = this.#runs.length === 0;
    show(this.#empty, isEmpty);
    show(this.list.element, !isEmpty);
    if (isEmpty) {
      setText(this.#empty, all.length > 0 ? "No run matches the filter." : screen.emptyText);
    }
    // What was searched for stands in the order of how it was found.
    this.#groups = wanted === ""
      ? groupsOf(this.#runs, screen.now, (run) => screen.list.isOpen(run))
      : [];
    this.list.update(this.#runs.length, -1, this.#groups.map(({ from }) => from));
    this.list.select(this.#runs.findIndex(({ run_id: runId }) => runId === screen.openRunId));
  }

  /** Tells the person what they want to be told of runs, while nothing is drawn. */
  watch(list: RunList): void {
    this.#tools.value?.watch(list.ordered());
  }

  #fill({ parts }: RunRow, run: RunSummary): void {
    const { list, prices, now, horizon, openRunId, openElapsedMs } = this.#screen!;
    const isForgotten = list.isForgotten(run.run_id);
    const goesOn = list.isOpen(run);
    const isWaiting = goesOn && run.state === "waiting";
    const state = runState(run);
    setMark(parts.mark, isForgotten && isUnfinished(run) ? "ended" : stateMark(state));
    setText(parts.state, state);
    const title = titleOf(run);
    setText(parts.name, title);
    setAttr(parts.name, "title", title === run.run_id ? title : `${title}\n${run.run_id}`);
    const openMs = run.run_id === openRunId ? openElapsedMs : null;
    const elapsedMs = openMs ?? elapsedOf(run, goesOn ? horizon : null);
    const elapsed = elapsedMs === null ? "" : growing(elapsedMs);
    setText(parts.time, isWaiting ? waitOf(run, now) : elapsed);
    toggle(parts.time, "is-waiting", isWaiting);
    const error = run.state === "failed" && run.error ? String(run.error).slice(0, 200) : "";
    const facts = [
      isForgotten ? "forgotten" : "",
      isUnfinished(run) || run.state === "done" ? "" : error || state,
      run.started_at === null ? "no event yet" : agoOf(now - Date.parse(run.started_at)),
      run.total_tokens > 0 ? `${count(run.total_tokens)} tok` : "",
      prices !== null && run.total_tokens > 0 ? money(costOf(run, prices), prices.currency) : "",
      run.errors > 0 ? counted(run.errors, "error") : "",
      run.missed_events > 0 ? `${count(run.missed_events)} missed` : "",
      ...tagsOf(run),
    ].filter((fact) => fact !== "");
    const question = isWaiting ? run.question?.question_preview : undefined;
    const snippet = this.#tools.value?.snippetOf(run);
    setText(parts.facts, snippet || (question ? String(question) : facts.join(" · ")));
  }
}

/** A row of the list; its parts hang on it, so that filling it looks nothing up. */
class RunRow extends HTMLElement {
  readonly parts = {
    mark: mark("running"),
    state: el("span", { class: "aloud" }),
    name: el("span", { class: "run-name" }),
    time: el("span", { class: "run-time" }),
    facts: el("span", { class: "run-facts" }),
  };
}

function createRow(): RunRow {
  if (customElements.get("run-row") === undefined) customElements.define("run-row", RunRow);
  const row = new RunRow();
  row.className = "run-row";
  row.append(...Object.values(row.parts));
  return row;
}

/** What a run is found by. */
function wordsOf(run: RunSummary): string {
  return [titleOf(run), run.run_id, run.state, ...tagsOf(run)].join(" ");
}

/** How long a run has taken; `horizon` is given while it goes on. */
function elapsedOf(run: RunSummary, horizon: number | null): number | null {
  if (run.started_at === null) return null;
  const last = Date.parse(run.ended_at ?? run.updated_at ?? run.started_at);
  return Math.max(last, horizon ?? last) - Date.parse(run.started_at);
}

function isUnfinished(run: RunSummary): boolean {
  const state = runState(run);
  return state === "running" || state === "waiting";
}

function waitOf(run: RunSummary, now: number): string {
  const ms = run.updated_at === null ? 0 : now - Date.parse(run.updated_at);
  return `waits ${age(Math.max(ms, 5_000))}`;
}

function agoOf(ms: number): string {
  const text = age(ms);
  return text === "now" ? "just now" : `${text} ago`;
}

const ROW_HEIGHT = 44;
