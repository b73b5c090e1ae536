/**
 * Tools of the run list: filters with counts, search in what was captured, notifications. Loaded when they are asked
 * for.
 *
 * @module
 */
import type { RunSummary } from "../../src/view/run_summary.ts";
import { addRules, button, el, setAttr, setText, show } from "../dom.ts";
import { count } from "../format.ts";
import { mark, stateMark } from "../marks.ts";
import { chosenRuns, type Facet, type FacetGroup, facetsOf, keyOf } from "../model/run_facets.ts";
import type { Prices } from "../model/run_cost.ts";
import type { RunList } from "../model/run_list.ts";
import { runState, titleOf } from "../model/run_words.ts";
import { snippetOf } from "../model/snippet.ts";
import type { Api, FoundRuns } from "../net/api.ts";

/** What the tools act on. */
export interface RunToolActions {
  readonly api: Api;
  openRun(runId: string): void;
  /** Other words to search for, another filter. */
  go(change: { readonly runs?: string; readonly only?: readonly string[] }): void;
  redraw(): void;
}

/** The tools above the list: states at hand, the rest behind a button. */
export class RunToolsView {
  readonly element: HTMLElement;
  readonly #states = el("div", {
    class: "runs-states",
    attrs: { role: "group", "aria-label": "Filter by state" },
  });
  readonly #groups = el("div", {});
  readonly #panel: HTMLElement;
  readonly #more: HTMLElement;
  readonly #note = el("p", { class: "tools-note", attrs: { role: "status" } });
  readonly #actions: RunToolActions;
  #chosen: readonly string[] = [];
  #countedAt = -Infinity;
  #shown = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = "";
  #canSearch = true;
  /** What the server found for the words that stand in the filter; null if it was not asked. */
  #found: FoundRuns | null = null;
  /** How each run stood when it was last looked at. */
  readonly #known = new Map<string, string>();

  constructor(actions: RunToolActions) {
    addRules(RULES);
    this.#actions = actions;
    this.#panel = el(
      "div",
      { class: "run-tools" },
      this.#groups,
      el(
        "fieldset",
        {},
        el("legend", {}, "Notify when a run"),
        ...NOTICES.map(([state, words]) => this.#noticeBox(state, words)),
      ),
    );
    show(this.#panel, false);
    this.#more = button(
      "Filter by tag, model and cost; notifications",
      mark("filter"),
      () => this.#expand(this.#panel.hidden === true),
      "chip",
    );
    setAttr(this.#more, "aria-expanded", "false");
    this.element = el(
      "div",
      {},
      el("div", { class: "runs-bar" }, this.#states, this.#more),
      this.#panel,
      this.#note,
    );
  }

  /** The runs to be listed. Behind those whose own words fit, those in whose texts the server has found them. */
  pick(
    { list, prices, only }: {
      readonly list: RunList;
      readonly prices: Prices;
      readonly only: readonly string[];
    },
    wanted: string,
    fits: (run: RunSummary) => boolean,
  ): readonly RunSummary[] {
    const all = list.ordered();
    const now = performance.now();
    // Counting a thousand runs with every frame would be felt.
    if (only !== this.#chosen || now - this.#countedAt >= COUNTED_MS) {
      this.#countedAt = now;
      // What a link has chosen is in sight, wherever it stands.
      if (only.some((key) => !key.startsWith("state ") && !this.#chosen.includes(key))) {
        this.#expand(true);
      }
      this.#chosen = only;
      this.#draw(facetsOf(all, prices, only));
      this.watch(all);
    }
    this.#search(wanted);
    const chosen = chosenRuns(all, only, prices);
    if (wanted === "") return chosen;
    const own = chosen.filter(fits);
    const shown = new Set(own.map(({ run_id: runId }) => runId));
    const found = (this.#found?.runs ?? []).filter(({ run_id: runId }) => !shown.has(runId))
      .map((run) => list.get(run.run_id) ?? run);
    return [...own, ...chosenRuns(found, only, prices)];
  }

  /** Where the words of the search stand in a run; "" if it was not found by them. */
  snippetOf({ run_id: runId }: RunSummary): string {
    const match = this.#found?.matches?.[runId];
    return match === undefined ? "" : snippetOf(match, this.#wanted);
  }

  #expand(isOpen: boolean): void {
    show(this.#panel, isOpen);
    setAttr(this.#more, "aria-expanded", String(isOpen));
  }

  #draw(facets: readonly Facet[]): void {
    const key = JSON.stringify([facets, this.#chosen]);
    if (key === this.#shown) return;
    this.#shown = key;
    const active = document.activeElement?.getAttribute("data-key");
    const states = facets.filter(({ group }) => group === "state");
    this.#states.replaceChildren(...states.map((facet) => this.#chip(facet)));
    const groups = GROUPS.map(([group, title]) => ({
      title,
      facets: facets.filter((facet) => facet.group === group).slice(0, MAX_SHOWN),
    })).filter(({ facets }) => facets.length > 0);
    this.#groups.replaceChildren(
      ...groups.map(({ title, facets }) =>
        el("fieldset", {}, el("legend", {}, title), ...facets.map((facet) => this.#box(facet)))
      ),
    );
    // What had the focus was made anew.
    if (active == null) return;
    for (const control of this.element.querySelectorAll<HTMLElement>("[data-key]")) {
      if (control.dataset.key === active) control.focus();
    }
  }

  #choose(key: string, isOn: boolean): void {
    const others = this.#chosen.filter((other) => other !== key);
    this.#actions.go({ only: isOn ? [...others, key] : others });
  }

  #chip({ group, value, count: n }: Facet): HTMLElement {
    const key = keyOf(group, value);
    const isOn = this.#chosen.includes(key);
    const chip = button(
      `${value}: ${n}`,
      mark(stateMark(value)),
      () => this.#choose(key, !isOn),
      "chip",
    );
    chip.append(count(n));
    setAttr(chip, "aria-pressed", String(isOn));
    setAttr(chip, "data-key", key);
    return chip;
  }

  /** Asks the server for the runs in whose texts these words occur, once the person has stopped typing. */
  #search(words: string): void {
    if (words === this.#wanted || !this.#canSearch) return;
    this.#wanted = words;
    this.#found = null;
    clearTimeout(this.#timer);
    if (words.length < 2) return;
    this.#timer = setTimeout(() => void this.#ask(words), 250);
  }

  /** Tells the person of runs that have begun to wait, or failed, since the last time. */
  watch(runs: readonly RunSummary[]): void {
    const isFirst = this.#known.size === 0;
    for (const run of runs) {
      const [before, state] = [this.#known.get(run.run_id), runState(run)];
      if (before === state) continue;
      this.#known.set(run.run_id, state);
      if (!isFirst && before !== undefined && isWanted(state)) this.#notify(run, state);
    }
    if (this.#known.size > 2 * runs.length + 100) this.#known.clear();
  }

  async #ask(words: string): Promise<void> {
    try {
      const found = await this.#actions.api.search(words);
      if (words !== this.#wanted) return;
      this.#canSearch = found !== null;
      this.#found = found;
      setText(this.#note, found === null ? "This server keeps no archive to search in." : "");
    } catch (error) {
      setText(this.#note, `The search failed: ${(error as Error).message}`);
    }
    this.#actions.redraw();
  }

  #box({ group, value, count }: Facet): HTMLElement {
    const key = keyOf(group, value);
    const box = el("input", {
      attrs: { type: "checkbox", "data-key": key },
      on: { change: () => this.#choose(key, box.checked) },
    });
    box.checked = this.#chosen.includes(key);
    return el(
      "label",
      { class: "tool" },
      box,
      el("span", { class: "tool-name", attrs: { title: value } }, value),
      el("span", { class: "count" }, String(count)),
    );
  }

  #noticeBox(state: string, words: string): HTMLElement {
    const box = el("input", {
      attrs: { type: "checkbox" },
      on: {
        change: () => void this.#allow(state, box),
      },
    });
    box.checked = isWanted(state);
    return el("label", { class: "tool" }, box, el("span", { class: "tool-name" }, words));
  }

  /** A browser asks the person only after a click. */
  async #allow(state: string, box: HTMLInputElement): Promise<void> {
    const isAllowed = !box.checked || ("Notification" in globalThis &&
      await Notification.requestPermission() === "granted");
    box.checked &&= isAllowed;
    setText(this.#note, isAllowed ? "" : "The browser does not let this page notify.");
    localStorage.setItem(`locus notify ${state}`, box.checked ? "on" : "");
  }

  #notify(run: RunSummary, state: string): void {
    // Who looks at the page sees it there.
    if (document.visibilityState === "visible" && document.hasFocus()) return;
    if (Notification.permission !== "granted") return;
    const about = state === "waiting" ? run.question?.question_preview : run.error;
    const notice = new Notification(`${titleOf(run)} ${state === "waiting" ? "waits" : "failed"}`, {
      body: String(about ?? "").slice(0, 200),
      tag: run.run_id,
    });
    notice.onclick = () => {
      focus();
      this.#actions.openRun(run.run_id);
    };
  }
}

/** Whether the person wants to be told of runs that stand so. */
function isWanted(state: string): boolean {
  return localStorage.getItem(`locus notify ${state}`) === "on";
}

const NOTICES = [["waiting", "waits for you"], ["failed", "fails"]] as const;
const GROUPS: readonly (readonly [FacetGroup, string])[] = [
  ["tag", "Tag"],
  ["model", "Model"],
  ["cost", "Cost"],
];
const MAX_SHOWN = 8;
/** How old the counts may be. */
const COUNTED_MS = 500;

const RULES = `
.runs-bar { display: flex; gap: 4px; align-items: flex-start; padding: 6px 12px; }
.runs-states { display: flex; flex: 1; flex-wrap: wrap; gap: 4px; }
.chip {
  display: inline-flex;
  align-items: center;
  gap: 4px;
  min-height: 24px;
  padding: 0 5px;
  border: 1px solid var(--line);
  border-radius: 4px;
  background: none;
  color: var(--quiet);
  font: inherit;
  font-size: 12px;
  cursor: pointer;
}
.chip[aria-pressed="true"] {
  border-color: var(--accent);
  background: var(--accent-soft);
  color: var(--text);
}
.run-tools { padding: 4px 12px 8px; }
.run-tools fieldset { min-width: 0; margin: 8px 0 0; padding: 0; border: 0; }
.run-tools legend,
.tools-note { color: var(--quiet); font-size: 12px; }
.tool-name { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
`;
