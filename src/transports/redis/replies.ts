/** What the server answers and tells, which is not to be trusted: read, or refused. */
import { isRunId } from "../../events/identifiers.ts";
import type { Notice, Page, Stored, StoredEvent, StoredRun } from "../remote/store.ts";

/** An event as it is written into a stream: what comes before the payload has no spaces. */
export function writeEvent({ type, time, data }: { type: string; time: number; data: string }) {
  return `${type} ${time} ${data}`;
}

/** @throws {Error} If it is no answer to a batch. */
export function readStored(reply: unknown): Stored {
  if (textOf(reply) === "closed") return "closed";
  return { head: numberOf(reply) };
}

/**
 * What a run has, without what can be no entry of ours, which is counted.
 *
 * @throws {Error} If it is no answer to a question for a page.
 */
export function readPage(reply: unknown): { page: Page; strange: number } | null {
  if (reply === null) return null;
  const [epoch, head, closed, ...entries] = listOf(reply);
  const events: StoredEvent[] = [];
  let strange = 0;
  // The newest comes first.
  for (let i = entries.length - 2; i >= 0; i -= 2) {
    const seq = ENTRY_ID.exec(textOf(entries[i]) ?? "")?.[1];
    if (seq === undefined) strange++;
    else events.push(readEvent(Number(seq), textOf(entries[i + 1])));
  }
  return {
    page: { epoch: epochOf(epoch), head: numberOf(head), closed: numberOf(closed) === 1, events },
    strange,
  };
}

/**
 * The runs that are held, without those whose names cannot be ours.
 *
 * @throws {Error} If it is no answer to a question for the runs.
 */
export function readRuns(reply: unknown): StoredRun[] {
  const fields = listOf(reply);
  const runs: StoredRun[] = [];
  for (let i = 0; i + 3 < fields.length; i += 4) {
    const runId = textOf(fields[i]);
    if (!isRunId(runId)) continue;
    const [epoch, head, closed] = fields.slice(i + 1, i + 4);
    runs.push({
      runId,
      epoch: epochOf(epoch),
      head: numberOf(head),
      closed: numberOf(closed) === 1,
    });
  }
  return runs;
}

/** What was told on the channel of a run, or on that of all runs; null if it is no notice. */
export function readNotice(text: string, channelRunId: string | null): Notice | null {
  const match = text.length > MAX_NOTICE_CHARS ? null : NOTICE.exec(text);
  if (match === null) return null;
  const [, kind, first, named] = match;
  const runId = channelRunId ?? named;
  if (!isRunId(runId)) return null;
  return { runId, kind: KINDS[kind as keyof typeof KINDS], first: Number(first) };
}

const ENTRY_ID = /^([1-9][0-9]{0,14})-0$/;
const EPOCH = /^[A-Za-z0-9]{1,32}$/;
const NOTICE = /^([cdx]) ([0-9]{1,15})(?: (\S+))?$/;
const MAX_NOTICE_CHARS = 150;
const KINDS = { c: "changed", d: "dropped", x: "evicted" } as const;

function readEvent(seq: number, text: string | null): StoredEvent {
  const [type, time, data] = text === null ? [] : splitTwice(text);
  return { seq, type, time: time === undefined ? undefined : Number(time), data };
}

function splitTwice(text: string): string[] {
  const first = text.indexOf(" ");
  const second = text.indexOf(" ", first + 1);
  if (first < 0 || second < 0) return [];
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
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
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return typeof value === "string" ? value : null;
}

function unexpected(): Error {
  return new Error("It answered something unexpected");
}
