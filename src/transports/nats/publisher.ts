import { MAX_PRODUCERS, type Progress, refusalOf } from "../../core/log/producers.ts";
import { randomHex } from "../../core/random_hex.ts";
import { pause } from "../remote/retry.ts";
import type { Batch, OutgoingEvent, Stored } from "../remote/store.ts";
import { type Draft, type ProducerState, type RunState, writeMessage } from "./message.ts";
import { writeEvent } from "../remote/stored_entry.ts";
import { findRun } from "./run_reading.ts";
import type { RunStream } from "./stream.ts";
import { MAX_EVENTS } from "./stream_order.ts";

export interface PublisherOptions {
  readonly stream: RunStream;
  readonly historyPerRun: number;
  readonly maxChars: number;
  readonly maxPayload: () => number;
  readonly onBegun: () => void;
  /** Called when events were stored, with the state behind them, before anything else of the run is. Never rejects. */
  readonly onStored: (
    runId: string,
    state: RunState,
    events: readonly OutgoingEvent[],
  ) => Promise<void>;
  readonly onStrange: (runId: string, count: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/** What is believed of a run; the store refuses what rests on a wrong belief. */
interface Belief {
  readonly state: RunState | null;
  /** The stream's number of its last message; 0 if there is none, and less if it has to be looked up. */
  readonly seq: number;
  /** Since when messages were counted, to forget what is before. */
  readonly mark: { readonly seq: number; readonly head: number; readonly messages: number } | null;
}

const NOTHING: Belief = { state: null, seq: 0, mark: null };
// The rest of the first line, one more producer, and what the server adds.
const OVERHEAD_BYTES = 2_048;
// Of more runs it is looked up what there is.
const MAX_BELIEFS = 10_000;
const MAX_CONFLICT_PAUSE_MS = 200;

/**
 * Adds messages to runs. A message gives its events their numbers, and is stored only if the last message of the
 * run is still the one that it goes on from; else that is looked up, and it is tried again.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #beliefs: Map<string, Belief> = new Map();
  readonly #ended = new AbortController();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  async append(runId: string, batch: Batch): Promise<Stored> {
    const encoded = batch.events.map((event) => new TextEncoder().encode(writeEvent(event)).length);
    const { producer } = batch;
    for (let isBegun = false;; isBegun = true) {
      const { state, isNew } = await this.#extend(
        runId,
        (state) => this.#next(state, batch, encoded),
      );
      const known = producerOf(state, producer.id);
      if (isNew) {
        if (known!.left === 0) return "stored";
        continue;
      }
      const refusal = refusalBy(known, producer);
      if (refusal === "fenced") return { fenced: known!.epoch };
      // The rest may have been stored by an attempt whose answer was lost.
      if (refusal === "duplicate") return isBegun ? "stored" : "duplicate";
      return "closed";
    }
  }

  async claim(runId: string, producerId: string): Promise<number> {
    const { state } = await this.#extend(runId, (state) => {
      const epoch = (producerOf(state, producerId)?.epoch ?? 0) + 1;
      return draftBy({ id: producerId, epoch, seq: -1, left: 0 }, state, 0, []);
    });
    return producerOf(state, producerId)!.epoch;
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

  /** The store may have lost what it had. */
  doubt(): void {
    for (const [runId, belief] of this.#beliefs) this.#beliefs.set(runId, { ...belief, seq: -1 });
  }

  forgetAll(): void {
    this.#beliefs.clear();
  }

  end(): void {
    this.#ended.abort();
  }

  /** What is stored next of a batch, behind a state; null if nothing is. */
  #next(state: RunState, batch: Batch, bytes: readonly number[]): Draft | null {
    const { producer } = batch;
    const known = producerOf(state, producer.id);
    if (refusalBy(known, producer) !== null || state.closed) return null;
    const total = batch.lost + batch.events.length;
    const isBegun = known?.epoch === producer.epoch && known.seq === producer.seq;
    const done = isBegun ? Math.max(0, total - known.left) : 0;
    const from = Math.max(0, done - batch.lost);
    let lost = Math.max(0, batch.lost - done);
    const room = this.#options.maxPayload() - OVERHEAD_BYTES - stateBytes(state);
    const events: OutgoingEvent[] = [];
    for (let i = from, used = 0; i < batch.events.length; i++) {
      used += bytes[i]! + 1;
      if (used > room || events.length === MAX_EVENTS) break;
      events.push(batch.events[i]!);
    }
    if (events.length === 0 && from < batch.events.length) {
      // It will never fit.
      lost++;
      const what = `an event of ${bytes[from]} bytes is larger than the server takes`;
      this.#options.onFailure(new Error(`NATS: ${what}; its readers are told of a gap`));
    }
    const left = total - done - lost - events.length;
    return draftBy({ ...producer, left }, state, lost, events);
  }

  /** Adds the message that goes on from the state of the run, whatever that is by then, if there is one. */
  async #extend(
    runId: string,
    draftOf: (state: RunState) => Draft | null,
  ): Promise<{ state: RunState; seq: number; isNew: boolean }> {
    let belief = this.#beliefs.get(runId) ?? NOTHING;
    let isSure = belief.seq < 0;
    if (isSure) this.#believe(runId, belief = await this.#lookUp(runId));
    for (let conflicts = 0;; conflicts++) {
      const state = belief.state ?? createState();
      const draft = draftOf(state);
      if (draft === null && isSure) return { state, seq: belief.seq, isNew: false };
      if (draft !== null) {
        const seq = await this.#options.stream.append(runId, writeMessage(draft), belief.seq);
        if (seq !== null) {
          this.#believe(runId, this.#added(runId, belief, draft.state, seq));
          if (belief.seq === 0) this.#options.onBegun();
          await this.#options.onStored(runId, draft.state, draft.events);
          return { state: draft.state, seq, isNew: true };
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
  return { epoch: randomHex(12), head: 0, closed: false, dropped: 0, producers: [] };
}

function producerOf({ producers }: RunState, id: string): ProducerState | undefined {
  return producers.find((producer) => producer.id === id);
}

/** As {@linkcode refusalOf}; what is not whole may be gone on with. */
function refusalBy(known: ProducerState | undefined, producer: Progress) {
  const refusal = refusalOf(known, producer);
  const isUnfinished = known !== undefined && known.left > 0 && known.seq === producer.seq;
  return refusal === "duplicate" && isUnfinished ? null : refusal;
}

function draftBy(
  { id, epoch, seq, left }: ProducerState,
  state: RunState,
  lost: number,
  events: readonly OutgoingEvent[],
): Draft {
  const head = state.head + lost + events.length;
  const others = state.producers.filter((other) => other.id !== id);
  const producers = [{ id, epoch, seq, left }, ...others].slice(0, MAX_PRODUCERS);
  return { kind: "events", state: { ...state, head, producers }, lost, events };
}

/** What the names in a state take of a message at most: they are ASCII, the rest are three numbers each. */
function stateBytes({ producers }: RunState): number {
  return producers.reduce((sum, { id }) => sum + id.length + 60, 0);
}
