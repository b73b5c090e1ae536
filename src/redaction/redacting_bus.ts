import type { AppendingBus, ArchiveBus, Bus, RunWriter } from "../core/bus/bus.ts";
import { copyPayload } from "../core/copy_payload.ts";
import { checkBus } from "../core/checks.ts";
import { enterPublish, leavePublish } from "../core/bus/nesting.ts";
import { describe, isArray } from "../core/options.ts";
import type { EventDraft, NoEvents } from "../events/stream_event.ts";
import { defaultRedactor } from "./default_redactor.ts";
import type { Redactor } from "./redactor.ts";

/**
 * A bus that takes secrets out of every payload before `bus` stores it. Everything else is done by `bus`.
 *
 * - **Covered:** all that is published through it, by your own code, by components and by ingest. Make it the
 *   default bus to cover every run.
 * - **Cost:** the payload is copied and searched before the bus copies it: microseconds for a small one.
 * - **Not covered:** a secret that is split over several events; an agent of ours redacts its streamed text
 *   itself, before it is cut into chunks.
 *
 * @param redactor What is secret. Known secrets if left out.
 * @throws {TypeError} If `bus` or `redactor` is none.
 *
 * @example All that is published in this process
 * ```ts
 * import { emit, EventBus, runContext, setEventBus } from "@locus/core";
 * import { redactingBus } from "@locus/core/redaction";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * setEventBus(redactingBus(bus));
 *
 * runContext(() => emit("shop.signed_in", { user: "ada", password: "hunter2" }));
 * assertEquals(bus.history()[0]?.data as object, { user: "ada", password: "[REDACTED]" });
 * ```
 */
export function redactingBus<E extends object = NoEvents>(
  bus: ArchiveBus<E>,
  redactor?: Redactor,
): ArchiveBus<E>;
/** The same for a bus that keeps no archive. */
export function redactingBus<E extends object = NoEvents>(
  bus: AppendingBus<E>,
  redactor?: Redactor,
): AppendingBus<E>;
/** The same for a bus of your own that has no `append()`. */
export function redactingBus<E extends object = NoEvents>(bus: Bus<E>, redactor?: Redactor): Bus<E>;
export function redactingBus<E extends object>(
  bus: Bus<E> & Partial<ArchiveBus<E>>,
  redactor: Redactor = defaultRedactor(),
): Bus<E> & Partial<ArchiveBus<E>> {
  checkBus("redactingBus(): expected", bus);
  if (typeof (redactor as Partial<Redactor> | null)?.data !== "function") {
    throw new TypeError(`redactingBus(): expected a redactor, got ${describe(redactor)}`);
  }
  const clean = (data: unknown): unknown => cleanPayload(redactor, data);
  return {
    events: bus.events,
    content: bus.content,
    maxEventBytes: bus.maxEventBytes,
    publish<T extends string>(draft: EventDraft<T, E>): void {
      bus.publish(cleanDraft(draft, clean));
    },
    writer(runId: string): RunWriter {
      const writer = bus.writer(runId);
      return { write: (eventType, data) => writer.write(eventType, clean(data)) };
    },
    append: bus.append && (async (runId, drafts, options) => {
      const cleaned = isArray(drafts) ? drafts.map((draft) => cleanDraft(draft, clean)) : drafts;
      return await bus.append!(runId, cleaned, options);
    }),
    canSearch: bus.canSearch,
    findRuns: bus.findRuns && ((options) => bus.findRuns!(options)),
    exportRun: bus.exportRun && ((runId) => bus.exportRun!(runId)),
    importRuns: bus.importRuns && ((events) => bus.importRuns!(cleanEvents(events, clean))),
    claim: bus.claim && ((runId, producerId) => bus.claim!(runId, producerId)),
    subscribe: (runId, options) => bus.subscribe(runId, options),
    subscribeGlobal: (options) => bus.subscribeGlobal(options),
    on: (selector, handler, options) => bus.on(selector, handler, options),
    waitFor: (selector, options) => bus.waitFor(selector, options),
    history: (selector, options) => bus.history(selector, options),
    runs: () => bus.runs(),
    drained: (runId, options) => bus.drained(runId, options),
    closeStream: (runId) => bus.closeStream(runId),
    dropHistory: (runId) => bus.dropHistory(runId),
    closeGlobal: () => bus.closeGlobal(),
    stats: () => bus.stats(),
  };
}

// Far more than the bus keeps of an event, so that what it cuts has been searched; but not without end.
const MAX_BYTES = 8 * 1024 * 1024;

/** The payload as JSON would send it, which nothing in it can keep from being searched. */
function cleanPayload(redactor: Redactor, data: unknown): unknown {
  // What is not an object is marked by the bus, with a preview that says nothing of it.
  if (typeof data !== "object" || data === null) return data;
  // What a redactor or a getter publishes comes here again.
  if (!enterPublish()) return { $placeholder: "depth" };
  try {
    return redactor.data(copyPayload(data, MAX_BYTES).data);
  } catch {
    // Somebody's replacement threw. Nothing unsearched may pass.
    return { $placeholder: "threw" };
  } finally {
    leavePublish();
  }
}

async function* cleanEvents(
  events: Iterable<unknown> | AsyncIterable<unknown>,
  clean: (data: unknown) => unknown,
): AsyncGenerator<unknown> {
  for await (const event of events) {
    const { run_id, event_type, timestamp, data } = Object(event);
    yield { run_id, event_type, timestamp, data: clean(data) };
  }
}

function cleanDraft<T extends string, E extends object>(
  draft: EventDraft<T, E>,
  clean: (data: unknown) => unknown,
): EventDraft<T, E> {
  if (!enterPublish()) return UNREADABLE as never;
  try {
    const { run_id, event_type, data } = draft;
    return { run_id, event_type, data: clean(data) as EventDraft<T, E>["data"] };
  } catch {
    return UNREADABLE as never;
  } finally {
    leavePublish();
  }
}

// What cannot be read here, the bus refuses and reports. It must not try to read it itself: it might succeed.
const UNREADABLE = undefined;
