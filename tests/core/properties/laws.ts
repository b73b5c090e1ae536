/**
 * The laws that everything holds to that a bus delivers, whatever interleaving led to it. They know only what
 * was published, in which order, and what somebody was given.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { AnyEvent } from "../../harness/support/read.ts";
import { placeOf } from "./driver.ts";
import { selects } from "./program.ts";
import type { Race } from "./race.ts";
import type { Reader, Start } from "./reader.ts";

/** Somebody who was given events. */
interface Delivery {
  readonly who: string;
  readonly start: Start;
  readonly events: readonly AnyEvent[];
  /** The epoch of the log that was read; null where that is not known. */
  readonly epoch: string | null;
  /** Whether it stayed until the log was closed. */
  readonly isComplete: boolean;
}

/** Everything published to one run, or to all, and where in it each incarnation began. */
class Track {
  readonly numbers: readonly number[];
  readonly types: readonly string[];
  readonly #indexes: ReadonlyMap<number, number>;
  readonly #offsets = new Map<string, number>();

  constructor({ driver }: Race, run: number | null) {
    const own = driver.published.filter((event) => run === null || event.run === run);
    this.numbers = own.map(({ n }) => n);
    this.types = own.map(({ type }) => type);
    this.#indexes = new Map(this.numbers.map((n, index) => [n, index]));
  }

  indexOf(event: AnyEvent, who: string): number {
    const index = this.#indexes.get(event.data.n as number);
    assert(index !== undefined, `${who} was given an event that is none of its run's`);
    return index;
  }

  /** How many of these events were published before `count` events of all runs were. */
  before(count: number, { driver }: Race): number {
    const last = driver.published[count - 1]?.n ?? -1;
    const later = this.numbers.findIndex((n) => n > last);
    return later === -1 ? this.numbers.length : later;
  }

  /** Notes where an incarnation begins; whoever says something else later is wrong. */
  note(epoch: string, offset: number, who: string): void {
    assertEquals(this.#offsets.get(epoch) ?? offset, offset, `${who} numbers events unlike others`);
    this.#offsets.set(epoch, offset);
  }

  offsetOf(epoch: string | null): number | undefined {
    return epoch === null ? undefined : this.#offsets.get(epoch);
  }
}

/** Where a delivery began and ended in its track. */
export interface Walked {
  readonly who: string;
  readonly from: number;
  readonly to: number;
  readonly delivered: number;
  readonly missing: number;
  readonly delivery: Delivery;
}

/**
 * Walks along everything that everybody was given: each event has to be the next one that the reader selects,
 * and each gap has to begin where delivery stopped and to count exactly what it jumps over.
 */
export function walkAll(race: Race): Walked[] {
  const deliveries = [...readersOf(race), ...handlersOf(race)];
  const runs = new Set(deliveries.map(({ start }) => start.run));
  const walked: Walked[] = [];
  for (const run of runs) {
    const track = new Track(race, run);
    const own = deliveries.filter(({ start }) => start.run === run);
    if (run !== null) { for (const delivery of own) noteOffsets(track, delivery); }
    for (const delivery of own) {
      const from = startOf(delivery, track, race);
      if (from !== undefined) walked.push(walk(delivery, track, from));
    }
  }
  return walked;
}

function walk(delivery: Delivery, track: Track, from: number): Walked {
  const { who, events, start, epoch } = delivery;
  let at = from;
  let delivered = 0;
  let missing = 0;
  // Gaps of the stream of all runs count places in the order of the bus.
  let offset = start.run === null
    ? 0
    : track.offsetOf(epoch) ?? (start.at === null ? undefined : from - start.at);
  const skipTo = (to: number) => {
    for (; at < to; at++) {
      const isWanted = selects(start.select, track.types[at]!);
      assert(!isWanted, `${who} was not given event ${track.numbers[at]}`);
    }
  };
  for (const event of events) {
    if (event.event_type === "bus.gap") {
      const { from_seq, to_seq, count } = event.data as { [key: string]: number };
      assertEquals(count, to_seq! - from_seq! + 1, `${who}: a gap counts what it names`);
      assertEquals(placeOf(event.event_id).seq, to_seq, `${who}: a gap's id is its last event's`);
      if (offset === undefined) offset = at - (from_seq! - 1);
      skipTo(offset + from_seq! - 1);
      assertEquals(offset + from_seq! - 1, at, `${who}: a gap begins where delivery stopped`);
      at = offset + to_seq!;
      missing += count!;
    } else {
      const index = track.indexOf(event, who);
      assert(index >= at, `${who} was given event ${event.data.n} twice, or out of order`);
      skipTo(index);
      assert(selects(start.select, event.event_type), `${who} selected ${event.event_type}`);
      at = index + 1;
      delivered++;
    }
  }
  return { who, from, to: at, delivered, missing, delivery };
}

/** Where in its track a delivery has to begin; undefined if nothing tells. */
function startOf(
  { start, epoch, who }: Delivery,
  track: Track,
  race: Race,
): number | undefined {
  const isLive = start.from === "live" && start.after === null;
  if (isLive) return track.before(start.joinedAt, race);
  const offset = start.run === null ? 0 : track.offsetOf(epoch);
  if (start.after === null || offset === undefined) return offset;
  const cursor = placeOf(start.after);
  const reader = race.driver.readers.find((reader) => reader.start === start);
  if (reader?.subscription.recovery === "restarted") return offset;
  assertEquals(cursor.epoch, epoch, `${who} goes on in the life that its cursor is of`);
  return Math.min(offset + cursor.seq, track.before(start.joinedAt, race));
}

function noteOffsets(track: Track, { events, who }: Delivery): void {
  for (const event of events) {
    if (event.event_type === "bus.gap") continue;
    const { epoch, seq } = placeOf(event.event_id);
    track.note(epoch, track.indexOf(event, who) - (seq - 1), who);
  }
}

function readersOf({ driver }: Race): Delivery[] {
  return driver.readers.map((reader, index) => ({
    who: `reader ${index}`,
    start: reader.start,
    events: reader.events,
    epoch: placeOf(reader.subscription.cursor).epoch,
    isComplete: reader.subscription.ended === "closed",
  }));
}

function handlersOf({ driver }: Race): Delivery[] {
  return driver.handlers.map((handler, index) => ({
    who: `handler ${index}`,
    start: handler.start,
    events: handler.calls,
    epoch: handler.calls.length === 0 || handler.run === null
      ? null
      : placeOf(handler.calls[0]!.event_id).epoch,
    isComplete: !handler.hasLeft,
  }));
}

/** How many events of its track had been published when what a delivery read was closed. */
export function closedAt(race: Race, { start }: Delivery): number {
  return new Track(race, start.run).before(race.lives.get(start)!.closedAt, race);
}

/** The answers of a reader, in order, without what it was given. */
export function endsOf(reader: Reader): string {
  return reader.answers.map((answer) => typeof answer === "string" ? "." : "e").join("");
}
