/**
 * Looking at a bus from outside: what was done to it is awaited until it shows, and no wait is for ever.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type {
  AppendingBus,
  Bus,
  EventFilter,
  HistoryOptions,
  StreamEvent,
  Subscription,
} from "@locus/core";
import type { AnyEvent } from "../harness/support/read.ts";
import { turn, until } from "../harness/support/until.ts";

/** A run that nobody else has. */
export function newRun(): string {
  return `contract-${crypto.randomUUID()}`;
}

/** The whole numbers from `from` to `to`. */
export function count(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

/** Publishes an event with each of the numbers. */
export function publish(bus: Bus, run: string, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: run, event_type: "test.tick", data: { n } });
}

/** Stores an event with each of the numbers: what is stored afterwards, in whatever run, comes after it. */
export async function store(bus: AppendingBus, run: string, ...numbers: number[]): Promise<void> {
  const drafts = numbers.map((n) => ({ run_id: run, event_type: "test.tick", data: { n } }));
  assertEquals(await bus.append(run, drafts), "stored");
}

/**
 * Publishes numbers from `first` on, with pauses, until something is so: for readers of which nobody can say
 * when exactly they joined. The last number.
 */
export async function publishUntil(
  bus: Bus,
  run: string,
  first: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<number> {
  for (let n = first;; n++) {
    publish(bus, run, n);
    await turn();
    if (await isSo()) return n;
    if (n > first + 300) throw new Error("Published three hundred events in vain");
  }
}

/** `promise`, or an error that says what was waited for. */
export async function within<T>(what: string, promise: Promise<T>, limitMs = 10_000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}`)), limitMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Everything that a subscription delivers until it ends. */
export function readAll(subscription: Subscription<StreamEvent>): Promise<AnyEvent[]> {
  const read = async () => {
    const events: AnyEvent[] = [];
    for await (const event of subscription) events.push(event as AnyEvent);
    return events;
  };
  return within("the end of a subscription", read());
}

/** What a subscription delivers up to the event of that number; it stays usable. */
export function readTo(subscription: Subscription<StreamEvent>, n: number): Promise<AnyEvent[]> {
  const read = async () => {
    const events: AnyEvent[] = [];
    for await (const event of subscription.values({ preventCancel: true })) {
      events.push(event as AnyEvent);
      if (events.at(-1)!.data.n === n) break;
    }
    return events;
  };
  return within(`event ${n}`, read());
}

/** Waits until a new reader of the run is given the event of that number. */
export async function arrived(bus: Bus, run: string, n: number): Promise<void> {
  const subscription = bus.subscribe(run);
  await readTo(subscription, n);
  await subscription.cancel();
}

/** Closes a run, and waits until a new reader comes to its end. */
export async function closed(bus: Bus, run: string): Promise<void> {
  bus.closeStream(run);
  await readAll(bus.subscribe(run));
}

/** Drops a run's history, and waits until it is empty. */
export async function dropped(bus: Bus, run: string): Promise<void> {
  bus.dropHistory(run);
  await until("the history is dropped", async () => (await historyOf(bus, { run })).length === 0);
}

/** What the history holds. */
export async function historyOf(
  bus: Bus,
  filter: EventFilter,
  options?: HistoryOptions,
): Promise<AnyEvent[]> {
  const events: readonly unknown[] = await bus.history(filter, options);
  return events as AnyEvent[];
}

/** The epoch in an event's id. */
export function epochOf({ event_id }: AnyEvent): string {
  return event_id.split("-")[0]!;
}
