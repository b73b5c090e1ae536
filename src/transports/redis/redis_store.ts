import type { Batch, Listener, Page, Store, Stored, StoredRun } from "../remote/store.ts";
import type { RedisConnection } from "./connection.ts";
import { withoutSecrets } from "./errors.ts";
import { Notices } from "./notices.ts";
import { readNotice, readPage, readRuns, readStored, writeEvent } from "./replies.ts";
import { Script } from "./script.ts";
import { APPEND, CLOSE, DROP, READ, RUNS } from "./scripts.ts";

/** What a {@linkcode RedisStore} is told of its bus. */
export interface RedisStoreOptions {
  /** What all keys and channels begin with. */
  readonly prefix: string;
  readonly historyPerRun: number;
  /** How many events one reading takes at most. */
  readonly maxPageEvents: number;
  readonly maxRunsRetained: number;
  readonly maxEventBytes: number;
  readonly maxBytes: number;
  readonly retentionMs: number;
  readonly heartbeatMs: number;
}

/**
 * Runs in Redis. Each has a hash with what is known of it, and a stream with its events, whose ids are their
 * numbers; one sorted set holds the runs by recency, another the closed ones. A change is one script, so it
 * happens as a whole or not at all, and is told on the channel of the run and on that of all runs.
 */
export class RedisStore implements Store {
  readonly #options: RedisStoreOptions;
  readonly #notices: Notices;
  readonly #append: Script;
  readonly #close: Script;
  readonly #drop: Script;
  readonly #read: Script;
  readonly #runs: Script;
  // Tells apart who publishes: a batch has a number of its publisher.
  readonly #publisher: string = randomName();
  readonly #allChannel: string;
  #listener: Listener | null = null;

  constructor(connection: RedisConnection, options: RedisStoreOptions) {
    this.#options = options;
    const { prefix, heartbeatMs } = options;
    this.#allChannel = `${prefix}:n`;
    this.#append = new Script(APPEND, connection);
    this.#close = new Script(CLOSE, connection);
    this.#drop = new Script(DROP, connection);
    this.#read = new Script(READ, connection);
    this.#runs = new Script(RUNS, connection);
    this.#notices = new Notices({
      connection,
      ownChannel: `${prefix}:b:${this.#publisher}`,
      heartbeatMs,
      onMessage: (channel, text) => this.#hear(channel, text),
      onMissed: () => this.#listener?.missed(),
      onFailure: (error) => this.#listener?.failed(withoutSecrets(error)),
    });
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  async append(runId: string, { number, lost, events }: Batch): Promise<Stored> {
    const { historyPerRun } = this.#options;
    const about = [this.#publisher, String(number), String(lost), String(historyPerRun)];
    const args = [...this.#writing(), ...about, ...events.map(writeEvent)];
    return readStored(await this.#run(this.#append, runId, args));
  }

  async read(runId: string, after: number, limit: number = Infinity): Promise<Page | null> {
    const { maxPageEvents, maxEventBytes, maxBytes } = this.#options;
    const bounds = [
      Math.min(limit, maxPageEvents),
      // A letter has three bytes at most, and JSON writes a few as six letters.
      12 * maxEventBytes + 100,
      Math.max(maxBytes, 12 * maxEventBytes + 100),
    ];
    const read = readPage(await this.#run(this.#read, runId, [after, ...bounds].map(String)));
    if (read === null) return null;
    if (read.strange > 0) {
      const what =
        `Redis: ${read.strange} entries in the stream of run "${runId}" are none of ours`;
      this.#listener?.failed(new Error(what));
    }
    return read.page;
  }

  async close(runId: string): Promise<void> {
    await this.#run(this.#close, runId, this.#writing());
  }

  async drop(runId: string): Promise<void> {
    // Whoever has just left does not watch it any more.
    await this.#notices.settled(this.#channelOf(runId));
    await this.#run(this.#drop, runId, []);
  }

  async runs(): Promise<StoredRun[]> {
    return readRuns(await this.#run(this.#runs, "", [String(this.#options.maxRunsRetained)]));
  }

  watch(runId: string): Promise<void> {
    return this.#subscribe(this.#channelOf(runId));
  }

  unwatch(runId: string): void {
    this.#notices.unsubscribe(this.#channelOf(runId));
  }

  watchAll(): Promise<void> {
    return this.#subscribe(this.#allChannel);
  }

  unwatchAll(): void {
    this.#notices.unsubscribe(this.#allChannel);
  }

  end(): Promise<void> {
    this.#notices.end();
    return Promise.resolve();
  }

  async #subscribe(channel: string): Promise<void> {
    try {
      await this.#notices.subscribe(channel);
    } catch (error) {
      throw withoutSecrets(error);
    }
  }

  async #run(
    script: Script,
    runId: string,
    args: readonly string[],
  ): Promise<unknown> {
    const { prefix } = this.#options;
    const keys = [`${prefix}:m:${runId}`, `${prefix}:e:${runId}`, `${prefix}:r`, `${prefix}:c`];
    try {
      return await script.run(keys, [prefix, runId, ...args]);
    } catch (error) {
      throw withoutSecrets(error);
    }
  }

  /** What every script is given that may begin a run. */
  #writing(): string[] {
    const { retentionMs, maxRunsRetained } = this.#options;
    return [randomName(), String(retentionMs), String(maxRunsRetained)];
  }

  #channelOf(runId: string): string {
    return `${this.#allChannel}:${runId}`;
  }

  #hear(channel: string, text: string): void {
    const runId = channel === this.#allChannel ? null : channel.slice(this.#allChannel.length + 1);
    const notice = readNotice(text, runId);
    if (notice !== null) this.#listener?.notice(notice);
  }
}

/** Twelve letters and digits that nobody else has. */
function randomName(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 12);
}
