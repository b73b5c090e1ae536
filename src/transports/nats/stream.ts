import { randomHex } from "../../core/random_hex.ts";
import { type Answer, ask, isRefusal, numberOf, readAnswer, record } from "./api.ts";
import type { NatsHeadersLike } from "./connection.ts";
import { PermanentError } from "../remote/permanent_error.ts";
import type { Place } from "../remote/store.ts";
import { type Link, NobodyThereError } from "./link.ts";
import { ownHeaders } from "./own_headers.ts";
import { createClosed, isClosed, open } from "./make_stream.ts";
import {
  checkConfig,
  type StreamConfig,
  streamConfig,
  type StreamSettings,
} from "./stream_config.ts";
import { orderOfStream, placeBehind, type StreamOrder } from "./stream_order.ts";
import type { Subjects } from "./subjects.ts";
import { countSubjects, scan, type Scanned } from "./scan.ts";
import type { KeptName } from "../remote/kept_events.ts";

export interface StoredMessage {
  readonly seq: number;
  readonly data: Uint8Array;
}

export interface ScanOptions {
  /** Of which run; null for all runs, and nothing for whatever there is. */
  readonly runId?: string | null;
  /** From which number of the stream on, or only the last of each run. */
  readonly from: number | "last of each";
  /** Up to which number; 0 for all that is there. */
  readonly to: number;
}

const DELETION_MS = 500;
// How long to wait for another process that has begun to make the stream.
const OPENING_MS = 1_000;

/**
 * The stream that holds the runs of a prefix. A process that publishes makes it if it is missing, and so does one that
 * reads all or several runs: if you delete the stream, you want to start again. Reading or listing single runs does not
 * make it.
 */
export class RunStream {
  readonly #link: Link;
  readonly #subjects: Subjects;
  readonly #settings: StreamSettings;
  readonly #onMade: () => void;
  #isThere = false;
  #wasThere = false;
  // How often it may have been deleted, and how much of that is over.
  #doubts = 0;
  #overcome = 0;
  #keeps = false;
  #order: StreamOrder | null = null;
  #making: Promise<void> | null = null;
  readonly #headers: () => Promise<NatsHeadersLike>;

  /** @param onMade Called when the stream had been there, was missing, and was made again. */
  constructor(link: Link, subjects: Subjects, settings: StreamSettings, onMade: () => void) {
    this.#link = link;
    this.#subjects = subjects;
    this.#settings = settings;
    this.#onMade = onMade;
    this.#headers = ownHeaders(link, subjects.mark, settings.name);
  }

  /**
   * Stores a message of a run, if its last message is the one of that number, 0 for none. The number of the new
   * one; null if it was not stored, because the last message is another.
   */
  async append(runId: string, message: string, last: number): Promise<number | null> {
    if (!this.#isThere) await this.#ensure();
    const own = await this.#headers();
    const headers = () => {
      own.set("Nats-Expected-Last-Subject-Sequence", String(last));
      return own;
    };
    try {
      const { data } = await this.#link.request(this.#subjects.run(runId), message, { headers });
      const seq = numberOf(readAnswer(data)["seq"]);
      if (seq === 0) throw new Error("NATS: the server did not say where it stored a message");
      return seq;
    } catch (error) {
      if (isRefusal(error, "wrongLastSequence")) return null;
      // No stream takes it, or one that is not open yet.
      if (error instanceof NobodyThereError || isRefusal(error, "tooLarge")) this.forget();
      throw error;
    }
  }

  /** The last message of a run, as the leader of the stream knows it; null if there is none. */
  last(runId: string): Promise<StoredMessage | null> {
    return this.#last(this.#subjects.run(runId));
  }

  async #last(subject: string): Promise<StoredMessage | null> {
    const answer = await this.#ask("MSG.GET", { last_by_subj: subject });
    const message = answer === null ? null : record(answer["message"]);
    const seq = numberOf(message?.["seq"]);
    return seq === 0 ? null : { seq, data: fromBase64(message!["data"]) };
  }

  async scan({ runId, from, to }: ScanOptions, take: (message: Scanned) => void): Promise<void> {
    const filter = runId === null ? this.#subjects.allRuns : runId && this.#subjects.run(runId);
    await this.#scan(filter, from, to, take);
  }

  /** Forgets the messages of a run before that number; how many there were. */
  async purge(runId: string, before: number): Promise<number> {
    const answer = await this.#ask("PURGE", { filter: this.#subjects.run(runId), seq: before });
    return numberOf(answer?.["purged"]);
  }

  /**
   * Where it stands.
   *
   * @param isNeeded Whether it is made if it is missing, and if that is allowed: without it, it is not known later
   * whether there was one meanwhile.
   */
  async place(isNeeded: boolean): Promise<Place> {
    let answer = await this.#ask("INFO", null);
    if (answer === null && isNeeded && await this.#canEnsure()) {
      answer = await this.#ask("INFO", null);
    }
    if (answer === null) return placeBehind(null, 0);
    this.#order = orderOfStream(answer);
    return placeBehind(this.#order, numberOf(record(answer["state"])?.["last_seq"]));
  }

  /** The order that it gives; null until it was found. */
  get order(): StreamOrder | null {
    return this.#order;
  }

  async countRuns(): Promise<number> {
    const { name } = this.#settings;
    const subject = this.#subjects.reading(randomHex(16));
    const request = { stream: name, subject, filter: this.#subjects.allRuns } as const;
    if (!await this.#find()) return 0;
    return await this.#orNull(() => countSubjects(this.#link, request)) ?? 0;
  }

  /** Keeps how a run began or ended, if the stream is made for it. */
  async keep(runId: string, name: KeptName, message: string): Promise<void> {
    if (!await this.#find() || !this.#keeps) return;
    readAnswer((await this.#link.request(this.#subjects.kept(runId, name), message)).data);
  }

  /** What is kept of how a run began or ended; null if nothing is. */
  async lastKept(runId: string, name: KeptName): Promise<Uint8Array | null> {
    return (await this.#last(this.#subjects.kept(runId, name)))?.data ?? null;
  }

  /** Reads how runs began and ended, the last that was kept of each. */
  async scanKept(take: (runId: string, name: KeptName, data: Uint8Array) => void): Promise<void> {
    if (!await this.#find() || !this.#keeps) return;
    await this.#scan(this.#subjects.allKept, "last of each", 0, ({ subject, data }) => {
      const [runId, name] = [this.#subjects.runIdOf(subject), this.#subjects.keptNameOf(subject)];
      if (runId !== null && name !== null) take(runId, name, data);
    });
  }

  async forgetKept(runId: string): Promise<void> {
    if (!await this.#find() || !this.#keeps) return;
    await this.#ask("PURGE", { filter: this.#subjects.kept(runId, "*") });
  }

  /** Looks again whether the stream is there, before the next request. */
  forget(): void {
    this.#isThere = false;
  }

  /** It was deleted, or may have been while the connection was away. */
  doubt(): void {
    this.forget();
    this.#doubts++;
  }

  async #scan(
    filter: string | undefined,
    from: number | "last of each",
    to: number,
    take: (message: Scanned) => void,
  ): Promise<void> {
    const { name } = this.#settings;
    const subject = this.#subjects.reading(randomHex(16));
    if (!await this.#find()) return;
    await this.#orNull(() => scan(this.#link, { stream: name, subject, filter, from, to }, take));
  }

  /** What JetStream answers; null if what was asked for is not there. */
  async #ask(what: string, request: object | null): Promise<Answer | null> {
    if (!await this.#find()) return null;
    const { name } = this.#settings;
    return await this.#orNull(() => ask(this.#link, `STREAM.${what}.${name}`, request));
  }

  async #orNull<T>(attempt: () => Promise<T>): Promise<T | null> {
    try {
      return await attempt();
    } catch (error) {
      if (isRefusal(error, "noStream")) this.forget();
      else if (!isRefusal(error, "noMessage")) throw error;
      return null;
    }
  }

  async #find(): Promise<boolean> {
    if (this.#isThere) return true;
    const { name } = this.#settings;
    let answer: Answer;
    try {
      answer = await ask(this.#link, `STREAM.INFO.${name}`, null);
    } catch (error) {
      if (isRefusal(error, "noStream")) return false;
      throw error;
    }
    checkConfig(name, this.#config, record(answer["config"]) ?? {});
    if (isClosed(answer)) return false;
    const subjects = record(answer["config"])?.["subjects"];
    this.#keeps = Array.isArray(subjects) && subjects.includes(this.#subjects.allKept);
    this.#isThere = this.#wasThere = true;
    this.#order = orderOfStream(answer);
    this.#overcome = this.#doubts;
    return true;
  }

  #ensure(): Promise<void> {
    return this.#making ??= this.#make().finally(() => this.#making = null);
  }

  async #canEnsure(): Promise<boolean> {
    try {
      await this.#ensure();
      return true;
    } catch (error) {
      if (error instanceof PermanentError) return false;
      throw error;
    }
  }

  async #make(): Promise<void> {
    if (await this.#find()) return;
    const isAgain = this.#wasThere;
    let isLate = isAgain || this.#doubts > this.#overcome;
    do {
      // A server is not done when it says that it deleted a stream: it goes on to remove the files, and would
      // remove those of another one of that name.
      if (isLate) await wait(DELETION_MS);
      isLate = true;
      const doubts = this.#doubts;
      const { name } = this.#settings;
      if (!await createClosed(this.#link, name, this.#config)) await this.#waitForOthers();
      else if (this.#doubts === doubts) await open(this.#link, name, this.#config);
      // Another one was deleted only now, and nothing is stored in this one.
      else await ask(this.#link, `STREAM.DELETE.${name}`, null);
    } while (!await this.#find());
    if (isAgain) this.#onMade();
  }

  /** Another process makes the stream. It may have died. */
  async #waitForOthers(): Promise<void> {
    const giveUpAt = performance.now() + OPENING_MS;
    while (performance.now() < giveUpAt) {
      if (await this.#find()) return;
      await wait(OPENING_MS / 20);
    }
    await open(this.#link, this.#settings.name, this.#config);
  }

  get #config(): StreamConfig {
    return streamConfig(this.#subjects, this.#settings);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function fromBase64(text: unknown): Uint8Array {
  if (typeof text !== "string") return new Uint8Array();
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
