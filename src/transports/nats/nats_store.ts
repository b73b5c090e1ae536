import type {
  Batch,
  Listener,
  News,
  Place,
  Span,
  Store,
  Stored,
  StoredRun,
} from "../remote/store.ts";
import { numberOf } from "./api.ts";
import type { NatsConnectionLike, NatsMessageLike } from "./connection.ts";
import { keepRun, keptRuns } from "./kept_runs.ts";
import { Link, type LinkSubscription, NobodyThereError } from "./link.ts";
import { LiveTails } from "./live_tails.ts";
import { readMessage, readWord, type Word, writeWord } from "./message.ts";
import { noticeOf, readNews } from "./news.ts";
import { Publisher } from "./publisher.ts";
import { limitRuns } from "./run_limit.ts";
import { createRunReader } from "./run_reader.ts";
import { findRun } from "./run_reading.ts";
import { RunStream } from "./stream.ts";
import type { StreamSettings } from "./stream_config.ts";
import { ORDER_STEP, placeBehind } from "./stream_order.ts";
import { Subjects } from "./subjects.ts";

export interface NatsStoreOptions extends Omit<StreamSettings, "name"> {
  /** What all subjects begin with, and the name of the stream. */
  readonly prefix: string;
  readonly maxRunsRetained: number;
  readonly maxNews: number;
  readonly maxBytes: number;
}

const TIMEOUT_MS = 5_000;
// A process that watches a run answers at once.
const ASK_TIMEOUT_MS = 1_000;

/**
 * Runs in a stream of JetStream, each the messages of one subject. The server repeats every message that it has
 * stored to the processes that watch, so new events are mostly there before a reader asks for them.
 */
export class NatsStore implements Store {
  readonly orderStep = ORDER_STEP;
  readonly read: Store["read"];
  readonly #options: NatsStoreOptions;
  readonly #subjects: Subjects;
  readonly #link: Link;
  readonly #stream: RunStream;
  readonly #publisher: Publisher;
  readonly #watched: Map<string, LinkSubscription> = new Map();
  readonly #tails: LiveTails;
  #all: LinkSubscription | null = null;
  // The stream's number of the newest message that was heard of all runs.
  #newest = 0;
  #advisories: LinkSubscription | null = null;
  #listener: Listener | null = null;

  constructor(connection: NatsConnectionLike, options: NatsStoreOptions) {
    this.#options = options;
    const { prefix: name, historyPerRun, maxBytes: maxChars, maxRunsRetained: maxRuns } = options;
    const tails = this.#tails = new LiveTails(maxRuns);
    const subjects = this.#subjects = new Subjects(name);
    const link = this.#link = new Link(connection, TIMEOUT_MS);
    const settings = { ...options, name };
    const stream = this.#stream = new RunStream(link, subjects, settings, () => this.#beginAnew());
    const onFailure = (error: unknown) => this.#listener?.failed(error);
    const isWatched = (runId: string) => this.#isWatched(runId);
    const onEvicted = (runId: string) => this.#forgotten(runId, "evicted");
    const limit = limitRuns({ stream, subjects, maxRuns, isWatched, onEvicted, onFailure });
    const publisher = this.#publisher = new Publisher({
      stream,
      historyPerRun,
      maxChars,
      maxPayload: () => link.maxPayload,
      onBegun: () => limit.begun(),
      onStored: (runId, state, events) => keepRun(stream, runId, state, events).catch(onFailure),
      onStrange: this.#onStrange,
      onFailure,
    });
    this.read = createRunReader({
      stream,
      tails,
      publisher,
      limit: historyPerRun,
      maxChars,
      isReadTwice: (runId) => this.#all !== null && this.#watched.has(runId),
      onStrange: this.#onStrange,
    });
  }

  listen(listener: Listener): void {
    this.#listener = listener;
    this.#link.listen({
      reconnected: () => {
        this.#stream.doubt();
        this.#publisher.doubt();
        this.#missed();
      },
      failed: (error) => listener.failed(error),
    });
    const deleted = `$JS.EVENT.ADVISORY.STREAM.DELETED.${this.#options.prefix}`;
    this.#advisories = this.#link.subscribe(deleted, () => {
      this.#stream.doubt();
      this.#beginAnew();
    });
  }

  append(runId: string, batch: Batch): Promise<Stored> {
    return this.#publisher.append(runId, batch);
  }

  claim(runId: string, producerId: string): Promise<number> {
    return this.#publisher.claim(runId, producerId);
  }

  close(runId: string): Promise<void> {
    return this.#publisher.close(runId);
  }

  async drop(runId: string): Promise<void> {
    const found = await findRun(this.#stream, runId, {
      after: Number.MAX_SAFE_INTEGER,
      limit: 1,
      maxChars: this.#options.maxBytes,
      onStrange: (count) => this.#onStrange(runId, count),
    });
    if (found === null) return;
    await this.#stream.forgetKept(runId);
    const isOpen = found.messages.at(-1)?.state.closed === false;
    if (isOpen && await this.#isWatched(runId)) {
      await this.#stream.purge(runId, await this.#publisher.drop(runId));
    } else {
      await this.#stream.purge(runId, found.seq + 1);
      this.#publisher.forget(runId);
      this.#forgotten(runId, "dropped");
    }
  }

  async runs(): Promise<StoredRun[]> {
    const runs: StoredRun[] = [];
    const kept = await keptRuns(this.#stream);
    const lastOfEach = { runId: null, from: "last of each", to: 0 } as const;
    await this.#stream.scan(lastOfEach, ({ subject, seq, data }) => {
      const runId = this.#subjects.runIdOf(subject);
      const state = readMessage(data, seq)?.state;
      if (runId === null || state === undefined) return;
      const { epoch, head, closed } = state;
      // Others may allow more.
      if (runs.length < 2 * this.#options.maxRunsRetained) {
        const own = kept.get(runId);
        const { started, completed } = own?.epoch === epoch ? own : {};
        runs.push({ runId, epoch, head, closed, started, completed });
      }
    });
    return runs;
  }

  watch(runId: string): Promise<void> {
    let subscription = this.#watched.get(runId);
    if (subscription === undefined) {
      const subject = this.#subjects.watched(runId);
      subscription = this.#link.subscribe(subject, (message) => this.#hear(message, false));
      this.#watched.set(runId, subscription);
      this.#tails.watch(runId);
    }
    return this.#link.settled(subscription);
  }

  unwatch(runId: string): void {
    this.#watched.get(runId)?.unsubscribe();
    this.#watched.delete(runId);
    this.#tails.unwatch(runId, this.#all === null);
  }

  watchAll(): Promise<void> {
    this.#newest = 0;
    this.#all ??= this.#link.subscribe(
      this.#subjects.allLive,
      (message) => this.#hear(message, true),
    );
    return this.#link.settled(this.#all);
  }

  unwatchAll(): void {
    this.#all?.unsubscribe();
    this.#all = null;
    this.#tails.unwatchOthers();
  }

  since(place: Place | null): Promise<News> {
    return readNews(place, {
      stream: this.#stream,
      subjects: this.#subjects,
      tails: this.#tails,
      maxNews: this.#options.maxNews,
      isNeeded: this.#all !== null,
    });
  }

  end(): Promise<void> {
    for (const runId of [...this.#watched.keys()]) this.unwatch(runId);
    this.unwatchAll();
    this.#advisories?.unsubscribe();
    this.#publisher.end();
    this.#link.end();
    return Promise.resolve();
  }

  #hear({ subject, headers, reply, data }: NatsMessageLike, isOfAll: boolean): void {
    if (subject.endsWith(".ask")) {
      if (reply) this.#link.publish(reply, "");
      return;
    }
    const runId = this.#subjects.runIdOf(subject);
    if (runId === null) return;
    const seq = numberOf(Number(headers?.get("Nats-Sequence") || 0));
    if (seq === 0) return this.#hearWord(runId, readWord(new TextDecoder().decode(data)));
    const message = readMessage(data, seq);
    if (message === null) return this.#onStrange(runId, 1);
    const added = this.#tails.add(runId, message, seq);
    const notice = noticeOf(runId, message, this.#spanOf(seq));
    if (isOfAll) {
      const isOther = seq <= this.#newest;
      this.#newest = seq;
      this.#listener?.notice(notice);
      // They come in their order, so the stream is another one.
      if (isOther) this.#missed();
    } else if (added !== "known") this.#listener?.notice(notice);
  }

  /** A message does not say which stream it is of. */
  #spanOf(seq: number): Span | undefined {
    const { order } = this.#stream;
    if (order === null) return undefined;
    const [from, to] = [placeBehind(order, seq - 1).order, placeBehind(order, seq).order];
    return { epoch: "", from, to };
  }

  #hearWord(runId: string, word: Word | null): void {
    if (word === null) return this.#onStrange(runId, 1);
    this.#tails.get(runId)?.reset();
    this.#listener?.notice({ runId, kind: word, epoch: "", first: 1, last: 0 });
  }

  async #isWatched(runId: string): Promise<boolean> {
    try {
      await this.#link.request(this.#subjects.ask(runId), "", { timeoutMs: ASK_TIMEOUT_MS });
      return true;
    } catch (error) {
      // Who listens but does not answer is there, too.
      return !(error instanceof NobodyThereError);
    }
  }

  #forgotten(runId: string, word: Word): void {
    this.#link.publish(this.#subjects.live(runId), writeWord(word));
  }

  /** The stream is another one, and counts from 1. */
  #beginAnew(): void {
    this.#publisher.forgetAll();
    this.#missed();
  }

  #missed(): void {
    this.#newest = 0;
    this.#tails.missed();
    this.#listener?.missed();
  }

  readonly #onStrange = (runId: string, count: number): void => {
    const what = `${count} messages of run "${runId}" in the stream are foreign`;
    this.#listener?.failed(new Error(`NATS: ${what}`));
  };
}
