/**
 * The page: when anything changes, it redraws everything, at most once a frame.
 *
 * @module
 */
import type { WorkbenchConfig } from "../src/workbench/config.ts";
import { Controls } from "./controls.ts";
import { Feed } from "./feed.ts";
import { drawFrame } from "./frame.ts";
import { detailOf } from "./selected.ts";
import type { Subject } from "./subject.ts";
import type { FoldedRun } from "./model/folded_run.ts";
import { Lazy } from "./lazy.ts";
import type { RunFile } from "./model/run_file.ts";
import { type Shown, ShownRun } from "./model/shown_run.ts";
import { rowOfEvent } from "./model/timeline_rows.ts";
import type { Api } from "./net/api.ts";
import { Place } from "./place.ts";
import type { Panes } from "./view/panes.ts";

/** The page. */
export class App {
  readonly #api: Api;
  readonly #feed: Feed;
  readonly #shown: ShownRun;
  readonly #place = new Place((isOtherRun) => this.#onLeap(isOtherRun));
  readonly #subject: Subject;
  readonly #controls: Controls;
  readonly #panes: Panes;
  readonly #details: Lazy<typeof import("./detail/detail_part.ts")>;
  #config: WorkbenchConfig = { prices: null, resume: false };
  #catalogue: Readonly<Record<string, { readonly summary?: string }>> = {};
  #isPending = false;
  #tick: ReturnType<typeof setTimeout> | undefined;
  #unseen: ReturnType<typeof setTimeout> | undefined;
  #lastFrameAt = 0;
  #drawnAt = 0;
  /** What is folded as the address says. */
  #restored: FoldedRun | null = null;
  /** What is selected has to be brought into sight once it has arrived. */
  #mustReveal = true;

  constructor(api: Api) {
    const redraw = () => this.#schedule();
    this.#api = api;
    this.#details = new Lazy(() => import("./detail/detail_part.ts"), redraw);
    this.#feed = new Feed(api, redraw);
    this.#shown = new ShownRun(this.#feed);
    this.#subject = {
      api,
      feed: this.#feed,
      shown: this.#shown,
      place: this.#place,
      openFile: (file, name) => this.#openFile(file, name),
      redraw,
    };
    this.#controls = new Controls(this.#subject);
    this.#panes = this.#controls.panes;
    this.#panes.tabs.choose(this.#place.route.view);
    this.#panes.events.list.follow(true);
    this.#panes.timeline.list.follow(true);
    this.#fillFields();
    document.addEventListener("visibilitychange", redraw);
  }

  /** What is to be put into the page. */
  get elements(): readonly HTMLElement[] {
    return [this.#panes.element, ...this.#panes.overlays];
  }

  /** Asks the server, and goes on from there. */
  async start(): Promise<void> {
    this.#schedule();
    // Without them the page is poorer, and works.
    this.#api.catalogue().then((catalogue) => {
      this.#catalogue = catalogue;
      this.#schedule();
    }, () => {});
    this.#api.config().then((config) => {
      this.#config = config;
      this.#schedule();
    }, () => {});
    if (this.#api.file !== null) return this.#showFile(this.#api.file);
    const { run } = this.#place.route;
    if (run !== null) {
      this.#panes.tabs.choose(this.#place.selection === null ? this.#place.route.view : "detail");
    } else this.#panes.tabs.choose("runs");
    await this.#feed.start(run);
  }

  #onLeap(isOtherRun: boolean): void {
    const { events, timeline } = this.#panes;
    const { run, view, fold } = this.#place.route;
    if (view !== this.#panes.tabs.view) this.#panes.tabs.choose(view);
    this.#fillFields();
    if (isOtherRun) {
      this.#shown.playback.goLive();
      events.list.follow(true);
      timeline.list.follow(true);
      this.#feed.open(run);
    } else if (fold !== this.#shown.folded?.folding.words) {
      this.#shown.folded?.folding.restore(fold);
    }
    this.#mustReveal = true;
    this.#schedule();
  }

  /** What was typed before, or by whoever made the link. */
  #fillFields(): void {
    const { filter, runs } = this.#place.route;
    const fields = [[this.#panes.events.filter, filter], [this.#panes.runs.filter, runs]] as const;
    for (const [field, text] of fields) if (field.value !== text) field.value = text;
  }

  #openFile(file: RunFile, name: string): void {
    // What it asks is answered where it runs, if it still does.
    this.#config = { ...this.#config, resume: false };
    this.#panes.say(`${name} is open. Reload the page to return to the server.`);
    this.#showFile(file);
  }

  #showFile(file: RunFile): void {
    const { run } = this.#place.route;
    const runId = this.#feed.openFile(file, run);
    if (runId !== null && runId !== run) this.#place.openRun(runId, { replace: run === null });
    this.#panes.tabs.choose(this.#place.selection === null ? "timeline" : "detail");
    this.#schedule();
  }

  #schedule(): void {
    if (document.visibilityState === "hidden") return this.#watchUnseen();
    if (this.#isPending) return;
    this.#isPending = true;
    requestAnimationFrame((frameAt) => {
      this.#isPending = false;
      this.#draw(frameAt);
    });
  }

  /** A browser draws nothing in a hidden tab, but notifications must still come. */
  #watchUnseen(): void {
    this.#unseen ??= setTimeout(() => {
      this.#unseen = undefined;
      this.#panes.runs.watch(this.#feed.list);
    }, UNSEEN_MS);
  }

  #draw(frameAt: number): void {
    clearTimeout(this.#tick);
    // A page that was in the background must not jump ahead by all the time that passed.
    const passedMs = Math.min(frameAt - this.#lastFrameAt, 250);
    this.#lastFrameAt = frameAt;
    this.#openFirst();
    const shown = this.#shown.advance(passedMs, this.#feed.horizon, this.#place.route.filter);
    // What is far from where it is going is looked at now and then: drawing it takes longer than going on.
    if (shown?.folded.isBehind && frameAt - this.#drawnAt < BEHIND_MS) return this.#schedule();
    this.#drawnAt = frameAt;
    drawFrame(this.#panes, this.#subject, this.#config.prices, shown);
    if (shown !== null) this.#drawRun(shown);
    this.#controls.dialogs.update();
    this.#scheduleNext(shown);
  }

  /** A wide screen has room for a run from the start; a narrow one shows the list first. */
  #openFirst(): void {
    const { list, access } = this.#feed;
    const hasRun = this.#place.route.run !== null;
    if (hasRun || access === "unknown" || this.#panes.tabs.isNarrow) return;
    const first = list.ordered()[0];
    if (first !== undefined) this.#place.openRun(first.run_id, { replace: true });
  }

  #drawRun(shown: Shown): void {
    const { log, folded, picture, events, count, startedAt, endsAt, isOver, isMoving } = shown;
    const panes = this.#panes;
    folded.mayFold = !isMoving || this.#panes.timeline.list.isFollowing;
    const { route } = this.#place;
    if (this.#restored !== folded) {
      this.#restored = folded;
      folded.folding.restore(route.fold);
    }
    panes.timeline.showTime(route.t);
    panes.detail.showSide(route.tab);
    const { timeline } = folded;
    const emptyText = log.isLoaded
      ? "Waiting for the first event of this run."
      : "Reading the history…";
    const { failure } = folded;
    panes.failure.update(failure, this.#shown.placeOf(failure?.eventId ?? null) >= 0);
    const { selection } = this.#place;
    const rowIndex = selection === null ? -1 : rowOfEvent(timeline.rows, selection);
    const selected = this.#shown.placeOf(selection);
    const asks = isMoving && this.#shown.playback.mode === "live" ? picture.summary.question : null;
    (asks === null ? panes.question.value : panes.question.get())?.update(asks, {
      canAnswer: this.#config.resume,
      isOpen: selection === null || timeline.rows[rowIndex]?.row?.state === "waiting",
      picture,
    });
    const { prices } = this.#config;
    const measures = folded.measure(shown, prices);
    const times = { ...measures, prices, startedAt, endsAt, isOver, isMoving };
    panes.timeline.update(
      events.length === 0 ? null : { picture, timeline, ...times, selected: rowIndex },
      emptyText,
    );
    const { view } = route;
    const screen = events.length === 0 ? null : { shown, selection };
    if (view === "graph" || view === "conversation") panes[view].update(screen, emptyText);
    panes.text.update(picture.speaking, isOver);
    const { filtered } = this.#shown;
    panes.events.update({
      events,
      filtered,
      phrases: this.#details.get()?.eventWords ?? null,
      shown: count,
      startedAt,
      selected,
      emptyText: log.isLoaded ? emptyText : "",
      isMoving,
    });
    const part = this.#details.get();
    const detail = part && detailOf(part, this.#subject, {
      shown,
      entry: timeline.rows[rowIndex] ?? null,
      selected,
      critical: measures.critical,
      prices,
      catalogue: this.#catalogue,
    });
    panes.detail.update(detail, this.#details.value?.createForm ?? null, this.#details.problem);
    if (!this.#mustReveal || !log.isLoaded || folded.isStale || this.#shown.filtered.isBehind) {
      return;
    }
    this.#mustReveal = false;
    this.#controls.reveal(selection);
    if (rowIndex >= 0) panes.timeline.list.activate(rowIndex, { silent: true });
  }

  /** Time passes in what is drawn: a duration that grows, a run that is played, a wait. */
  #scheduleNext(shown: Shown | null): void {
    if (document.visibilityState === "hidden") return;
    const { mode } = this.#shown.playback;
    const { folded, filtered } = this.#shown;
    if (
      mode === "playing" || folded?.isBehind || folded?.isPreparing || folded?.isStale ||
      filtered.isBehind
    ) {
      return this.#schedule();
    }
    const { list, state, resumed } = this.#feed;
    const runState = shown?.picture.summary.state;
    const isMoving = mode === "live" && runState === "running" && !this.#shown.isOver;
    const isQuiet = !list.hasRunning && state.kind === "live" && runState !== "waiting" &&
      resumed === null;
    this.#tick = setTimeout(
      () => this.#schedule(),
      isMoving ? 100 : isQuiet && !folded?.isUnmeasured ? 5_000 : 500,
    );
  }
}

const BEHIND_MS = 200;
const UNSEEN_MS = 1_000;
