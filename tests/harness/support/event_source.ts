/**
 * A reader of event streams for tests, with `eventsource-parser` as the judge of every byte: what it
 * finds odd (an unknown field, a bad `retry`) is an error here.
 *
 * @module
 */
import { createParser } from "eventsource-parser";
import type { AnyEvent } from "./read.ts";

/** One dispatched block, with its data read as an event. */
export interface Dispatched {
  id: string | undefined;
  type: string | undefined;
  event: AnyEvent;
}

/** What an event stream held. */
export interface Judgement {
  /** All blocks but those that say that the stream is live. */
  dispatched: Dispatched[];
  /** Those, and how many others had been dispatched before each. */
  lives: (Dispatched & { after: number })[];
  comments: string[];
  retries: number[];
  /** Every `id` of a block, dispatched or not. */
  ids: string[];
}

/** Reads bytes piece by piece; the judgement grows. */
export function createJudge(): { judgement: Judgement; feed: (bytes: Uint8Array) => void } {
  const judgement: Judgement = {
    dispatched: [],
    lives: [],
    comments: [],
    retries: [],
    ids: [],
  };
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parser = createParser({
    onEvent({ id, event, data }) {
      const block = { id, type: event, event: JSON.parse(data) };
      const { dispatched, lives } = judgement;
      // When it comes depends on when the stream is read.
      if (event === "bus.live") lives.push({ ...block, after: dispatched.length });
      else dispatched.push(block);
    },
    onComment: (comment) => void judgement.comments.push(comment),
    onRetry: (retry) => void judgement.retries.push(retry),
    onId: (id) => void judgement.ids.push(id),
    onError(error) {
      throw error;
    },
  });
  return { judgement, feed: (bytes) => parser.feed(decoder.decode(bytes, { stream: true })) };
}

/** Judges a whole stream. */
export function judge(bytes: Uint8Array): Judgement {
  const { judgement, feed } = createJudge();
  feed(bytes);
  return judgement;
}

/** A connection to an event stream. */
export interface Connection extends Judgement {
  response: Response;
  /** Reads until `isEnough`, or until the stream ends. */
  readUntil(isEnough: (judgement: Judgement) => boolean): Promise<Judgement>;
  /** Reads until so many blocks were dispatched in all, or the stream ends. */
  read(count: number): Promise<AnyEvent[]>;
  /** Reads to the end. */
  readAll(): Promise<AnyEvent[]>;
  /** Cuts the connection. */
  drop(): void;
}

/** Connects over HTTP. */
export async function connect(url: string, headers: HeadersInit = {}): Promise<Connection> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  return follow(response, () => abort.abort());
}

/** Reads a response that is there already. */
export function follow(response: Response, drop?: () => void): Connection {
  const { judgement, feed } = createJudge();
  const reader = response.body?.getReader();
  const events = () => judgement.dispatched.map(({ event }) => event);
  async function readUntil(isEnough: (judgement: Judgement) => boolean): Promise<Judgement> {
    while (reader && !isEnough(judgement)) {
      const { done, value } = await reader.read();
      if (done) break;
      feed(value);
    }
    return judgement;
  }
  return Object.assign(judgement, {
    response,
    readUntil,
    read: async (count: number) => {
      await readUntil(({ dispatched }) => dispatched.length >= count);
      return events();
    },
    readAll: async () => {
      await readUntil(() => false);
      return events();
    },
    drop: () => {
      if (drop) drop();
      else void reader?.cancel();
    },
  });
}
