import { frameText, type WireEvent } from "./encoder.ts";

/** Events that were taken together. */
export interface Batch {
  readonly events: readonly WireEvent[];
  /** Of several runs: what the client sends if it comes back after each of them. */
  readonly positions: readonly string[] | undefined;
}

/** A piece of an event stream, which is made ready once for all who are sent it. */
export class Chunk {
  /** Its text, if that is what it was made of. */
  readonly text: string | undefined;
  /** Whether more than one connection is sent it: then its bytes are worth making. */
  isShared: boolean;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  #framed: Uint8Array<ArrayBuffer> | undefined;

  constructor(content: string | Uint8Array<ArrayBuffer>, isShared = false) {
    this.isShared = isShared;
    if (typeof content === "string") this.text = content;
    else this.#bytes = content;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    // A reader that transferred the bytes to another thread has emptied them for all readers.
    if (this.text !== undefined && !this.#bytes?.byteLength) {
      this.#bytes = textEncoder.encode(this.text);
    }
    return this.#bytes!;
  }

  /** The bytes as a chunk of HTTP/1.1. */
  get framed(): Uint8Array<ArrayBuffer> {
    return this.#framed ??= frame(this.bytes);
  }
}

/** Some events of a batch. */
export class EventsChunk extends Chunk {
  readonly #events: readonly WireEvent[];
  readonly #positions: readonly string[] | undefined;

  constructor(
    text: string,
    events: readonly WireEvent[],
    positions: readonly string[] | undefined,
  ) {
    super(text);
    this.#events = events;
    this.#positions = positions;
  }

  /** How many events it has. */
  get count(): number {
    return this.#events.length;
  }

  /** Whether it is what comes next of a batch. */
  isNextOf({ events, positions }: Batch, from: number): boolean {
    const { count } = this;
    const rest = events.length - from;
    if (count > rest || (count < rest && this.text!.length < CHUNK_SIZE)) return false;
    for (let i = 0; i < count; i++) {
      if (events[from + i] !== this.#events[i]) return false;
      if (positions?.[from + i] !== this.#positions?.[i]) return false;
    }
    return true;
  }
}

/**
 * The next events of a batch, until the chunk is large enough: the same chunk for all who stand at the same place, because
 * they ask for it one after the other.
 *
 * @throws {TypeError} If the first of them cannot be encoded. The chunk ends before another one that cannot.
 */
export function chunkOf(batch: Batch, from: number): EventsChunk {
  const first = batch.events[from]!;
  const known = recent.get(first);
  if (known?.isNextOf(batch, from)) {
    known.isShared = true;
    return known;
  }
  const chunk = encodeNext(batch, from);
  recent.delete(first);
  recent.set(first, chunk);
  if (recent.size > MAX_RECENT) recent.delete(recent.keys().next().value!);
  return chunk;
}

function encodeNext({ events, positions }: Batch, from: number): EventsChunk {
  let text = "";
  let at = from;
  while (at < events.length && text.length < CHUNK_SIZE) {
    try {
      text += frameText(events[at]!, positions?.[at]);
    } catch (error) {
      if (at === from) throw error;
      break;
    }
    at++;
  }
  return new EventsChunk(text, events.slice(from, at), positions?.slice(from, at));
}

function frame(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = textEncoder.encode(`${bytes.byteLength.toString(16)}\r\n`);
  const whole = new Uint8Array(size.byteLength + bytes.byteLength + 2);
  whole.set(size);
  whole.set(bytes, size.byteLength);
  whole.set([13, 10], whole.byteLength - 2);
  return whole;
}

/** How long a chunk gets before the next event is left to another one. None is split. */
export const CHUNK_SIZE = 64 * 1024;

const textEncoder = new TextEncoder();

// By their first event. So few that they cost no memory to speak of; enough for those who read a history at the same time.
const recent = new Map<WireEvent, EventsChunk>();
const MAX_RECENT = 16;
