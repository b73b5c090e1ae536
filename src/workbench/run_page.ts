import { checkOptions } from "../core/options.ts";
import { parseEventId } from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import type { Redactor } from "../redaction/redactor.ts";
import { fillPage } from "./run_file.ts";

/** Options of {@linkcode runPage}. */
export interface RunPageOptions {
  /** Takes secrets out of what the events say, also of what was stored with them. @default {one for known secrets} */
  redactor?: Redactor;
}

/**
 * Runs as one HTML file: the workbench with these events in it. Open it from disk, attach it to an issue, keep it with
 * the results of a test.
 *
 * - **Self-contained:** it needs no server and makes no request; its policy forbids any.
 * - **Inert:** nothing that an event says is markup or code in it.
 * - **Size:** about 200 kB, and the events.
 *
 * @param events Of one run or several: a subscription, which is read to its end, or `bus.history()`, which has the newest
 * first.
 * @returns The text of the file.
 * @throws {TypeError} If an option is unknown.
 *
 * @example Keep the run of a test that failed
 * ```ts
 * import { EventBus, withRun } from "@locus/core";
 * import { runPage } from "@locus/core/workbench";
 * import { assert } from "@std/assert";
 *
 * const bus = new EventBus();
 * await withRun({ bus, runId: "test-1" }, (run) => run.emit("shop.paid", { amount: 10 }));
 * const html = await runPage(bus.subscribe("test-1"));
 * // await writeFile("test-1.html", html);
 * assert(html.startsWith("<!doctype html>"));
 * ```
 */
export async function runPage(
  events: Iterable<StreamEvent> | AsyncIterable<StreamEvent>,
  options: RunPageOptions = {},
): Promise<string> {
  checkOptions("runPage()", options, ["redactor"]);
  // Both are large, and few programs want them.
  const redactor = options.redactor ?? await loadRedactor();
  const { page } = await import("./run_page_asset.ts");
  const list: StreamEvent[] = [];
  for await (const event of events) list.push(event);
  return fillPage(page, redactedEvents(oldestFirst(list), redactor));
}

async function loadRedactor(): Promise<Redactor> {
  return (await import("../redaction/default_redactor.ts")).defaultRedactor();
}

function oldestFirst(events: readonly StreamEvent[]): readonly StreamEvent[] {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined) return events;
  const [from, to] = [parseEventId(first.event_id), parseEventId(last.event_id)];
  const isOneLog = first.run_id === last.run_id && from?.epoch === to?.epoch;
  const isReversed = isOneLog ? from!.seq > to!.seq : first.timestamp > last.timestamp;
  return isReversed ? events.toReversed() : events;
}

/** The events without secrets. What else stands in an envelope, somebody else has put there. */
export function* redactedEvents(
  events: Iterable<StreamEvent>,
  redactor: Pick<Redactor, "data">,
): Generator<StreamEvent> {
  for (const { event_id, run_id, event_type, timestamp, data, ...more } of events) {
    const envelope = { event_id, run_id, event_type, timestamp, ...redactor.data<object>(more) };
    yield { ...envelope, data: redactor.data<object>(data) } as StreamEvent;
  }
}
