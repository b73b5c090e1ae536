import { randomHex } from "../../core/random_hex.ts";
import { pause } from "../remote/retry.ts";
import type { Batch, OutgoingEvent, Stored } from "../remote/store.ts";
import {
  type Draft,
  MAX_OVERHEAD_BYTES,
  MAX_PUBLISHERS,
  type RunState,
  writeEvent,
  writeMessage,
} from "./message.ts";
import { findRun } from "./run_reading.ts";
import type { RunStream } from "./stream.ts";

/** What a publisher needs of its store. */
export interface PublisherOptions {
  readonly stream: RunStream;
  readonly historyPerRun: number;
  readonly maxChars: number;
  /** The size of a message at most, in bytes. */
  readonly maxPayload: () => number;
  /** Called when a run was begun. */
  readonly onBegun: () => void;
  readonly onStrange: (runId: string, count: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/** What is believed of a run; the store refuses what rests on a wrong belief. */
interface Belief {
  /** Null if the run is unknown. */
  readonly state: RunState | null;
  /** The stream's number of its last message; 0 if there is none. */
  readonly seq: number;
  /** Since when messages were counted, to forget what is before. */
  readonly mark: { readonly seq: number; readonly head: number; readonly messages: number } | null;
}

const NOTHING: Belief = { state: null, seq: 0, mark: null };
// Of more runs it is looked up what there is.
const MAX_BELIEFS = 10_000;
const MAX_CONFLICT_PAUSE_MS = 200;

/**
 * Adds messages to runs. A message gives its events their numbers, and is stored only if the last message of the
 * run is still the one that it goes on from; else that is looked up, and it is tried again.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  // Tells apart who publishes.
  readonly #name: string = randomHex(12);
  readonly #beliefs: Map<string, Belief> = new Map();
  readonly #ended = new AbortController();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  async append(runId: string, batch: Batch): Promise<Stored> {
    const encoded = batch.events.map((event) => new TextEncoder().encode(writeEvent(event)).length);
    const total = batch.lost + batch.events.length;
    for (;;) {
      const { state } = await this.#extend(runId, (state) => this.#next(state, batch, encoded));
      if (this.#doneOf(state, batch) >= total) return { head: state.head };
      if (state.closed) return "closed";
    }
  }

  async close(runId: string): Promise<void> {
    await this.#extend(runId, (state) => {
      if (state.closed) return null;
      return { kind: "close", state: { ...state, closed: true }, lost: 0, events: [] };
    });
  }

  /** Forgets the events so far, but not the run. The stream's number of the message that says so. */
  async drop(runId: string): Promise<number> {
    const { seq } = await this.#extend(runId, (state) => {
      if (state.dropped === state.head) return null;
      return { kind: "drop", state: { ...state, dropped: state.head }, lost: 0, events: [] };
    });
    return seq;
  }

  /** The stream's number of the last message that was stored from here. */
  seqOf(runId: string): number {
    return this.#beliefs.get(runId)?.seq ?? 0;
  }

  /** What is in the stream is not what was believed. */
  forget(runId: string): void {
    this.#beliefs.delete(runId);
  }

  forgetAll(): void {
    this.#beliefs.clear();
  }

  end(): void {
    this.#ended.abort();
  }

  /** What is stored next of a batch, behind a state; null if nothing is. */
  #next(state: RunState, batch: Batch, bytes: readonly number[]): Draft | null {
    const done = this.#doneOf(state, batch);
    if (state.closed || done >= batch.lost + batch.events.length) return null;
    const from = Math.max(0, done - batch.lost);
    let lost = Math.max(0, batch.lost - done);
    const room = this.#options.maxPayload() - MAX_OVERHEAD_BYTES;
    const events: OutgoingEvent[] = [];
    for (let i = from, used = 0; i < batch.events.length; i++) {
      used += bytes[i]! + 1;
      if (used > room) break;
      events.push(batch.events[i]!);
    }
    if (events.length === 0 && from < batch.events.length) {
      // It will never fit.
      lost++;
      const what = `an event of ${bytes[from]} bytes is larger than the server takes`;
      this.#options.onFailure(new Error(`NATS: ${what}; its readers are told of a gap`));
    }
    const head = state.head + lost + events.length;
    const others = state.progress.filter(({ publisher }) => publisher !== this.#name);
    const own = { publisher: this.#name, batch: batch.number, done: done + lost + events.length };
    const progress = [own, ...others].slice(0, MAX_PUBLISHERS);
    return { kind: "events", state: { ...state, head, progress }, lost, events };
  }

  /** How much of a batch is stored. */
  #doneOf({ progress }: RunState, { number }: Batch): number {
    const own = progress.find(({ publisher }) => publisher === this.#name);
    if (own === undefined || own.batch < number) return 0;
    return own.batch > number ? Infinity : own.done;
  }

  /** Adds the message that goes on from the state of the run, whatever that is by then, if there is one. */
  async #extend(
    runId: string,
    draftOf: (state: RunState) => Draft | null,
  ): Promise<{ state: RunState; seq: number }> {
    let belief = this.#beliefs.get(runId) ?? NOTHING;
    for (let conflicts = 0, isSure = false;; conflicts++) {
      const state = belief.state ?? createState();
      const draft = draftOf(state);
      if (draft === null && isSure) return { state, seq: belief.seq };
      if (draft !== null) {
        const seq = await this.#options.stream.append(runId, writeMessage(draft), belief.seq);
        if (seq !== null) {
          this.#believe(runId, this.#added(runId, belief, draft.state, seq));
          if (belief.seq === 0) this.#options.onBegun();
          return { state: draft.state, seq };
        }
        if (conflicts > 1) await this.#giveWay(conflicts);
      }
      belief = await this.#lookUp(runId);
      isSure = true;
      this.#believe(runId, belief);
    }
  }

  /** What is so, of what others have published as well. */
  async #lookUp(runId: string): Promise<Belief> {
    const { stream, maxChars, onStrange } = this.#options;
    const believed = this.#beliefs.get(runId);
    const found = await findRun(stream, runId, {
      after: Number.MAX_SAFE_INTEGER,
      limit: 1,
      maxChars,
      onStrange: (count) => onStrange(runId, count),
    });
    if (found === null) return NOTHING;
    const { seq } = found;
    const state = found.messages.at(-1)?.state ?? null;
    const mark = believed?.state?.epoch === state?.epoch ? believed?.mark ?? null : null;
    const hasFallenBack = state !== null && believed?.state?.epoch === state.epoch &&
      believed.state.head > state.head;
    // The server forgot what it had stored. Its numbers would be given a second time.
    return { state: hasFallenBack ? createState() : state, seq, mark: hasFallenBack ? null : mark };
  }

  #added(runId: string, { mark }: Belief, state: RunState, seq: number): Belief {
    const { historyPerRun, stream, onFailure } = this.#options;
    const { head } = state;
    const counted = mark === null
      ? { seq, head, messages: 0 }
      : { ...mark, messages: mark.messages + 1 };
    if (head - counted.head < historyPerRun) return { state, seq, mark: counted };
    // Up to the mark all is older than the history. Of small messages the server itself holds no more.
    if (counted.messages < historyPerRun / 2) {
      stream.purge(runId, counted.seq + 1).catch(onFailure);
    }
    return { state, seq, mark: { seq, head, messages: 0 } };
  }

  #believe(runId: string, belief: Belief): void {
    this.#beliefs.delete(runId);
    if (belief.seq === 0) return;
    this.#beliefs.set(runId, belief);
    if (this.#beliefs.size > MAX_BELIEFS) {
      this.#beliefs.delete(this.#beliefs.keys().next().value!);
    }
  }

  #giveWay(conflicts: number): Promise<void> {
    const longest = Math.min(MAX_CONFLICT_PAUSE_MS, 2 ** Math.min(conflicts, 16));
    return pause(Math.random() * longest, this.#ended.signal);
  }
}

function createState(): RunState {
  return { epoch: randomHex(12), head: 0, closed: false, dropped: 0, progress: [] };
}
