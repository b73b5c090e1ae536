/** What the server answers and tells, which is not to be trusted: read, or refused. */
import { isRunId } from "../../events/identifiers.ts";
import {
  lossesBetween,
  type News,
  type Notice,
  type Place,
  type Reading,
  type Stored,
  type StoredEvent,
  type StoredRun,
} from "../remote/store.ts";
import { readEvent } from "../remote/stored_entry.ts";
import { builtinOf } from "../../runtime/realm.ts";

/** @throws {Error} If it is not an answer to a batch. */
export function readStored(reply: unknown): Stored {
  if (Array.isArray(reply)) return { fenced: numberOf(textOf(reply[0])) };
  const text = textOf(reply);
  if (text === "stored" || text === "duplicate" || text === "closed") return text;
  throw unexpected();
}

/** @throws {Error} If it is not an answer to a claim. */
export function readEpoch(reply: unknown): number {
  return numberOf(textOf(reply));
}

/**
 * What a run has, without what can be no entry of ours, which is counted.
 *
 * @throws {Error} If it is not an answer to a question for a page.
 */
export function readPage(reply: unknown, after: number): Reading & { strange: number } {
  const [name, total, epoch, head, closed, ...entries] = listOf(reply);
  const place = { epoch: textOf(name) === "" ? "" : epochOf(name), order: numberOf(total) };
  if (epoch === undefined) return { page: null, place, strange: 0 };
  const events: StoredEvent[] = [];
  let strange = 0;
  // The newest comes first.
  for (const entry of entries.reverse()) {
    const [, seq, order, text] = ENTRY.exec(textOf(entry) ?? "") ?? [];
    if (text === undefined || Number(order) > place.order) strange++;
    else if (Number(seq) > after) {
      events.push({ ...readEvent(text, Number(seq)), order: Number(order) });
    }
  }
  return {
    page: { epoch: epochOf(epoch), head: numberOf(head), closed: numberOf(closed) === 1, events },
    place,
    strange,
  };
}

/**
 * The runs that are held, without those whose names cannot be ours.
 *
 * @throws {Error} If it is not an answer to a question for the runs.
 */
export function readRuns(reply: unknown): StoredRun[] {
  const fields = listOf(reply);
  const runs: StoredRun[] = [];
  for (let i = 0; i + 5 < fields.length; i += 6) {
    const runId = textOf(fields[i]);
    if (!isRunId(runId)) continue;
    const [epoch, head, closed, started, completed] = fields.slice(i + 1, i + 6);
    runs.push({
      runId,
      epoch: epochOf(epoch),
      head: numberOf(head),
      closed: numberOf(closed) === 1,
      started: readKept(started),
      completed: readKept(completed),
    });
  }
  return runs;
}

/**
 * What happened since a place, without what can be no notice of ours.
 *
 * @throws {Error} If it is not an answer to a question for news.
 */
export function readNews(reply: unknown, since: Place | null): News {
  const [name, total, ...texts] = listOf(reply);
  const place = { epoch: epochOf(name), order: numberOf(total) };
  if (since === null) return { place, notices: [], losses: [] };
  // The newest comes first.
  const notices = texts.reverse().map((text) => readNotice(textOf(text) ?? ""))
    .filter((notice) => notice?.span !== undefined) as Notice[];
  // How another order began is not known.
  const from = place.epoch === since.epoch ? since.order : notices[0]?.span?.from ?? place.order;
  return { place, notices, losses: lossesBetween(from, notices, place.order) };
}

/** What was told; null if it is not a notice. */
export function readNotice(text: string): Notice | null {
  const match = text.length > MAX_NOTICE_CHARS ? null : NOTICE.exec(text);
  if (match === null) return null;
  const [, kind, first, last, epoch, from, to, order, runId] = match;
  if (!isRunId(runId)) return null;
  return {
    runId,
    kind: KINDS[kind as keyof typeof KINDS],
    epoch: epoch === "-" ? "" : epoch!,
    first: Number(first),
    last: Number(last),
    span: order === "-" ? undefined : { epoch: order!, from: Number(from), to: Number(to) },
  };
}

const ENTRY = /^([1-9][0-9]{0,14})-([1-9][0-9]{0,14}) (.*)$/s;
const KEPT = /^([1-9][0-9]{0,14}) (.*)$/s;
const EPOCH = /^[A-Za-z0-9]{1,32}$/;
const NUMBER = "([0-9]{1,15})";
const NAME = "(-|[A-Za-z0-9]{1,32})";
const NOTICE = new RegExp(
  `^([cdx]) ${NUMBER} ${NUMBER} ${NAME} ${NUMBER} ${NUMBER} ${NAME} (\\S+)$`,
);
const MAX_NOTICE_CHARS = 300;
const KINDS = { c: "changed", d: "dropped", x: "evicted" } as const;

/** An event that is kept beside its run; undefined if there is none, or it is foreign. */
function readKept(value: unknown): StoredEvent | undefined {
  const [, seq, text] = KEPT.exec(textOf(value) ?? "") ?? [];
  return text === undefined ? undefined : { ...readEvent(text, Number(seq)), order: 0 };
}

function listOf(reply: unknown): unknown[] {
  if (Array.isArray(reply)) return reply;
  throw unexpected();
}

function epochOf(value: unknown): string {
  const text = textOf(value);
  if (text !== null && EPOCH.test(text)) return text;
  throw unexpected();
}

function numberOf(value: unknown): number {
  const number = typeof value === "bigint" || typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw unexpected();
}

/** Clients can be told to answer bytes. */
function textOf(value: unknown): string | null {
  if (builtinOf(value) === "Uint8Array") return new TextDecoder().decode(value as Uint8Array);
  return typeof value === "string" ? value : null;
}

function unexpected(): Error {
  return new Error("It answered something unexpected");
}
