import { randomHex } from "../../core/random_hex.ts";
import { type Answer, ask, CODES, JetStreamError, numberOf, readAnswer, record } from "./api.ts";
import type { NatsHeadersLike } from "./connection.ts";
import { type Link, NobodyThereError } from "./link.ts";
import { checkConfig, streamConfig, type StreamSettings } from "./stream_config.ts";
import type { Subjects } from "./subjects.ts";
import { scan, type Scanned } from "./scan.ts";

/** A message where it is stored. */
export interface StoredMessage {
  /** The stream's number of it. */
  readonly seq: number;
  readonly data: Uint8Array;
}

/** What is read of a stream. */
export interface ScanOptions {
  /** Of which run; all if null. */
  readonly runId: string | null;
  /** From which number of the stream on, or only the last of each run. */
  readonly from: number | "last of each";
  /** Up to which number; 0 for all that is there. */
  readonly to: number;
}

const DELETION_MS = 500;

/**
 * The stream that holds the runs of a prefix. Whoever publishes makes it when it is missing: whoever deletes it
 * wants to begin anew. Whoever reads does not.
 */
export class RunStream {
  readonly #link: Link;
  readonly #subjects: Subjects;
  readonly #settings: StreamSettings;
  readonly #onMade: () => void;
  #isThere = false;
  #wasThere = false;
  #making: Promise<void> | null = null;
  // A client's headers can be had without its package: those of a message that it received.
  #headers: Promise<NatsHeadersLike> | null = null;

  /** @param onMade Called when the stream was missing, and was made. */
  constructor(link: Link, subjects: Subjects, settings: StreamSettings, onMade: () => void) {
    this.#link = link;
    this.#subjects = subjects;
    this.#settings = settings;
    this.#onMade = onMade;
  }

  /**
   * Stores a message of a run, if its last message is the one of that number, 0 for none. The number of the new
   * one; null if it was not stored, because the last message is another.
   */
  async append(runId: string, message: string, last: number): Promise<number | null> {
    if (!this.#isThere) await (this.#making ??= this.#make().finally(() => this.#making = null));
    const own = await this.#ownHeaders();
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
      if (error instanceof JetStreamError) {
        const { wrongLastSequence }: { wrongLastSequence: readonly number[] } = CODES;
        if (wrongLastSequence.includes(error.code)) return null;
      }
      // No stream takes it.
      if (error instanceof NobodyThereError) this.forget();
      throw error;
    }
  }

  /** The last message of a run, as the leader of the stream knows it; null if there is none. */
  async last(runId: string): Promise<StoredMessage | null> {
    const answer = await this.#ask("MSG.GET", { last_by_subj: this.#subjects.run(runId) });
    const message = answer === null ? null : record(answer["message"]);
    const seq = numberOf(message?.["seq"]);
    return seq === 0 ? null : { seq, data: fromBase64(message!["data"]) };
  }

  /** Reads messages, in their order. */
  async scan({ runId, from, to }: ScanOptions, take: (message: Scanned) => void): Promise<void> {
    const filter = runId === null ? this.#subjects.allRuns : this.#subjects.run(runId);
    const { name } = this.#settings;
    const subject = this.#subjects.reading(randomHex(16));
    if (!await this.#find()) return;
    await this.#orNull(() => scan(this.#link, { stream: name, subject, filter, from, to }, take));
  }

  /** Forgets the messages of a run before that number; how many there were. */
  async purge(runId: string, before: number): Promise<number> {
    const answer = await this.#ask("PURGE", { filter: this.#subjects.run(runId), seq: before });
    return numberOf(answer?.["purged"]);
  }

  /** How many runs it holds. */
  async countRuns(): Promise<number> {
    const answer = await this.#ask("INFO", null);
    const count = numberOf(record(answer?.["state"])?.["num_subjects"]);
    // Not the mark, which is there as long as the runs are.
    return Math.max(0, count - 1);
  }

  /** Looks again whether the stream is there, before the next request. */
  forget(): void {
    this.#isThere = false;
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
      if (!(error instanceof JetStreamError)) throw error;
      if (error.code === CODES.noStream) this.forget();
      else if (error.code !== CODES.noMessage) throw error;
      return null;
    }
  }

  /** Whether it is there. */
  async #find(): Promise<boolean> {
    if (this.#isThere) return true;
    const { name } = this.#settings;
    let answer: Answer;
    try {
      answer = await ask(this.#link, `STREAM.INFO.${name}`, null);
    } catch (error) {
      if (error instanceof JetStreamError && error.code === CODES.noStream) return false;
      throw error;
    }
    checkConfig(name, streamConfig(this.#subjects, this.#settings), record(answer["config"]) ?? {});
    this.#isThere = this.#wasThere = true;
    return true;
  }

  async #make(): Promise<void> {
    if (await this.#find()) return;
    if (this.#wasThere) {
      // A server is not done when it says that it deleted a stream: it goes on to remove the files, and would
      // remove those of another one of that name.
      await new Promise((resolve) => setTimeout(resolve, DELETION_MS));
      if (await this.#find()) return;
    }
    const { name } = this.#settings;
    try {
      await ask(this.#link, `STREAM.CREATE.${name}`, streamConfig(this.#subjects, this.#settings));
    } catch (error) {
      // Perhaps somebody else was faster.
      const isTaken = error instanceof JetStreamError && error.code === CODES.nameInUse;
      if (!isTaken || !await this.#find()) throw error;
    }
    this.#isThere = this.#wasThere = true;
    this.#onMade();
  }

  #ownHeaders(): Promise<NatsHeadersLike> {
    if (this.#headers !== null) return this.#headers;
    const taking = this.#headers = this.#takeHeaders();
    taking.catch(() => this.#headers = null);
    return taking;
  }

  async #takeHeaders(): Promise<NatsHeadersLike> {
    const { mark } = this.#subjects;
    const subject = `$JS.API.DIRECT.GET.${this.#settings.name}`;
    const get = () => this.#link.request(subject, JSON.stringify({ last_by_subj: mark }));
    let { headers } = await get();
    if (headers?.code === 404) {
      readAnswer((await this.#link.request(mark, "")).data);
      ({ headers } = await get());
    }
    if (headers === undefined || headers.code !== 0) {
      throw new Error("NATS: the server does not answer direct requests to the stream");
    }
    for (const key of headers.keys()) headers.delete(key);
    return headers;
  }
}

function fromBase64(text: unknown): Uint8Array {
  if (typeof text !== "string") return new Uint8Array();
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
