import type { Batch, Listener, Notice, Page, Store, Stored, StoredRun } from "../remote/store.ts";
import { numberOf } from "./api.ts";
import type { NatsConnectionLike, NatsMessageLike, NatsSubscriptionLike } from "./connection.ts";
import { Link, NobodyThereError } from "./link.ts";
import { LiveTails } from "./live_tails.ts";
import { type Message, readMessage, readWord, type Word, writeWord } from "./message.ts";
import { Publisher } from "./publisher.ts";
import { RunLimit } from "./run_limit.ts";
import { findRun, pageOf } from "./run_reading.ts";
import { RunStream } from "./stream.ts";
import { Subjects } from "./subjects.ts";

/** What a {@linkcode NatsStore} is told of its bus. */
export interface NatsStoreOptions {
  /** What all subjects begin with, and the name of the stream. */
  readonly prefix: string;
  readonly historyPerRun: number;
  readonly maxRunsRetained: number;
  readonly maxBytes: number;
  readonly retentionMs: number;
  readonly maxStoredBytes: number;
  readonly storage: "file" | "memory";
  readonly replicas: number;
}

const TIMEOUT_MS = 5_000;
// Whoever watches answers at once.
const ASK_TIMEOUT_MS = 1_000;
const MAX_READS = 5;

/**
 * Runs in a stream of JetStream, each the messages of one subject. The server repeats every message that it has
 * stored to those who watch, so that what is new is mostly there before somebody asks for it.
 */
export class NatsStore implements Store {
  readonly #options: NatsStoreOptions;
  readonly #subjects: Subjects;
  readonly #link: Link;
  readonly #stream: RunStream;
  readonly #publisher: Publisher;
  readonly #limit: RunLimit;
  readonly #watched: Map<string, NatsSubscriptionLike> = new Map();
  readonly #tails: LiveTails;
  #all: NatsSubscriptionLike | null = null;
  #advisories: NatsSubscriptionLike | null = null;
  #listener: Listener | null = null;

  constructor(connection: NatsConnectionLike, options: NatsStoreOptions) {
    this.#options = options;
    const { prefix: name, historyPerRun, maxBytes: maxChars, maxRunsRetained: maxRuns } = options;
    this.#tails = new LiveTails(maxRuns);
    const subjects = this.#subjects = new Subjects(name);
    const link = this.#link = new Link(connection, TIMEOUT_MS);
    const stream = this.#stream = new RunStream(
      link,
      subjects,
      { ...options, name },
      () => this.#beginAnew(),
    );
    const onFailure = (error: unknown) => this.#listener?.failed(error);
    const isWatched = (runId: string) => this.#isWatched(runId);
    const onEvicted = (runId: string) => this.#forgotten(runId, "evicted");
    this.#limit = new RunLimit({ stream, subjects, maxRuns, isWatched, onEvicted, onFailure });
    this.#publisher = new Publisher({
      stream,
      historyPerRun,
      maxChars,
      maxPayload: () => link.maxPayload,
      onBegun: () => this.#limit.begun(),
      onStrange: this.#onStrange,
      onFailure,
    });
  }

  listen(listener: Listener): void {
    this.#listener = listener;
    this.#link.listen({
      reconnected: () => this.#missed(),
      failed: (error) => listener.failed(error),
    });
    const deleted = `$JS.EVENT.ADVISORY.STREAM.DELETED.${this.#options.prefix}`;
    this.#advisories = this.#link.subscribe(deleted, () => {
      this.#stream.forget();
      this.#beginAnew();
    });
  }

  append(runId: string, batch: Batch): Promise<Stored> {
    return this.#publisher.append(runId, batch);
  }

  async read(
    runId: string,
    after: number,
    limit: number = this.#options.historyPerRun,
  ): Promise<Page | null> {
    for (let reads = 0;; reads++) {
      const tail = this.#tails.get(runId);
      // What was stored from here is there, whoever else was told first.
      if (tail !== undefined && tail.seq >= this.#publisher.seqOf(runId)) {
        const page = tail.page(after, this.#all === null || !this.#watched.has(runId));
        if (page !== undefined) return page;
      }
      const found = await findRun(this.#stream, runId, {
        after,
        limit,
        maxChars: this.#options.maxBytes,
        known: tail?.known,
        onStrange: (count) => this.#onStrange(runId, count),
      });
      const isSame = this.#tails.get(runId) === tail;
      const messages = tail === undefined ? found?.messages ?? [] : tail.settle(found);
      if (isSame && messages !== null) return pageOf(messages, after, limit);
      if (reads >= MAX_READS) throw new Error(`NATS: run "${runId}" changes too fast to be read`);
    }
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
    await this.#stream.scan({ runId: null, from: "last of each", to: 0 }, ({ subject, data }) => {
      const runId = this.#subjects.runIdOf(subject);
      const state = readMessage(data)?.state;
      if (runId === null || state === undefined) return;
      const { epoch, head, closed } = state;
      // Others may allow more.
      if (runs.length < 2 * this.#options.maxRunsRetained) {
        runs.push({ runId, epoch, head, closed });
      }
    });
    return runs;
  }

  watch(runId: string): Promise<void> {
    if (!this.#watched.has(runId)) {
      const subscription = this.#link.subscribe(
        this.#subjects.watched(runId),
        (message) => this.#hear(message),
      );
      this.#watched.set(runId, subscription);
      this.#tails.watch(runId);
    }
    return this.#link.settled();
  }

  unwatch(runId: string): void {
    this.#watched.get(runId)?.unsubscribe();
    this.#watched.delete(runId);
    this.#tails.unwatch(runId, this.#all === null);
  }

  watchAll(): Promise<void> {
    this.#all ??= this.#link.subscribe(this.#subjects.allLive, (message) => this.#hear(message));
    return this.#link.settled();
  }

  unwatchAll(): void {
    this.#all?.unsubscribe();
    this.#all = null;
    this.#tails.unwatchOthers();
  }

  end(): Promise<void> {
    for (const runId of [...this.#watched.keys()]) this.unwatch(runId);
    this.unwatchAll();
    this.#advisories?.unsubscribe();
    this.#publisher.end();
    this.#link.end();
    return Promise.resolve();
  }

  #hear({ subject, headers, reply, data }: NatsMessageLike): void {
    if (subject.endsWith(".ask")) {
      if (reply) this.#link.publish(reply, "");
      return;
    }
    const runId = this.#subjects.runIdOf(subject);
    if (runId === null) return;
    const seq = numberOf(Number(headers?.get("Nats-Sequence") || 0));
    if (seq === 0) return this.#hearWord(runId, readWord(new TextDecoder().decode(data)));
    const message = readMessage(data);
    if (message === null) return this.#onStrange(runId, 1);
    const added = this.#tails.add(runId, message, seq);
    if (added === "known") return;
    const news: Notice = { runId, kind: "changed", first: 0 };
    this.#listener?.notice(added === "new" ? noticeOf(runId, message) : news);
  }

  #hearWord(runId: string, word: Word | null): void {
    if (word === null) return this.#onStrange(runId, 1);
    this.#tails.get(runId)?.reset();
    this.#listener?.notice({ runId, kind: word, first: 0 });
  }

  /** Whether somebody reads a run, in whatever process. */
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
    this.#tails.missed();
    this.#listener?.missed();
  }

  readonly #onStrange = (runId: string, count: number): void => {
    const what = `${count} messages of run "${runId}" in the stream are none of ours`;
    this.#listener?.failed(new Error(`NATS: ${what}`));
  };
}

function noticeOf(runId: string, { kind, state, events }: Message): Notice {
  if (kind === "drop") return { runId, kind: "dropped", first: 0 };
  return { runId, kind: "changed", first: kind === "close" ? 0 : state.head - events.length + 1 };
}
