import type {
  Batch,
  Listener,
  News,
  Place,
  Reading,
  Store,
  Stored,
  StoredRun,
} from "../remote/store.ts";
import { keptOf, MAX_KEPT_CHARS } from "../remote/kept_events.ts";
import { writeEvent } from "../remote/stored_entry.ts";
import type { RedisConnection } from "./connection.ts";
import { reportable } from "./errors.ts";
import { Notices } from "./notices.ts";
import { readEpoch, readNews, readNotice, readPage, readRuns, readStored } from "./replies.ts";
import { Script } from "./script.ts";
import { APPEND, CLAIM, CLOSE, DROP, READ, RUNS, SINCE } from "./scripts.ts";

export interface RedisStoreOptions {
  /** What all keys and channels begin with. */
  readonly prefix: string;
  readonly historyPerRun: number;
  readonly maxPageEvents: number;
  readonly maxRunsRetained: number;
  readonly maxNotices: number;
  readonly maxEventBytes: number;
  readonly maxBytes: number;
  readonly retentionMs: number;
  readonly heartbeatMs: number;
}

/**
 * Runs in Redis. Each has a hash with what is known of it, and a list with its events, each after its
 * numbers; one sorted set holds the runs by recency, another the closed ones, and a list the last notices of all. A
 * change is one script, so it happens as a whole or not at all, and is told on the channel of the run and on that of
 * all runs.
 */
export class RedisStore implements Store {
  readonly orderStep = 1;
  readonly #options: RedisStoreOptions;
  readonly #notices: Notices;
  readonly #scripts: Map<string, Script> = new Map();
  readonly #connection: RedisConnection;
  readonly #allChannel: string;
  #listener: Listener | null = null;
  #hasEnded = false;

  constructor(connection: RedisConnection, options: RedisStoreOptions) {
    this.#options = options;
    const { prefix, heartbeatMs } = options;
    this.#allChannel = `${prefix}:n`;
    this.#connection = connection;
    this.#notices = new Notices({
      connection,
      ownChannel: `${prefix}:b:${randomName()}`,
      heartbeatMs,
      onMessage: (_, text) => {
        const notice = readNotice(text);
        if (notice !== null) this.#listener?.notice(notice);
      },
      onMissed: () => this.#listener?.missed(),
      onFailure: (error) => this.#listener?.failed(reportable(error)),
    });
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  async append(runId: string, { producer, lost, events }: Batch): Promise<Stored> {
    const { id, epoch, seq } = producer;
    const kept = keptOf(events).flatMap(({ name, index, event }) => {
      return [name, String(index + 1), writeEvent(event)];
    });
    const { historyPerRun } = this.#options;
    const about = [id, ...[epoch, seq, lost, historyPerRun, kept.length].map(String), ...kept];
    const args = [...this.#writing(), ...about, ...events.map(writeEvent)];
    return readStored(await this.#run(APPEND, runId, args));
  }

  async claim(runId: string, producerId: string): Promise<number> {
    return readEpoch(await this.#run(CLAIM, runId, [...this.#writing(), producerId]));
  }

  async read(runId: string, after: number): Promise<Reading> {
    const { maxPageEvents, maxEventBytes, maxBytes } = this.#options;
    const bounds = [
      maxPageEvents,
      // A letter has three bytes at most, and JSON writes a few as six letters.
      12 * maxEventBytes + 100,
      Math.max(maxBytes, 12 * maxEventBytes + 100),
    ];
    const args = [...this.#naming(), ...[after, ...bounds].map(String)];
    const { strange, ...reading } = readPage(await this.#run(READ, runId, args), after);
    if (strange > 0) {
      const what = `Redis: ${strange} entries of run "${runId}" are foreign`;
      this.#listener?.failed(new Error(what));
    }
    return reading;
  }

  async close(runId: string): Promise<void> {
    await this.#run(CLOSE, runId, this.#writing());
  }

  async drop(runId: string): Promise<void> {
    // A subscriber that has just left must not count as a watcher.
    await this.#notices.settled(this.#channelOf(runId));
    await this.#run(DROP, runId, []);
  }

  async runs(): Promise<StoredRun[]> {
    const bounds = [this.#options.maxRunsRetained, 3 * MAX_KEPT_CHARS].map(String);
    return readRuns(await this.#run(RUNS, "", bounds));
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

  async since(place: Place | null): Promise<News> {
    const since = place === null ? [] : [place.epoch, String(place.order)];
    const args = [...this.#naming(), ...since];
    return readNews(await this.#run(SINCE, "", args), place);
  }

  end(): Promise<void> {
    this.#hasEnded = true;
    this.#notices.end();
    return Promise.resolve();
  }

  async #subscribe(channel: string): Promise<void> {
    try {
      await this.#notices.subscribe(channel);
    } catch (error) {
      throw reportable(error);
    }
  }

  async #run(text: string, runId: string, args: readonly string[]): Promise<unknown> {
    if (this.#hasEnded) throw new Error("Redis: the bus was closed");
    const { prefix } = this.#options;
    const keys = [`m:${runId}`, `e:${runId}`, "r", "c", "o"].map((key) => `${prefix}:${key}`);
    let script = this.#scripts.get(text);
    if (script === undefined) this.#scripts.set(text, script = new Script(text, this.#connection));
    try {
      return await script.run(keys, [prefix, runId, ...args]);
    } catch (error) {
      throw reportable(error);
    }
  }

  /** What every script is given that may begin a run. */
  #writing(): string[] {
    const { maxRunsRetained, maxNotices } = this.#options;
    return [...this.#naming(), ...[maxRunsRetained, maxNotices].map(String)];
  }

  /** What every script is given that may begin the order: a name for it. */
  #naming(): string[] {
    return [randomName(), String(this.#options.retentionMs)];
  }

  #channelOf(runId: string): string {
    return `${this.#allChannel}:${runId}`;
  }
}

function randomName(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 12);
}
