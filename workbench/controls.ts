/**
 * What a person can do: by key, by button, by choosing something.
 *
 * @module
 */
import type { StreamEvent } from "../src/events/stream_event.ts";
import { Dialogs } from "./dialogs.ts";
import { type Command, commandOf } from "./keys.ts";
import { eventIdOf, type TimelineRow } from "./model/timeline_rows.ts";
import type { Api } from "./net/api.ts";
import type { Place } from "./place.ts";
import type { Tab, View } from "./route.ts";
import type { Subject } from "./subject.ts";
import type { Pane } from "./view/pane_tabs.ts";
import { TimeControls } from "./time_controls.ts";
import { type PaneActions, Panes } from "./view/panes.ts";

/** The parts of the page, and what they do. */
export class Controls extends TimeControls implements PaneActions {
  readonly panes: Panes;
  readonly dialogs: Dialogs;
  readonly #subject: Subject;
  /** The run that was chosen to be A. */
  #compared: string | null = null;

  constructor(subject: Subject) {
    super(subject);
    this.#subject = subject;
    this.panes = new Panes(this);
    this.dialogs = new Dialogs(subject, (text) => this.panes.say(text));
    document.addEventListener("keydown", (event) => {
      const command = document.querySelector("dialog[open]") ? null : commandOf(event);
      if (command === null) return;
      event.preventDefault();
      this.#commands[command]();
    });
    for (const type of ["dragover", "drop"]) {
      document.addEventListener(type, (event) => this.#drop(event as DragEvent));
    }
  }

  get api(): Api {
    return this.#subject.api;
  }

  redraw(): void {
    this.#subject.redraw();
  }

  help(): void {
    this.dialogs.help();
  }

  link(): void {
    this.#subject.place.write();
    this.copy(location.href, "Link");
  }

  /** The first time it takes the open run, then it compares that with the one that is open then. */
  compare(): void {
    const { log } = this.#subject.feed;
    if (log === null) return this.panes.say("Open a run, and then another, to compare them");
    if (this.#compared === null || this.#compared === log.runId) {
      this.#compared = log.runId;
      return this.panes.say(`${log.runId} is A: open another run and press s again`);
    }
    this.#subject.place.compare(this.#compared);
    this.#subject.redraw();
  }

  download(): void {
    this.dialogs.share();
  }

  openRun(runId: string): void {
    const { place } = this.#subject;
    this.panes.tabs.choose(this.panes.tabs.view);
    if (runId !== place.route.run) place.openRun(runId);
  }

  openRow(entry: TimelineRow): void {
    if (entry.row === null) return this.go({ event: null, span: null });
    if (entry.repeats.length > 0) return this.fold(entry, false);
    const eventId = eventIdOf(entry.row);
    this.go({ span: eventId, event: null });
    this.reveal(eventId);
    this.panes.tabs.open("detail");
  }

  fold({ row }: TimelineRow, isShut: boolean): void {
    const folding = this.#subject.shown.folded?.folding;
    if (row === null || folding === undefined) return;
    folding.set(row, isShut);
    this.panes.timeline.list.follow(false);
    this.go({ fold: folding.words });
  }

  selectEvent(event: StreamEvent, isOpened: boolean): void {
    this.panes.events.list.follow(false);
    this.#subject.shown.folded?.reveal(event.event_id);
    this.go({ event: event.event_id, span: null });
    if (isOpened) this.panes.tabs.open("detail");
  }

  openEventId(eventId: string): void {
    this.go({ event: eventId, span: null });
    this.reveal(eventId);
  }

  /** Brings an event into sight. */
  reveal(eventId: string | null): void {
    const place = this.#subject.shown.placeOf(eventId);
    if (place < 0) return;
    this.#subject.shown.folded?.reveal(eventId!);
    this.panes.events.list.follow(false);
    this.panes.events.reveal(place);
    this.panes.graph.reveal();
    this.panes.conversation.reveal();
  }

  showView(view: View): void {
    this.#subject.place.showView(view);
    // What is selected stays so, and is brought into sight.
    this.reveal(this.#subject.place.selection);
    this.#subject.redraw();
  }

  open(eventId: string, isSpan: boolean): void {
    if (isSpan) this.go({ span: eventId, event: null });
    else this.go({ event: eventId, span: null });
    this.panes.tabs.open("detail");
  }

  go(change: Parameters<Place["go"]>[0]): void {
    if (change.span || change.event) this.panes.shutDetail(false);
    this.#subject.place.go(change);
    this.#subject.redraw();
  }

  /** Deselects; where nothing is selected, gives the room of the detail to the run. */
  closeDetail(): void {
    if (this.#subject.place.selection === null) this.panes.shutDetail(true);
    this.go({ event: null, span: null });
    if (this.panes.tabs.chosen === "detail") this.panes.tabs.back();
  }

  toggleTab(tab: Tab): void {
    this.go({ tab: this.#subject.place.route.tab === tab ? null : tab });
  }

  copy(text: string, what: string): void {
    navigator.clipboard.writeText(text).then(
      () => this.panes.say(`${what} copied`),
      () => this.panes.say("The browser does not let this page copy: select the text instead"),
    );
  }

  ask(): void {
    const { question, tabs } = this.panes;
    if (question.value === null || question.value.element.hidden) return;
    this.panes.shutDetail(false);
    tabs.open("detail");
    if (question.value.form.hidden) this.go({ event: null, span: null });
    question.value.focus();
  }

  async answer(interruptId: string, response: string): Promise<void> {
    const { api, feed } = this.#subject;
    if (feed.log !== null) await api.answer(feed.log.runId, interruptId, response);
  }

  retryNow(): void {
    this.#subject.feed.retryNow();
  }

  readonly #commands: Readonly<Record<Command, () => void>> = {
    help: () => this.help(),
    filterEvents: () => this.#focus("events", this.panes.events.filter),
    filterRuns: () => this.#focus("runs", this.panes.runs.filter),
    nextRun: () => this.#openNeighbour(1),
    previousRun: () => this.#openNeighbour(-1),
    paneRuns: () => this.#focus("runs", this.panes.runs.list.element),
    paneTimeline: () => this.#focus("timeline", this.panes.timeline.list.element),
    paneGraph: () => this.#openView("graph"),
    paneConversation: () => this.#openView("conversation"),
    paneEvents: () => this.#focus("events", this.panes.events.list.element),
    paneDetail: () => {
      this.panes.shutDetail(false);
      this.#focus("detail", this.panes.detail.body);
    },
    input: () => this.toggleTab("input"),
    output: () => this.toggleTab("output"),
    wide: () => this.panes.widenDetail(),
    pause: () => this.pause(),
    back: () => this.step(-1),
    forward: () => this.step(1),
    replay: () => this.replay(),
    live: () => this.live(),
    slower: () => this.changeSpeed(-1),
    faster: () => this.changeSpeed(1),
    zoomIn: () => void (this.#press("+") || this.panes.timeline.zoomBy(0.5)),
    zoomOut: () => void (this.#press("-") || this.panes.timeline.zoomBy(2)),
    zoomAll: () => void (this.#press("0") || this.panes.timeline.zoomBy(0)),
    waits: () => {
      if (!this.#press("z")) this.panes.timeline.toggleWaits();
    },
    tools: () => void this.#press("t"),
    system: () => void this.#press("v"),
    fold: () => this.panes.timeline.toggleFold(),
    foldAll: () => this.#foldAll(),
    nextError: () => this.#openNextError(),
    answer: () => this.ask(),
    copyJson: () => {
      const text = this.panes.detail.rawText();
      if (text !== null) this.copy(text, "Raw JSON");
    },
    copyLink: () => this.link(),
    download: () => this.download(),
    compare: () => this.compare(),
    close: () => this.#close(),
  };

  /** A file that is dropped anywhere is opened, and not shown by the browser in place of the page. */
  #drop(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const [file] = event.type === "drop" ? event.dataTransfer.files : [];
    if (file !== undefined) this.dialogs.openFile(file);
  }

  /** Keeps the newest of what is shown in sight. */
  protected override follow(): void {
    this.panes.events.list.follow(true);
    this.panes.timeline.list.follow(true);
    this.#subject.redraw();
  }

  #focus(pane: Pane, element: HTMLElement): void {
    this.panes.tabs.choose(pane);
    element.focus();
    if (element instanceof HTMLInputElement) element.select();
  }

  #openView(view: "graph" | "conversation"): void {
    this.panes.tabs.choose(view);
    this.panes[view].focus();
  }

  /** Whether the view that is open has a use of its own for a key. */
  #press(key: string): boolean {
    const { view } = this.panes.tabs;
    return (view === "graph" || view === "conversation") && this.panes[view].press(key);
  }

  #openNeighbour(by: 1 | -1): void {
    const runId = this.panes.runs.neighbour(by);
    if (runId !== null) this.openRun(runId);
  }

  /** Shuts all that is over; opens all if that is done already. */
  #foldAll(): void {
    const { folded } = this.#subject.shown;
    if (folded === null) return;
    const isShut = folded.timeline.rows.some(({ hidden }) => hidden > 0);
    folded.folding.setAll(folded.rows, !isShut);
    this.go({ fold: folded.folding.words });
  }

  #openNextError(): void {
    const { timeline } = this.panes;
    const index = timeline.nextError();
    const row = this.#subject.shown.folded?.timeline.rows[index];
    if (row === undefined) return;
    this.#focus("timeline", timeline.list.element);
    timeline.list.activate(index);
    this.openRow(row);
  }

  #close(): void {
    const { activeElement } = document;
    const isField = activeElement instanceof HTMLInputElement && activeElement.type === "search";
    if (isField && activeElement.value !== "") {
      activeElement.value = "";
      activeElement.dispatchEvent(new Event("input"));
    } else if (isField) activeElement.blur();
    else this.closeDetail();
  }
}
