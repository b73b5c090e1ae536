/**
 * The header: which run, how it stands, what it took; the controls of time; the connection.
 *
 * @module
 */
import type { RunSummary } from "../../src/view/run_summary.ts";
import { button, el, setAttr, setText, show, toggle } from "../dom.ts";
import { count, counted, growing, seconds } from "../format.ts";
import { modelsOf } from "../model/run_cost.ts";
import { mark, type MarkName, setMark } from "../marks.ts";
import type { PlaybackMode } from "../model/playback.ts";

/** What the header is drawn from. */
export interface HeaderScreen {
  readonly runId: string | null;
  /** What the run is called: its id where it has no title. */
  readonly title: string;
  readonly tags: readonly string[];
  readonly summary: RunSummary | null;
  /** How long the run has taken up to what is shown, in milliseconds. */
  readonly elapsedMs: number;
  /** What it is doing; "" while that is not known. */
  readonly doing: string;
  /** How long it has been waiting for a person, in milliseconds. */
  readonly waitsMs: number;
  readonly cost: string;
  readonly mode: PlaybackMode;
  readonly speed: number;
  readonly shown: number;
  readonly total: number;
  readonly isOver: boolean;
  /** The server knows nothing of the run any more. */
  readonly isForgotten: boolean;
  readonly connection: { readonly mark: MarkName; readonly text: string; readonly tone: string };
}

/** What its controls do. */
export interface HeaderActions {
  pause(): void;
  step(by: number): void;
  seek(position: number): void;
  replay(): void;
  live(): void;
  speed(): void;
  help(): void;
  link(): void;
  download(): void;
  compare(): void;
}

/** The top of the page, always there. */
export class HeaderView {
  readonly element: HTMLElement;
  readonly #mark = mark("running");
  readonly #name = el("h1", { class: "run-title" });
  readonly #state = el("span", { class: "run-state" });
  readonly #now = el("p", { class: "run-now" });
  readonly #counters = el("ul", { class: "counters", attrs: { "aria-label": "Counters" } });
  readonly #time: HTMLElement;
  readonly #pauseMark = mark("paused");
  readonly #pause: HTMLButtonElement;
  readonly #speed: HTMLButtonElement;
  readonly #live: HTMLButtonElement;
  readonly #slider: HTMLInputElement;
  readonly #place = el("span", { class: "time-place" });
  readonly #connection = el("p", { class: "connection", attrs: { role: "status" } });
  readonly #connectionMark = mark("live");
  readonly #connectionText = el("span", {});
  readonly #link: HTMLButtonElement;

  constructor(actions: HeaderActions) {
    this.#pause = button("Pause", this.#pauseMark, () => actions.pause(), "button button-icon");
    this.#speed = button("Speed of playing", "1×", () => actions.speed(), "button button-speed");
    this.#live = button(
      "To the newest event",
      mark("toLive"),
      () => actions.live(),
      "button button-icon",
    );
    this.#slider = el("input", {
      class: "slider",
      attrs: { type: "range", min: "0", max: "0", value: "0", "aria-label": "Place in the run" },
      on: { input: () => actions.seek(Number(this.#slider.value)) },
    });
    this.#link = button(
      "Copy the link to this view",
      mark("link"),
      () => actions.link(),
      "button button-icon",
    );
    const icon = (label: string, name: MarkName, act: () => void) =>
      button(label, mark(name), act, "button button-icon");
    this.#time = el(
      "div",
      { class: "time", attrs: { role: "group", "aria-label": "Time" } },
      icon("Play from the start", "restart", () => actions.replay()),
      this.#pause,
      icon("One event back", "back", () => actions.step(-1)),
      icon("One event forward", "forward", () => actions.step(1)),
      this.#slider,
      this.#place,
      this.#speed,
      this.#live,
    );
    this.#connection.append(this.#connectionMark, this.#connectionText);
    this.element = el(
      "header",
      { class: "top" },
      el("span", { class: "brand" }, "Locus"),
      el("div", { class: "run-head" }, this.#mark, this.#name, this.#state, this.#now),
      el(
        "div",
        { class: "tools" },
        this.#connection,
        this.#link,
        icon("Compare with another run", "compare", () => actions.compare()),
        icon("Take the run along, or open a file", "download", () => actions.download()),
        icon("Keys", "help", () => actions.help()),
      ),
      this.#counters,
      this.#time,
    );
  }

  update(screen: HeaderScreen): void {
    const { runId, summary, connection } = screen;
    const hasRun = runId !== null && summary !== null;
    this.#mark.style.display = hasRun ? "" : "none";
    show(this.#time, hasRun && screen.total > 0);
    show(this.#link, runId !== null);
    show(this.#state, hasRun);
    show(this.#now, hasRun && screen.doing !== "");
    setText(this.#now, `now: ${screen.doing}`);
    const name = runId === null ? "Workbench" : screen.title;
    setText(this.#name, name);
    setAttr(this.#name, "title", name);
    if (hasRun) {
      const isLost = screen.isForgotten &&
        (summary.state === "running" || summary.state === "waiting");
      setMark(this.#mark, isLost ? "ended" : summary.state);
      setText(
        this.#state,
        isLost
          ? `last seen ${summary.state}, ${growing(screen.elapsedMs)}`
          : summary.state === "waiting"
          ? `waits for a person, ${seconds(screen.waitsMs)}`
          : `${stateText(summary)} ${growing(screen.elapsedMs)}`,
      );
      this.#state.dataset.state = isLost ? "lost" : summary.state;
    }
    this.#updateCounters(hasRun ? countersOf(screen, summary) : []);
    this.#updateTime(screen);
    setMark(this.#connectionMark, connection.mark);
    setText(this.#connectionText, connection.text);
    this.#connection.dataset.tone = connection.tone;
  }

  #updateCounters(counters: readonly Counter[]): void {
    const items = this.#counters.children;
    while (items.length > counters.length) items[items.length - 1]!.remove();
    for (const [index, { text, tone }] of counters.entries()) {
      const item = items[index] ?? this.#counters.appendChild(el("li"));
      setAttr(item, "class", tone === "" ? "counter" : `counter counter-${tone}`);
      setText(item, text);
    }
  }

  #updateTime({ mode, speed, shown, total, isOver }: HeaderScreen): void {
    const isStill = mode === "paused" || (mode === "live" && isOver);
    setMark(this.#pauseMark, isStill ? "play" : "paused");
    const label = isStill ? (shown >= total && isOver ? "Play again" : "Go on") : "Pause";
    setAttr(this.#pause, "aria-label", label);
    setAttr(this.#pause, "title", label);
    setText(this.#speed, `${speed}×`);
    setAttr(this.#speed, "aria-label", `Speed of playing: ${speed}×`);
    if (this.#slider.max !== String(total)) this.#slider.max = String(total);
    if (Number(this.#slider.value) !== shown) this.#slider.value = String(shown);
    setAttr(this.#slider, "aria-valuetext", `event ${shown} of ${total}`);
    const waiting = total - shown;
    setText(
      this.#place,
      mode === "live" || waiting === 0
        ? count(total)
        : mode === "paused" && !isOver
        ? `paused · ${count(waiting)} wait`
        : `${count(shown)} of ${count(total)}`,
    );
    toggle(this.#time, "is-behind", waiting > 0);
    this.#live.disabled = mode === "live";
  }
}

interface Counter {
  readonly text: string;
  readonly tone: string;
}

function stateText({ state, reason }: RunSummary): string {
  return state === "stopped" && reason !== null
    ? `stopped (${String(reason).slice(0, 40)})`
    : state;
}

function countersOf({ runId, title, tags, cost }: HeaderScreen, summary: RunSummary): Counter[] {
  const plain = (text: string) => ({ text, tone: "" });
  const { model_calls: calls, tool_calls: tools, errors, missed_events: missed } = summary;
  const cached = modelsOf(summary).reduce((sum, [, it]) => sum + (it.cached_input_tokens ?? 0), 0);
  const share = Math.round(cached / Math.max(cached, summary.prompt_tokens) * 100);
  return [
    plain(counted(calls, "call")),
    plain(counted(tools, "tool")),
    plain(`${count(summary.total_tokens)} tok${missed > 0 ? " or more" : ""}`),
    ...(cached > 0 ? [plain(`cached ${share} %`)] : []),
    ...(cost === "" ? [] : [plain(cost)]),
    ...(errors > 0 ? [{ text: counted(errors, "error"), tone: "failed" }] : []),
    ...(missed > 0 ? [{ text: `${count(missed)} missed`, tone: "notice" }] : []),
    ...(runId === null || title === runId ? [] : [{ text: runId, tone: "id" }]),
    ...tags.map((text) => ({ text, tone: "tag" })),
  ];
}
