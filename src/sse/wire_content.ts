import type { DirectReader } from "../core/log/direct_reader.ts";
import { BATCH_EVENTS } from "./batch_reader.ts";
import { type Batch, Chunk, CHUNK_SIZE, chunkOf } from "./chunk.ts";
import { ALL_RUNS, encodeError, encodeLive, makeEnd } from "./control_events.ts";
import { encodeEvent, encodeFrame, frameText, type WireEvent } from "./encoder.ts";
import { joinChunks } from "./join_chunks.ts";
import { reportError } from "./report_error.ts";
import type { StreamSettings } from "./stream_options.ts";

/** What a connection is sent, and where it begins. */
export interface WireContentOptions {
  readonly reader: DirectReader<WireEvent>;
  /** What was taken already. */
  readonly first: Batch | null;
  /** Where the subscription started. */
  readonly startCursor: string;
  /** Written before everything else. */
  readonly opening: readonly Bytes[];
  readonly settings: Pick<StreamSettings, "encode" | "encodeFailure" | "onError">;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What one connection is sent, in its order: taken from the log when somebody asks for it. */
export class WireContent {
  readonly #settings: WireContentOptions["settings"];
  readonly #reader: DirectReader<WireEvent>;

  #opening: readonly Bytes[];
  #batch: Batch | null;
  #index = 0;
  // Of several runs: those whose end was written.
  #overs: Set<string> | undefined;
  // The last words, if any; null while more may come.
  #ending: readonly Bytes[] | null = null;
  #hasFailed = false;

  // What the client would send if it came back now.
  #sentCursor: string;
  // Where the subscription was at the last heartbeat, if no batch came since.
  #quietCursor: string | null = null;
  // Whether the subscription has taken what was there at its opening.
  #isCaughtUp = false;
  // Whether `bus.live` was sent, or is to be; null where it has no place on this wire.
  #live: "pending" | "due" | "sent" | null;

  constructor({ reader, first, startCursor, opening, settings }: WireContentOptions) {
    this.#settings = settings;
    this.#reader = reader;
    this.#batch = first;
    this.#opening = opening;
    this.#sentCursor = startCursor;
    this.#live = settings.encode === undefined ? "pending" : null;
  }

  /** Whether nothing comes after what was given. */
  get isEnded(): boolean {
    return this.#ending !== null;
  }

  /** Whether everything that was there has been given, and it was not said. */
  get isLiveUnsaid(): boolean {
    return this.#live === "pending" && this.#isCaughtUp;
  }

  /** Says next that the stream is live. */
  sayLive(): void {
    this.#live = "due";
  }

  /** Calls back, once, when what was there at the opening has been taken. */
  whenCaughtUp(then: () => void): void {
    void this.#reader.caughtUp.then(() => {
      this.#isCaughtUp = true;
      then();
    });
  }

  /** Calls back, once, when there may be more. */
  park(wake: () => void): void {
    this.#reader.park(wake);
  }

  /** Gives the subscription back. */
  leave(): void {
    this.#reader.leave()?.then(undefined, (error) => void this.report(error));
  }

  /** Everything that there is, as one chunk of limited size; null while there is nothing. */
  next(): Chunk | null {
    const isOpened = this.#opening.length === 0;
    if (isOpened && this.#batch === null && this.#ending === null) this.#take();
    const before = this.#takeOpening();
    const events = this.#takeEvents();
    const ends = this.#batch === null ? this.#encodeEnds() : NOTHING;
    // The end is never known before the batch in front of it has been written.
    const last = this.#ending ?? NOTHING;
    if (before.length + ends.length + last.length === 0) return events;
    const bytes = events === null ? NOTHING : [events.bytes];
    return new Chunk(joinChunks([...before, ...bytes, ...ends, ...last]));
  }

  /** A comment; with the cursor, where that has moved over events which were not selected. */
  nextHeartbeat(): Chunk {
    const ends = this.#encodeEnds();
    const { cursor } = this.#reader;
    // One heartbeat late: a batch that was taken up to there, if any, has been written by now.
    const passed = this.#quietCursor;
    this.#quietCursor = cursor;
    const isMoved = passed !== null && passed !== this.#sentCursor;
    if (isMoved) this.#sentCursor = passed;
    else if (ends.length === 0) return HEARTBEAT;
    const beat = encodeFrame({ comment: "", id: isMoved ? passed : undefined });
    return new Chunk(joinChunks([...ends, beat]));
  }

  /** Ends with the failure. */
  fail(error: unknown): void {
    this.#hasFailed = true;
    // No event may follow one that cannot be sent, because the client would not notice that it is missing.
    this.#batch = null;
    const id = this.report(error);
    const { encodeFailure = (id) => encodeError(this.#reader.runId, id) } = this.#settings;
    this.#ending = [encodeFailure(id)];
  }

  report(error: unknown): string {
    return reportError(error, "stream", this.#settings.onError);
  }

  #take(): void {
    // What was there has been written: what is taken now came later.
    const isLate = this.isLiveUnsaid;
    try {
      const events = this.#reader.takeAll(BATCH_EVENTS);
      if (events === undefined) return this.#reader.atEnd ? this.#finish() : undefined;
      if (isLate) this.#live = "due";
      this.#quietCursor = null;
      this.#batch = { events, positions: this.#reader.cursors };
      this.#index = 0;
    } catch (error) {
      this.fail(error);
    }
  }

  /** Nothing more will come: says so, if that is why. */
  #finish(): void {
    this.leave();
    // `bus.end` is sent only if the run was closed. If the bus evicted the run, or for the stream of all runs, the
    // client must reconnect.
    const { ended, runId } = this.#reader;
    const isOver = ended === "closed" && runId !== ALL_RUNS;
    this.#ending = isOver ? [this.#encode(makeEnd(this.#reader))] : NOTHING;
  }

  #encode(event: WireEvent): Bytes {
    return (this.#settings.encode ?? encodeEvent)(event);
  }

  #takeOpening(): readonly Bytes[] {
    const opening = this.#opening;
    this.#opening = NOTHING;
    if (this.#live !== "due") return opening;
    this.#live = "sent";
    const { runId } = this.#reader;
    return [...opening, encodeLive({ runId, cursor: this.#sentCursor })];
  }

  /** The next events of the batch, until the chunk is large enough. */
  #takeEvents(): Chunk | null {
    if (this.#batch === null) return null;
    const { events, positions } = this.#batch;
    let chunk: Chunk;
    try {
      chunk = this.#settings.encode === undefined
        ? this.#encodeForAll(this.#batch)
        : this.#encodeOwn(events);
    } catch (error) {
      this.fail(error);
      return null;
    }
    const last = this.#index - 1;
    this.#sentCursor = positions?.[last] ?? events[last]!.event_id;
    if (this.#index === events.length) this.#batch = null;
    return chunk;
  }

  #encodeForAll(batch: Batch): Chunk {
    const chunk = chunkOf(batch, this.#index);
    this.#index += chunk.count;
    return chunk;
  }

  /** On a wire of its own, which may know what it has written before. */
  #encodeOwn(events: readonly WireEvent[]): Chunk {
    const frames: Bytes[] = [];
    let size = 0;
    while (this.#index < events.length && size < CHUNK_SIZE) {
      try {
        frames.push(this.#encode(events[this.#index]!));
      } catch (error) {
        if (frames.length === 0) throw error;
        this.fail(error);
        break;
      }
      this.#index++;
      size += frames.at(-1)!.byteLength;
    }
    return new Chunk(joinChunks(frames));
  }

  /** A `bus.end` for each of several runs that was closed, once. */
  #encodeEnds(): readonly Bytes[] {
    const { runs } = this.#reader;
    // After a failure, not everything that was taken is sent.
    if (runs === undefined || this.#hasFailed) return NOTHING;
    const overs = this.#overs ??= new Set();
    return runs.flatMap((run) => {
      if (run.ended !== "closed" || overs.has(run.runId)) return NOTHING;
      overs.add(run.runId);
      return new Chunk(frameText(makeEnd(run), this.#sentCursor)).bytes;
    });
  }
}

const NOTHING: readonly Bytes[] = [];
const HEARTBEAT = new Chunk(":\n\n", true);
