/**
 * Reads the history of a run in parts: the first is drawn while the next is on its way, and none is felt as a stop.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import type { HistoryAnswer, RunLog } from "../model/run_log.ts";
import type { Api } from "./api.ts";

/** Reads histories. */
export class HistoryReader {
  readonly #api: Api;
  /** A first part that was asked for before it was known what may be read. */
  #first: { readonly runId: string; readonly answer: Promise<HistoryAnswer> } | null = null;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Asks for the first part of a run ahead of time. */
  begin(runId: string): void {
    this.#first = { runId, answer: this.#api.history(runId, null, FIRST_PART) };
    // The caller that takes the answer handles its error.
    this.#first.answer.catch(() => {});
  }

  /**
   * Reads on to the end, as long as it is wanted; `onPart` is called after each part but the last.
   *
   * @returns What came.
   */
  async readOn(
    log: RunLog,
    isWanted: () => boolean = () => true,
    onPart: () => void = () => {},
  ): Promise<StreamEvent[]> {
    const news: StreamEvent[] = [];
    for (let size = FIRST_PART; isWanted(); size = Math.min(size * 3, PART)) {
      const before = log.cursor;
      const first = before === null && this.#first?.runId === log.runId ? this.#first.answer : null;
      this.#first = null;
      const history = await (first ?? this.#api.history(log.runId, before, size));
      const isWhole = history.events.length < size || history.cursor === before;
      for (const event of log.fill(history, isWhole)) news.push(event);
      if (isWhole) break;
      onPart();
    }
    return news;
  }
}

/** So many events are read first: more than there is room for on any screen. */
const FIRST_PART = 1_000;
/** So many events are read at once: reading more is felt as a stop. */
const PART = 9_000;
