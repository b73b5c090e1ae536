import type { Context } from "hono";
import type { ArchiveBus, Bus, ImportedRuns } from "../../core/bus/bus.ts";
import { isRunId } from "../../events/identifiers.ts";
import { parseJson, readLines } from "../http/body.ts";
import { Refusal } from "../http/responses.ts";
import type { Access } from "./access.ts";

/** A run as lines of JSON, as long as its reader takes them. @throws {Refusal} 400 if the bus keeps no archive. */
export function exportRun(bus: Bus & Partial<ArchiveBus>, runId: string): Response {
  const events = archiveOf(bus).exportRun(runId)[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await events.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await events.return?.();
    },
  });
  const headers = { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" };
  return new Response(body, { headers });
}

/**
 * Stores the recorded runs of a body, one event a line. Runs that the sender may not publish to are as if they were no
 * events.
 *
 * @throws {Refusal} 400 if the bus keeps no archive, or the body breaks off: of what came before, runs whose end had come stay stored.
 */
export async function importRuns(
  c: Context,
  bus: Bus & Partial<ArchiveBus>,
  maxLineBytes: number,
  access: Access,
): Promise<ImportedRuns> {
  return await archiveOf(bus).importRuns(read());

  async function* read(): AsyncGenerator<unknown> {
    const asked = new Map<string, boolean>();
    for await (const line of readLines(c, maxLineBytes)) {
      if (line.trim() === "") continue;
      const event = parse(line);
      const runId: unknown = Object(event).run_id;
      if (!isRunId(runId)) {
        yield null;
        continue;
      }
      if (!asked.has(runId)) {
        if (asked.size >= MAX_ASKED) asked.clear();
        asked.set(runId, await access.allows(c, runId));
      }
      yield asked.get(runId) ? event : null;
    }
  }
}

function archiveOf(bus: Bus & Partial<ArchiveBus>): ArchiveBus {
  if (bus.importRuns !== undefined) return bus as ArchiveBus;
  throw new Refusal(400, "This needs a bus that keeps an archive, such as sqliteBus()");
}

/** Null for a line that is not JSON, which counts as invalid. */
function parse(line: string): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

const MAX_ASKED = 10_000;
