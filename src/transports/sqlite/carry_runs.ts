import type { ImportedRuns } from "../../core/bus/bus.ts";
import { copyPayload } from "../../core/copy_payload.ts";
import { isEventType, isRunId, parseEventId } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import type { NewEvent } from "./work.ts";

export interface ImportOptions {
  readonly maxEventBytes: number;
  readonly isKnown: (runId: string) => boolean;
  /** Stores events, after so many that are missing before them. */
  readonly store: (runId: string, lost: number, events: NewEvent[]) => Promise<void>;
  readonly close: (runId: string) => void;
}

/** Stores recorded runs. What the recording says to be missing is missing here as well. */
export async function importRuns(
  values: Iterable<unknown> | AsyncIterable<unknown>,
  { maxEventBytes, isKnown, store, close }: ImportOptions,
): Promise<ImportedRuns> {
  const result: ImportedRuns = {
    imported: Object.create(null),
    skipped: Object.create(null),
    invalid: 0,
  };
  const { imported, skipped } = result;
  let runId = "";
  let batch: NewEvent[] = [];
  let lost = 0;
  const flush = async () => {
    if (batch.length > 0 || lost > 0) await store(runId, lost, batch);
    imported[runId] = (imported[runId] ?? 0) + batch.length;
    batch = [];
    lost = 0;
  };
  for await (const value of values) {
    const { run_id, event_type: type, timestamp, data } = Object(value);
    // Other control events are about a connection.
    if (type === "bus.heartbeat" || type === "bus.error") continue;
    const time = Date.parse(timestamp);
    const isControl = type === "bus.gap" || type === "bus.end";
    if (!isRunId(run_id) || !(isControl || (isEventType(type) && !Number.isNaN(time)))) {
      result.invalid++;
      continue;
    }
    if (run_id !== runId) {
      if (runId !== "") await flush();
      runId = run_id;
    }
    if (skipped[runId] !== undefined || (imported[runId] === undefined && isKnown(runId))) {
      skipped[runId] = (skipped[runId] ?? 0) + (isControl ? 0 : 1);
      runId = "";
      continue;
    }
    imported[runId] ??= 0;
    if (!isControl) {
      batch.push({ type, time, captured: copyPayload(data, maxEventBytes), seq: 0, order: 0 });
      if (batch.length >= AT_ONCE) await flush();
      continue;
    }
    await flush();
    const { count, reason } = Object(data);
    if (type === "bus.gap") lost += Number.isSafeInteger(count) && count > 0 ? count : 0;
    else if (reason === "closed") close(runId);
  }
  if (runId !== "") await flush();
  return result;
}

/** The events of a subscription up to a place, without waiting for others. */
export async function* upTo(
  cursor: string,
  subscribe: () => AsyncIterable<StreamEvent>,
): AsyncGenerator<StreamEvent, void, undefined> {
  const head = parseEventId(cursor)?.seq ?? 0;
  if (head === 0) return;
  for await (const event of subscribe()) {
    yield event;
    if ((parseEventId(event.event_id)?.seq ?? head) >= head) return;
  }
}

const AT_ONCE = 500;
