import type { Page } from "../remote/store.ts";
import type { Message, RunState } from "./message.ts";
import { type Found, pageOf } from "./run_reading.ts";
import type { StreamOrder } from "./stream_order.ts";

/** A message, and the stream's number of it. */
interface Heard {
  readonly message: Message;
  readonly seq: number;
}

const MAX_CHARS = 4 * 1024 * 1024;
// What is kept although it was taken, when there are two that take.
const MAX_KEPT_CHARS = 64 * 1024;

/**
 * Recent messages of a watched run. While there is no hole in them, readers are served from here without asking the
 * server. Each message says what was before it, so anything that is missing shows.
 */
export class LiveTail {
  // Follow each other.
  #heard: Heard[] = [];
  #chars = 0;
  /** Behind the messages; null if the run is unknown. */
  #newest: RunState | null = null;
  /** Whether nothing is missing between `#newest` and the last message that was heard. */
  #isWhole = false;
  #seq = 0;
  // What was read of the server may be ahead of what was heard; of what comes then, whoever waits still has to know.
  #heardTo = 0;
  // Messages up to that one came, and are not here.
  #missing = 0;

  get seq(): number {
    return this.#seq;
  }

  /** What is known, and from where on it has to be read. */
  get known(): { state: RunState; seq: number } | undefined {
    return this.#isWhole && this.#newest !== null
      ? { state: this.#newest, seq: this.#seq }
      : undefined;
  }

  /** Begins with a message: what comes after it will be heard. */
  begin(message: Message, seq: number): void {
    this.#isWhole = true;
    this.#newest = message.state;
    this.#seq = this.#heardTo = seq;
    this.#push({ message, seq });
  }

  /**
   * A message came. `known`: it had come before. `doubt`: it is older than what had come, and of another
   * incarnation; either it is late, or the stream was made again and counts from 1.
   */
  add(message: Message, seq: number): "new" | "known" | "doubt" {
    const { state: { epoch }, before } = message;
    const last = this.#heard.at(-1)?.message.state ?? this.#newest;
    const isOlder = seq <= this.#seq;
    if (isOlder && (last === null || last.epoch === epoch)) {
      if (seq <= this.#heardTo) return "known";
      this.#heardTo = seq;
      return "new";
    }
    this.#heardTo = seq;
    if (isOlder) {
      this.reset();
      this.#missing = 0;
    } else {
      const isFirst = !this.#isWhole && last === null;
      if (!isFirst && before !== (last?.epoch === epoch ? last.head : 0)) this.reset();
      // Those of another incarnation are of no use any more.
      else if (last !== null && last.epoch !== epoch) this.#clear();
    }
    this.#seq = seq;
    if (this.#isWhole) this.#newest = message.state;
    this.#push({ message, seq });
    return isOlder ? "doubt" : "new";
  }

  reset(): void {
    this.#isWhole = false;
    this.#newest = null;
    this.#missing = this.#seq;
    this.#clear();
  }

  /**
   * What was read from the server, and what came meanwhile behind it; null if something between them is missing.
   */
  settle(found: Found | null): readonly Message[] | null {
    const seq = found?.seq ?? 0;
    const read = found?.messages ?? [];
    if (seq >= this.#seq && this.#isWhole) return read;
    if (seq > 0 && this.#missing > seq) return null;
    const later = this.#heard.filter((heard) => heard.seq > seq);
    let last = read.at(-1)?.state ?? null;
    for (const { message: { state, before } } of later) {
      if (before !== (state.epoch === last?.epoch ? last.head : 0)) return null;
      last = state;
    }
    if (!this.#isWhole) {
      this.#clear();
      this.#isWhole = true;
      this.#newest = last;
      this.#seq = later.at(-1)?.seq ?? seq;
    } else if (later.at(-1)?.seq !== this.#seq) {
      // What came later was taken already.
      return null;
    }
    return [...read, ...later.map(({ message }) => message)]
      .filter(({ state }) => state.epoch === last?.epoch);
  }

  /**
   * What is behind a number; null if the run is unknown; undefined if the server has to be asked.
   *
   * @param isLast Whether this is the last question for the same events.
   */
  page(after: number, isLast: boolean, order: StreamOrder): Page | null | undefined {
    if (!this.#isWhole) return undefined;
    const newest = this.#newest;
    if (newest === null) return null;
    const [first] = this.#heard;
    const from = Math.max(after, newest.dropped);
    if (from < (first?.message.before ?? newest.head)) return undefined;
    const { epoch, head, closed } = newest;
    const page = pageOf(this.#heard.map(({ message }) => message), after, Infinity, order) ??
      { epoch, head, closed, events: [] };
    const kept = isLast ? 0 : MAX_KEPT_CHARS;
    while (this.#chars > kept) this.#chars -= this.#heard.shift()!.message.chars;
    return page;
  }

  #push(heard: Heard): void {
    this.#heard.push(heard);
    this.#chars += heard.message.chars;
    if (this.#chars > MAX_CHARS) this.reset();
  }

  #clear(): void {
    this.#heard = [];
    this.#chars = 0;
  }
}
