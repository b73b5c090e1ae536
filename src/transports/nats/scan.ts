import { deferred } from "../../runtime/deferred.ts";
import { type Answer, ask, numberOf } from "./api.ts";
import type { NatsMessageLike } from "./connection.ts";
import type { Link } from "./link.ts";

export interface Scanned {
  readonly subject: string;
  readonly seq: number;
  readonly data: Uint8Array;
}

export interface ScanRequest {
  readonly stream: string;
  readonly subject: string;
  /** Subjects to read; all if undefined. */
  readonly filter: string | undefined;
  readonly from: number | "last of each";
  /** Up to which number; 0 for all that is there. */
  readonly to: number;
}

const STALLED_MS = 5_000;
const SECOND = 1_000_000_000;
// How long the server is silent before it says that it has nothing to send.
const IDLE = SECOND / 4;

/**
 * Reads messages of a stream in their order, as fast as they come: in two questions, however many they are. An
 * ordinary get takes one for each message.
 */
export async function scan(
  link: Link,
  { stream, subject, filter, from, to }: ScanRequest,
  take: (message: Scanned) => void,
): Promise<void> {
  const { promise: finished, resolve, reject } = deferred<void>();
  finished.catch(() => {});
  const giveUp = () => reject(new Error("NATS: a part of a stream did not come"));
  let timer = setTimeout(giveUp, STALLED_MS);
  let heard = 0;
  // What is sent while the connection is away is not sent again.
  const isNext = (count: number) => {
    if (count !== heard + 1) giveUp();
    return count === heard + 1;
  };
  const hear = (message: NatsMessageLike) => {
    if (message.headers?.code === 100) {
      const sent = answerStatus(link, message);
      return sent !== null && isNext(sent + 1) ? resolve() : undefined;
    }
    clearTimeout(timer);
    timer = setTimeout(giveUp, STALLED_MS);
    const place = placeOf(message);
    // Not of the stream.
    if (place === null || !isNext(place.count)) return;
    heard++;
    take({ subject: message.subject, seq: place.seq, data: message.data });
    if (place.pending === 0 || (to > 0 && place.seq >= to)) resolve();
  };
  const listening = link.subscribe(subject, hear);
  let consumer: Answer | null = null;
  try {
    consumer = await createConsumer(link, { stream, subject, filter, from });
    const delivered = numberOf((consumer["delivered"] as Answer | undefined)?.["consumer_seq"]);
    if (numberOf(consumer["num_pending"]) + delivered > 0) await finished;
  } finally {
    clearTimeout(timer);
    listening.unsubscribe();
    forgetConsumer(link, stream, consumer);
  }
}

export async function countSubjects(
  link: Link,
  request: Omit<ScanRequest, "from" | "to">,
): Promise<number> {
  const consumer = await createConsumer(link, { ...request, from: "last of each" });
  forgetConsumer(link, request.stream, consumer);
  return numberOf(consumer["num_pending"]);
}

function createConsumer(
  link: Link,
  { stream, subject, filter, from }: Omit<ScanRequest, "to">,
): Promise<Answer> {
  const policy = from === "last of each"
    ? { deliver_policy: "last_per_subject" }
    : { deliver_policy: "by_start_sequence", opt_start_seq: Math.max(1, from) };
  return ask(link, `CONSUMER.CREATE.${stream}`, {
    stream_name: stream,
    config: {
      ...policy,
      filter_subject: filter,
      deliver_subject: subject,
      ack_policy: "none",
      replay_policy: "instant",
      max_deliver: 1,
      mem_storage: true,
      num_replicas: 1,
      flow_control: true,
      idle_heartbeat: IDLE,
      inactive_threshold: 5 * SECOND,
    },
  });
}

/** Without anybody who listens the server forgets it by itself, but later. */
function forgetConsumer(link: Link, stream: string, consumer: Answer | null): void {
  const name = consumer?.["name"];
  if (typeof name !== "string") return;
  ask(link, `CONSUMER.DELETE.${stream}.${name}`, null).catch(() => {});
}

/**
 * Answers when the server waits until what it sent so far has come. How many messages it has sent, if it says that it has
 * no more, because what there was is deleted meanwhile; else null.
 */
function answerStatus(link: Link, { reply, headers }: NatsMessageLike): number | null {
  const stalled = reply || headers?.get("Nats-Consumer-Stalled");
  if (stalled) link.publish(stalled, "");
  return stalled ? null : numberOf(Number(headers?.get("Nats-Last-Consumer")));
}

/**
 * Where a message is in its stream, which of those that were sent it is, and how many come after it: that is in the
 * address for the answer.
 */
function placeOf({ reply = "" }: NatsMessageLike) {
  const tokens = reply.split(".");
  if (tokens[0] !== "$JS" || tokens[1] !== "ACK") return null;
  // Newer servers say the domain and the account, too.
  const at = tokens.length >= 11 ? 7 : 5;
  const [seq, count, pending] = [at, at + 1, at + 3].map((index) => Number(tokens[index]));
  const isPlace = [seq, count, pending].every(Number.isSafeInteger);
  return isPlace ? { seq: seq!, count: count!, pending: pending! } : null;
}
