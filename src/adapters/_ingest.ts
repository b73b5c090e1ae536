import type { Context } from "hono";
import type { Bus } from "../core/bus.ts";
import { checkCount, checkOptions } from "../core/options.ts";
import { isRunId } from "../events/identifiers.ts";
import type { EventDraft } from "../events/stream_event.ts";
import { parseJson, readText } from "./_body.ts";
import { Refusal } from "./_responses.ts";

/** Options of taking events in. */
export interface IngestOptions {
  /** How large a request may be, in bytes. @default {1048576} */
  maxBodyBytes?: number;
  /** How many events it may hold. @default {1000} */
  maxEvents?: number;
}

/** What became of the events of one request. */
export interface IngestResult {
  /** How many were published. */
  readonly accepted: number;
  /** Those that were not, by their place in the request, counted from 0. */
  readonly rejected: readonly { readonly index: number; readonly error: string }[];
}

/** The types of content that hold events: one or a list of them, or one a line. */
export const INGEST_TYPES = ["application/json", "application/x-ndjson"];

/** Checks the options and fills in what is missing. */
export function readIngestOptions(
  owner: string,
  options: true | IngestOptions,
): Required<IngestOptions> {
  const given = options === true ? {} : options;
  checkOptions(`${owner}: ingest`, given, ["maxBodyBytes", "maxEvents"]);
  const { maxBodyBytes = 1024 * 1024, maxEvents = 1_000 } = given;
  checkCount(owner, "ingest.maxBodyBytes", maxBodyBytes, 1);
  checkCount(owner, "ingest.maxEvents", maxEvents, 1);
  return { maxBodyBytes, maxEvents };
}

/**
 * Publishes the events of a request, in their order.
 *
 * @throws {Refusal} If the request as a whole cannot be taken: 400, 408, 413, 415; 404 if its sender may publish
 * to none of its runs.
 */
export async function ingest(
  c: Context,
  bus: Bus,
  { maxBodyBytes, maxEvents }: Required<IngestOptions>,
  isAllowed: (runId: string) => Promise<boolean>,
): Promise<IngestResult> {
  const items = readItems(c, await readText(c, maxBodyBytes));
  if (items.length > maxEvents) {
    throw new Refusal(413, `A request must not hold more than ${maxEvents} events`);
  }
  // Loaded when it is needed: who takes nothing in needs no schemas.
  const { parseEventDraft } = await import("../events/schemas.ts");
  const read = items.map((item) => {
    try {
      const value = item();
      return isEnd(value) ? value : parseEventDraft(value);
    } catch (error) {
      return reasonOf(error);
    }
  });
  const runs = new Set(read.flatMap((draft) => typeof draft === "string" ? [] : [draft.run_id]));
  const allowed = new Set<string>();
  for (const runId of runs) if (await isAllowed(runId)) allowed.add(runId);
  if (runs.size > 0 && allowed.size === 0) throw new Refusal(404, "Not found");
  const closed = new Set((await bus.runs()).flatMap((run) => run.closed ? [run.run_id] : []));
  return publishAll(bus, read, (runId) => {
    if (!allowed.has(runId)) return "Not found";
    return closed.has(runId) ? `Run "${runId}" is closed` : null;
  }, closed);
}

function publishAll(
  bus: Bus,
  drafts: readonly (EventDraft | End | string)[],
  objectionTo: (runId: string) => string | null,
  closed: Set<string>,
): IngestResult {
  const rejected: { index: number; error: string }[] = [];
  drafts.forEach((draft, index) => {
    const error = typeof draft === "string" ? draft : objectionTo(draft.run_id);
    if (error !== null) rejected.push({ index, error });
    else if (typeof draft === "string") return;
    else if (isEnd(draft)) {
      bus.closeStream(draft.run_id);
      closed.add(draft.run_id);
    } else bus.publish<string>(draft);
  });
  return { accepted: drafts.length - rejected.length, rejected };
}

/** The end of a run, as another bus says it: the only control event that is taken in. */
interface End {
  readonly run_id: string;
  readonly event_type: "bus.end";
}

function isEnd(value: unknown): value is End {
  const { run_id: runId, event_type: type } = (value ?? {}) as Partial<End>;
  return type === "bus.end" && isRunId(runId);
}

/** The events of a body, each to be read by itself. */
function readItems(c: Context, text: string): (() => unknown)[] {
  if (c.req.header("Content-Type")?.includes("ndjson")) {
    return text.split("\n").filter((line) => line.trim() !== "").map((line) => () =>
      parseJson(line)
    );
  }
  const body = parseJson(text);
  return (Array.isArray(body) ? body : [body]).map((item) => () => item);
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof TypeError) return error.message;
  throw error;
}
