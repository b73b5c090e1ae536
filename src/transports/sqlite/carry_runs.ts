import { copyPayload } from "../../core/copy_payload.ts";
import { checkRunId } from "../../core/checks.ts";
import { describe } from "../../core/options.ts";
import { isEventType, parseEventId } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import type { NewEvent } from "./work.ts";

export interface ImportOptions {
  readonly maxEventBytes: number;
  /** Whether the bus has the run, or has had it. */
  readonly isKnown: (runId: string) => boolean;
  /** Stores events, after so many that are missing before them. */
  readonly store: (runId: string, lost: number, events: NewEvent[]) => Promise<void>;
}

/**
 * Stores a recorded run under the times of its events. What the recording says to be missing is missing here as well.
 *
 * @returns How many events were stored.
 */
export async function importRun(
  events: Iterable<StreamEvent> | AsyncIterable<StreamEvent>,
  { maxEventBytes, isKnown, store }: ImportOptions,
): Promise<number> {
  const owner = "SqliteBus.importRun()";
  let runId: string | null = null;
  let batch: NewEvent[] = [];
  let stored = 0;
  let lost = 0;
  const flush = async () => {
    if (batch.length > 0 || lost > 0) await store(runId!, lost, batch);
    stored += batch.length;
    batch = [];
    lost = 0;
  };
  for await (const event of events) {
    const { run_id, event_type: type, timestamp, data } = Object(event);
    checkRunId(owner, run_id);
    if (runId === null && isKnown(run_id)) {
      throw new Error(`${owner}: the bus has the run "${run_id}" already; drop its history first`);
    }
    runId ??= run_id as string;
    if (run_id !== runId) {
      throw new TypeError(
        `${owner}: expected events of "${runId}", got one of ${describe(run_id)}`,
      );
    }
    if (type === "bus.gap") {
      await flush();
      const { count } = Object(data);
      if (Number.isSafeInteger(count) && count > 0) lost += count;
      continue;
    }
    // Others of the bus are about a connection.
    if (typeof type === "string" && type.startsWith("bus.")) continue;
    const time = Date.parse(timestamp);
    if (!isEventType(type) || Number.isNaN(time)) {
      throw new TypeError(`${owner}: expected an event, got ${describe(event)}`);
    }
    batch.push({ type, time, captured: copyPayload(data, maxEventBytes), seq: 0, order: 0 });
    if (batch.length >= AT_ONCE) await flush();
  }
  await flush();
  return stored;
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
