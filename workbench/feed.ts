/**
 * Everything the page knows: the list of runs and the log of the open one, kept up to date over one connection.
 *
 * - Where all runs may be read, the connection is the stream of all. It is live only, so after each (re)connect
 *   the list and the history of the open run are asked for, and whenever it has a hole.
 * - Else it is the stream of the open run, which begins with its history and resumes by itself.
 * - Of a file, everything is there, and there is no connection.
 *
 * @module
 */
import type { StreamEvent } from "../src/events/stream_event.ts";
import { refusalOf } from "./model/connection_words.ts";
import { type Resumed, resumedAfter, withEvents } from "./model/resumption.ts";
import type { RunFile } from "./model/run_file.ts";
import { RunList } from "./model/run_list.ts";
import { RunLog } from "./model/run_log.ts";
import { type Access, type Api, LISTED_RUNS, StatusError } from "./net/api.ts";
import { HistoryReader } from "./net/history_reader.ts";
import { ServerClock } from "./model/server_clock.ts";
import { LiveConnection, type LiveState } from "./net/live.ts";

/** The data of the page. `onChange` is called after every change. */
export class Feed {
  list = new RunList();
  access: Access = "unknown";
  /** Whether there is a list: of all runs, or of those that may be read. */
  canList = false;
  state: LiveState = { kind: "connecting", since: Date.now() };
  log: RunLog | null = null;
  resumed: Resumed | null = null;
  /** Why the open run cannot be read; null if it can. */
  refusal: string | null = null;
  readonly clock = new ServerClock();
  /** A resumption that the history has not been asked about. */
  #resuming: Resumed | null = null;
  readonly #api: Api;
  readonly #onChange: () => void;
  #live: LiveConnection | null = null;
  #file: RunFile | null = null;
  #opened = 0;
  #filling: Promise<void> | null = null;
  #mustFillAgain = false;
  #fillTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #history: HistoryReader;
  #listing: Promise<void> | null = null;
  #mustListAgain = false;
  #listTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, onChange: () => void) {
    this.#api = api;
    this.#history = new HistoryReader(api);
    this.#onChange = onChange;
  }

  /** Up to when the page knows what has happened, by the server's clock. */
  get horizon(): number {
    return this.clock.horizon(this.state.kind === "live");
  }

  /** Begins: finds out what may be read, and connects. */
  async start(runId: string | null): Promise<void> {
    if (runId !== null) {
      this.log = new RunLog(runId);
      this.#history.begin(runId);
    }
    for (let failures = 0; this.access === "unknown"; failures++) {
      try {
        const runs = await this.#api.runs();
        if (this.#file !== null) return;
        this.access = runs === null ? "one" : "all";
        this.canList = runs !== null;
        if (runs !== null) this.list.replace(runs, runs.length < LISTED_RUNS);
      } catch {
        const waitMs = Math.min(1_000 * 2 ** failures, 15_000) * (0.5 + Math.random() / 2);
        this.state = { kind: "reconnecting", retryAt: Date.now() + waitMs, attempt: failures + 1 };
        this.#onChange();
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
    if (this.#file !== null) return;
    this.#connect();
    setInterval(() => this.#lookAgain(), LOOK_AGAIN_MS);
    this.#onChange();
  }

  /** Shows what is in a file from now on, and nothing else. Returns the run that is open, which is `runId` if it is there. */
  openFile(file: RunFile, runId: string | null): string | null {
    this.#live?.close();
    this.#live = null;
    clearTimeout(this.#fillTimer);
    clearTimeout(this.#listTimer);
    this.access = "file";
    this.state = { kind: "closed", status: 204 };
    this.#file = file;
    this.list = file.list;
    const isThere = runId !== null && this.list.get(runId) !== undefined;
    const open = isThere ? runId : this.list.ordered()[0]?.run_id ?? null;
    this.log = null;
    this.open(open);
    return open;
  }

  /** Opens another run, or none. */
  open(runId: string | null): void {
    if (runId === (this.log?.runId ?? null)) return;
    this.log = runId === null ? null : new RunLog(runId);
    this.refusal = null;
    this.resumed = this.#resuming = null;
    if (this.#file !== null && runId !== null) this.log = this.#file.open(runId);
    if (this.access === "one") this.#connect();
    else if (this.access === "all") this.#fill();
    this.#onChange();
  }

  /** Reads another run, as far as it has come. */
  async read(runId: string): Promise<RunLog> {
    if (this.#file !== null) return this.#file.open(runId);
    const log = new RunLog(runId);
    await this.#history.readOn(log);
    return log;
  }

  /** Ends the wait for the next attempt. */
  retryNow(): void {
    this.#live?.retryNow();
  }

  #connect(): void {
    this.#live?.close();
    this.#live = null;
    this.#opened = 0;
    const { log } = this;
    const path = this.access === "all"
      ? "events"
      : log && `runs/${encodeURIComponent(log.runId)}/events`;
    if (path === null) return;
    this.#live = new LiveConnection({
      url: this.#api.url(path),
      onOpen: () => this.#onOpen(),
      onEvents: (events) => this.#onEvents(events),
      onState: (state) => this.#onState(state),
    });
  }

  #onOpen(): void {
    const { log } = this;
    if (this.#opened++ > 0) {
      this.resumed = resumedAfter(log?.cursor ?? null, Date.now());
      this.#resuming = this.resumed;
    }
    if (this.access === "one") {
      if (log !== null) log.isLoaded = true;
      return;
    }
    this.#refreshList();
    void this.#fill();
  }

  #onEvents(events: readonly StreamEvent[]): void {
    const { log } = this;
    let hasHole = false;
    for (const event of events) {
      // Nothing is asked for on its account: that was done when the connection opened.
      if (event.event_type === "bus.live") continue;
      if (event.run_id === ALL_RUNS) {
        // Any run may have missed something.
        this.#refreshList();
        hasHole = true;
        continue;
      }
      if (!this.list.add(event) && this.access === "all") this.#refreshListSoon();
      if (event.run_id !== log?.runId) continue;
      if (this.access === "all") hasHole = log.accept(event) || hasHole;
      else {
        log.append(event);
        // The stream of a run begins with what is missing.
        if (this.resumed !== null) this.resumed = withEvents(this.resumed, [event]);
      }
      // Nothing on this stream says that the run was closed after its end.
      if (event.event_type === "agent.terminate") this.#fillSoon(1_000);
    }
    const latest = events.at(-1);
    if (latest !== undefined && this.access === "all") this.clock.read(latest.timestamp);
    if (hasHole) this.#fill();
    this.#onChange();
  }

  #onState(state: LiveState): void {
    if (this.state.kind === "live") this.clock.hear();
    this.state = state;
    if (state.kind === "closed") {
      if (this.access === "all" && state.status !== 204) {
        // The list may be read, and the stream of all runs may not.
        this.access = "one";
        this.#connect();
      } else if (state.status === 204 && this.log !== null) {
        this.log.closed = this.log.isLoaded = true;
      } else if (this.log !== null) {
        this.refusal = refusalOf(state.status);
        this.log.isLoaded = true;
      }
    }
    this.#onChange();
  }

  /** Asks for what the history holds beyond what is here. Calls that come meanwhile are answered by one more. */
  #fill(): Promise<void> {
    if (this.#filling !== null) {
      this.#mustFillAgain = true;
      return this.#filling;
    }
    this.#filling = this.#fillNow().finally(() => {
      this.#filling = null;
      if (!this.#mustFillAgain) return;
      this.#mustFillAgain = false;
      void this.#fill();
    });
    return this.#filling;
  }

  #fillSoon(ms: number): void {
    this.#fillTimer ??= setTimeout(() => {
      this.#fillTimer = undefined;
      void this.#fill();
    }, ms);
  }

  async #fillNow(): Promise<void> {
    const { log } = this;
    if (log === null || this.access !== "all") return;
    const resuming = this.#resuming;
    try {
      const news = await this.#history.readOn(log, () => this.log === log, this.#onChange);
      if (this.log !== log) return;
      this.refusal = null;
      // Only what was asked after the connection was back says what the loss has cost.
      if (resuming !== null && resuming === this.#resuming) {
        this.resumed = withEvents(resuming, news);
        this.#resuming = null;
      }
      // What arrived was not in the history yet: a bus that is elsewhere may be late.
      if (log.hasHole) this.#fillSoon(500);
    } catch (error) {
      if (this.log !== log) return;
      if (error instanceof StatusError && error.isFinal) {
        this.refusal = refusalOf(error.status);
        log.isLoaded = true;
      } else this.#fillSoon(2_000);
    }
    this.#onChange();
  }

  #refreshList(): void {
    if (this.#listing !== null) {
      // The answer that is under way may be older than what made this necessary.
      this.#mustListAgain = true;
      return;
    }
    const { list } = this;
    this.#listing = this.#api.runs().then((runs) => {
      this.clock.hear();
      if (runs !== null) list.replace(runs, runs.length < LISTED_RUNS);
    }, () => this.#refreshListSoon()).finally(() => {
      this.#listing = null;
      this.#onChange();
      if (!this.#mustListAgain) return;
      this.#mustListAgain = false;
      this.#refreshList();
    });
  }

  #refreshListSoon(): void {
    this.#listTimer ??= setTimeout(() => {
      this.#listTimer = undefined;
      this.#refreshList();
    }, 1_000);
  }

  /** That a run was closed, or forgotten, is on no stream. */
  #lookAgain(): void {
    if (
      this.access === "file" || document.visibilityState === "hidden" ||
      this.state.kind === "reconnecting"
    ) return;
    if (this.canList && (this.access === "one" || this.list.hasRunning)) this.#refreshList();
    if (this.access === "all" && this.log !== null && !this.log.closed) void this.#fill();
  }
}

/** What the stream of all runs has for a run where it means all of them. */
const ALL_RUNS = "*";
const LOOK_AGAIN_MS = 10_000;
