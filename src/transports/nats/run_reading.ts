import type { Page, StoredEvent } from "../remote/store.ts";
import { type Message, readMessage, type RunState } from "./message.ts";
import type { RunStream } from "./stream.ts";
import { eventOrder, type StreamOrder } from "./stream_order.ts";

export interface Found {
  /** Follow each other, the newest last; none if all of them are foreign. */
  readonly messages: readonly Message[];
  /** The stream's number of the newest one, whatever it is. */
  readonly seq: number;
}

export interface Wanted {
  readonly after: number;
  readonly limit: number;
  readonly maxChars: number;
  /** What is known already: the messages up to a number of the stream, and the state behind them. */
  readonly known?: { readonly state: RunState; readonly seq: number };
  readonly onStrange: (count: number) => void;
}

const MAX_ATTEMPTS = 10;
const PAUSE_MS = 20;

/** Reads a run from the stream; null if the stream has nothing of it. */
export async function findRun(
  stream: RunStream,
  runId: string,
  wanted: Wanted,
): Promise<Found | null> {
  for (let attempts = 1;; attempts++) {
    const last = await stream.last(runId);
    if (last === null) return null;
    const { seq } = last;
    const newest = readMessage(last.data, seq);
    if (newest !== null && suffices(newest, wanted)) return { messages: [newest], seq };
    const messages = await readMessages(stream, runId, newest, seq, wanted);
    if (messages !== null) return { messages, seq };
    if (attempts >= MAX_ATTEMPTS) throw new Error(`NATS: run "${runId}" cannot be read to its end`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** The messages up to a number; null if it was not reached: it was deleted, or a replica has not got it yet. */
async function readMessages(
  stream: RunStream,
  runId: string,
  newest: Message | null,
  to: number,
  { after, limit, maxChars, known, onStrange }: Wanted,
): Promise<readonly Message[] | null> {
  const isKnown = newest !== null && known !== undefined && known.seq < to &&
    known.state.epoch === newest.state.epoch && known.state.head <= after;
  const messages: Message[] = [];
  let chars = 0;
  let events = 0;
  let strange = 0;
  let reached = 0;
  await stream.scan({ runId, from: isKnown ? known.seq + 1 : 1, to }, ({ seq, data }) => {
    reached = seq;
    if (seq > to) return;
    const message = readMessage(data, seq);
    const previous = messages.at(-1)?.state;
    const isSame = previous?.epoch === message?.state.epoch;
    if (message === null || (isSame && message.before < previous!.head)) return void strange++;
    // Another incarnation: those before are of no use any more.
    if (!isSame) events = chars = messages.length = 0;
    messages.push(message);
    chars += message.chars;
    events += message.events.length;
    while (
      messages.length > 1 && (chars > maxChars || events - messages[0]!.events.length >= limit)
    ) {
      const { chars: less, events: { length: fewer } } = messages.shift()!;
      chars -= less;
      events -= fewer;
    }
  });
  if (strange > 0) onStrange(strange);
  return reached < to ? null : messages;
}

/** What messages that follow each other tell; null if there are none. */
export function pageOf(
  messages: readonly Message[],
  after: number,
  limit: number,
  order: StreamOrder,
): Page | null {
  const newest = messages.at(-1)?.state;
  if (newest === undefined) return null;
  const { epoch, head, closed, dropped } = newest;
  const from = Math.max(after, dropped);
  const events = messages.flatMap((message) => eventsOf(message, order))
    .filter(({ seq }) => seq > from);
  return { epoch, head, closed, events: limit < events.length ? events.slice(-limit) : events };
}

function eventsOf({ seq, events }: Message, order: StreamOrder): StoredEvent[] {
  const count = events.length;
  return events.map((event, i) => ({ ...event, order: eventOrder(order, seq, i, count) }));
}

function suffices({ before, events, state }: Message, { after, limit }: Wanted): boolean {
  return before <= Math.max(after, state.dropped) || events.length >= limit;
}
