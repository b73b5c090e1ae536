/**
 * All parts of the page, and where they stand.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { el, setText, toggle } from "../dom.ts";
import type { Place } from "../place.ts";
import type { Tab, View } from "../route.ts";
import type { Api } from "../net/api.ts";
import type { TimelineRow } from "../model/timeline_rows.ts";
import { Lazy } from "../lazy.ts";
import { DetailView } from "./detail_view.ts";
import { FailureView } from "./failure_view.ts";
import { EventListView } from "./event_list_view.ts";
import { type HeaderActions, HeaderView } from "./header_view.ts";
import { LandingView } from "./landing_view.ts";
import { LazyPane, type ViewActions } from "./lazy_pane.ts";
import { NoticeView } from "./notice_view.ts";
import { PaneTabs } from "./pane_tabs.ts";
import { RunListView } from "./run_list_view.ts";
import { TextView } from "./text_view.ts";
import { TimelineView } from "./timeline_view.ts";

/** What the parts ask for when a person uses them. */
export interface PaneActions extends HeaderActions, ViewActions {
  showView(view: View): void;
  openRun(runId: string): void;
  openRow(row: TimelineRow): void;
  fold(row: TimelineRow, isShut: boolean): void;
  /** The arrow keys pass an event, or it is opened. */
  selectEvent(event: StreamEvent, isOpened: boolean): void;
  openEventId(eventId: string): void;
  /** Another selection, another filter. */
  go(change: Parameters<Place["go"]>[0]): void;
  closeDetail(): void;
  /** Shows only what went in, or what came out; or both again. */
  toggleTab(tab: Tab): void;
  copy(text: string, what: string): void;
  /** Shows the form for the answer that an agent waits for. */
  ask(): void;
  answer(interruptId: string, response: string): Promise<void>;
  retryNow(): void;
  readonly api: Api;
  redraw(): void;
}

/** The parts. */
export class Panes {
  readonly header: HeaderView;
  readonly notice: NoticeView;
  readonly runs: RunListView;
  readonly timeline: TimelineView;
  readonly text = new TextView();
  readonly events: EventListView;
  readonly detail: DetailView;
  readonly failure: FailureView;
  /** What an agent asks; loaded when one does. */
  readonly question: Lazy<import("./question_view.ts").QuestionView>;
  readonly landing: LandingView;
  readonly tabs: PaneTabs;
  readonly graph: LazyPane;
  readonly conversation: LazyPane;
  /** What is shown of a run. */
  readonly run: HTMLElement;
  readonly element: HTMLElement;
  readonly #toast = el("div", { class: "toast", attrs: { role: "status" } });
  #toastTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(actions: PaneActions) {
    const copy = (text: string, what: string) => actions.copy(text, what);
    const openRun = (runId: string) => actions.openRun(runId);
    this.tabs = new PaneTabs((view) => actions.showView(view));
    const redraw = () => actions.redraw();
    this.graph = new LazyPane(
      "Graph",
      async () => new (await import("../graph/graph_view.ts")).GraphView(actions),
      redraw,
    );
    this.conversation = new LazyPane(
      "Conversation",
      async () =>
        new (await import("../conversation/conversation_view.ts")).ConversationView(actions),
      redraw,
    );
    this.header = new HeaderView(actions);
    this.notice = new NoticeView(() => actions.retryNow());
    this.runs = new RunListView(actions);
    const follow = () => actions.live();
    this.timeline = new TimelineView(
      (row) => actions.openRow(row),
      follow,
      (row, isShut) => actions.fold(row, isShut),
      (t) => actions.go({ t }),
    );
    this.events = new EventListView(
      (filter) => actions.go({ filter }),
      (event, isOpened) => actions.selectEvent(event, isOpened),
      follow,
    );
    this.detail = new DetailView(
      (eventId) => actions.openEventId(eventId),
      () => actions.closeDetail(),
      copy,
      (tab) => actions.toggleTab(tab),
    );
    this.failure = new FailureView((eventId) => {
      actions.openEventId(eventId);
      this.tabs.open("detail");
    });
    this.question = new Lazy(async () => {
      const { QuestionView } = await import("./question_view.ts");
      const view = new QuestionView(actions);
      this.failure.element.after(view.element);
      this.detail.element.firstElementChild!.after(view.form);
      return view;
    }, redraw);
    this.landing = new LandingView(openRun, copy);
    this.run = el(
      "div",
      { class: "run" },
      this.failure.element,
      el(
        "div",
        { class: "work" },
        el(
          "div",
          { class: "views" },
          this.tabs.views,
          el("div", { class: "upper" }, this.timeline.element, this.text.element),
          this.graph.element,
          this.conversation.element,
          this.events.element,
        ),
        this.detail.element,
      ),
    );
    this.element = el(
      "div",
      { class: "app" },
      this.header.element,
      this.notice.element,
      this.tabs.element,
      el("main", {}, this.runs.element, this.run, this.landing.element),
    );
    this.tabs.attach(this.element);
  }

  /** What lies over the page. */
  get overlays(): readonly HTMLElement[] {
    return [this.#toast];
  }

  /** Gives the room of the detail to the run, or back. */
  shutDetail(isShut: boolean): void {
    toggle(this.element, "is-detail-shut", isShut);
  }

  /** Makes the detail wide, or as it was. */
  widenDetail(): void {
    this.shutDetail(false);
    this.element.classList.toggle("is-detail-wide");
  }

  /** Says something in passing. */
  say(text: string): void {
    setText(this.#toast, text);
    this.#toast.classList.add("is-shown");
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => this.#toast.classList.remove("is-shown"), 2_500);
  }
}
