import type { Context } from "hono";
import type { AppendingBus, Bus, Producer } from "../../core/bus/bus.ts";
import { checkCount, checkOptions } from "../../core/options.ts";
import { isRunId } from "../../events/identifiers.ts";
import type { AnyEvents } from "../../events/own_events.ts";
import { parseOwnPayload } from "../../events/own_payload.ts";
import type { EventDraft } from "../../events/stream_event.ts";
import { parseJson, readText } from "../http/body.ts";
import { Refusal } from "../http/responses.ts";
import type { Access } from "./access.ts";
import { isError } from "../../runtime/realm.ts";
import { closedWords, type RunItem, storeEvents } from "./store_events.ts";

/** Options of taking events in. */
export interface IngestOptions {
  /** How large a request may be, in bytes. @default {1048576} */
  maxBodyBytes?: number;
  /** How many events it may hold. @default {1000} */
  maxEvents?: number;
}

/** The options, complete. */
export interface IngestSettings extends Required<IngestOptions> {
  /** Whose schemas check payloads; undefined for those of the bus. */
  readonly events?: AnyEvents;
}

/** Those events of a request that are not stored, by their place in it, counted from 0. */
type Rejected = { readonly index: number; readonly error: string };

/** What became of the events of one request. */
export interface IngestResult {
  /** How many are stored. */
  readonly accepted: number;
  readonly rejected: readonly Rejected[];
  /** With a producer: whether the request was stored before, and nothing of it now. */
  readonly duplicate?: boolean;
  /** Why nothing of a run was stored, where another holder of the producer's name has taken over. */
  readonly error?: string;
  /** That one's epoch. */
  readonly epoch?: number;
}

/** Who sent a request, and who is told of what fails. */
export interface IngestSender {
  readonly producer: Producer | undefined;
  readonly report: (error: unknown) => string;
}

/** The types of content that hold events: one or a list of them, or one a line. */
export const INGEST_TYPES = ["application/json", "application/x-ndjson"];

/** Checks the options and fills in what is missing. */
export function readIngestOptions(
  owner: string,
  options: true | IngestOptions,
  events: AnyEvents | undefined,
): IngestSettings {
  const given = options === true ? {} : options;
  checkOptions(`${owner}: ingest`, given, ["maxBodyBytes", "maxEvents"]);
  const { maxBodyBytes = 1024 * 1024, maxEvents = 1_000 } = given;
  checkCount(owner, "ingest.maxBodyBytes", maxBodyBytes, 1);
  checkCount(owner, "ingest.maxEvents", maxEvents, 1);
  return { maxBodyBytes, maxEvents, events };
}

/**
 * Publishes the events of a request, in their order within each run.
 *
 * A request that is refused as a whole has published nothing, but for 503: then it is not known what is stored.
 *
 * @throws {Refusal} If the request as a whole cannot be taken: 400, 408, 413, 415; 404 if its sender may publish
 * to none of its runs; 503 if the bus did not store it in time.
 */
export async function ingest(
  c: Context,
  bus: Bus,
  { maxBodyBytes, maxEvents, events = bus.events }: IngestSettings,
  access: Access,
  sender: IngestSender,
): Promise<IngestResult> {
  const items = readItems(c, await readText(c, maxBodyBytes));
  if (items.length > maxEvents) {
    throw new Refusal(413, `A request must not hold more than ${maxEvents} events`);
  }
  const runs = new Set(items.map(runIdOf).filter((runId) => runId !== null));
  const allowed = await access.allowed(c, runs);
  if (runs.size > 0 && allowed.size === 0) throw new Refusal(404, "Not found");
  // Loaded on first use: a server without ingest needs no schemas.
  const { parseEventDraft } = await import("../../events/schemas.ts");
  const read = items.map((item) => {
    const runId = runIdOf(item);
    // What is wrong with an event of another's run is not for its sender to know.
    if (runId !== null && !allowed.has(runId)) return "Not found";
    try {
      if (item instanceof Refusal) return item.message;
      return isEnd(item) ? item : withOwnPayload(events, parseEventDraft(item));
    } catch (error) {
      if (isError(error) && error.name === "TypeError") return error.message;
      throw error;
    }
  });
  if (canAppend(bus)) return appendAll(bus, read, sender);
  const closed = new Set((await bus.runs()).flatMap((run) => run.closed ? [run.run_id] : []));
  return publishAll(bus, read, closed);
}

/** @throws {TypeError} If the payload is not what the schema of its type wants. */
function withOwnPayload(events: AnyEvents | undefined, draft: EventDraft): EventDraft {
  if (events === undefined) return draft;
  const data = parseOwnPayload(events, draft.event_type, draft.data);
  return { ...draft, data: data as EventDraft["data"] };
}

/** What was read of a request; a text is why the event in its place is not published. */
type Read = readonly (EventDraft | End | string)[];

function canAppend(bus: Bus): bus is AppendingBus {
  return typeof (bus as Partial<AppendingBus>).append === "function";
}

/** Waits until everything is stored, once for a producer. */
async function appendAll(
  bus: AppendingBus,
  drafts: Read,
  { producer, report }: IngestSender,
): Promise<IngestResult> {
  const rejected: Rejected[] = [];
  const runs = new Map<string, RunItem[]>();
  drafts.forEach((draft, index) => {
    if (typeof draft === "string") return rejected.push({ index, error: draft });
    const items = runs.get(draft.run_id) ?? [];
    runs.set(draft.run_id, items);
    items.push({ index, draft: isEnd(draft) ? null : draft });
  });
  const outcomes = await storeEvents(bus, runs, producer, report);
  rejected.push(...outcomes.flatMap((outcome) => outcome.rejected));
  rejected.sort((a, b) => a.index - b.index);
  const result = { accepted: drafts.length - rejected.length, rejected };
  if (producer === undefined) return result;
  const epochs = outcomes.map(({ fencedBy }) => fencedBy).filter((epoch) => epoch !== null);
  if (epochs.length > 0) {
    const epoch = Math.max(...epochs);
    const what = `Producer "${producer.id}" has epoch ${epoch} by now`;
    return { error: `${what}, and this request has ${producer.epoch ?? 0}`, epoch, ...result };
  }
  const duplicate = outcomes.length > 0 && outcomes.every(({ isDuplicate }) => isDuplicate);
  return { ...result, duplicate };
}

function publishAll(bus: Bus, drafts: Read, closed: Set<string>): IngestResult {
  const rejected: Rejected[] = [];
  drafts.forEach((draft, index) => {
    if (typeof draft === "string") rejected.push({ index, error: draft });
    else if (closed.has(draft.run_id)) {
      rejected.push({ index, error: closedWords(draft.run_id) });
    } else if (isEnd(draft)) {
      bus.closeStream(draft.run_id);
      closed.add(draft.run_id);
    } else bus.publish<string>(draft);
  });
  return { accepted: drafts.length - rejected.length, rejected };
}

/** The end of a run on another bus: the only control event that is accepted. */
interface End {
  readonly run_id: string;
  readonly event_type: "bus.end";
}

function isEnd(value: unknown): value is End {
  const { run_id: runId, event_type: type } = (value ?? {}) as Partial<End>;
  return type === "bus.end" && isRunId(runId);
}

/** The events of a body; a line that is not JSON is why. */
function readItems(c: Context, text: string): unknown[] {
  if (c.req.header("Content-Type")?.includes("ndjson")) {
    return text.split("\n").filter((line) => line.trim() !== "").map(parseLine);
  }
  const body = parseJson(text);
  return Array.isArray(body) ? body : [body];
}

function parseLine(line: string): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The run that an event is of; null if it names none. */
function runIdOf(item: unknown): string | null {
  const { run_id: runId } = (item ?? {}) as { run_id?: unknown };
  return isRunId(runId) ? runId : null;
}
