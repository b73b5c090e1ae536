import { createReadStream } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { isControlEventType, isEventType, isRunId, parseEventId } from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { CliError } from "./exit_code.ts";
import { isDatabase, openDatabase } from "./place.ts";

/**
 * The events of a recording, one line at a time, or of a run in a file of `sqliteBus()`: of its newest if none is named.
 *
 * @param file A path, or `-` for standard input.
 * @throws {CliError} If the file cannot be read, or a line is not an event.
 */
export async function* readRecording(
  file: string,
  runId: string | null = null,
): AsyncGenerator<StreamEvent> {
  if (isDatabase(file)) return yield* readDatabase(file, runId);
  const input = file === "-" ? process.stdin : createReadStream(file);
  const failure = new Promise<never>((_, reject) => input.once("error", reject));
  // It is listened to only while a line is awaited.
  failure.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  try {
    for (let number = 1;; number++) {
      const next = await Promise.race([lines.next(), failure]);
      if (next.done) return;
      if (next.value.trim() !== "") yield readLine(next.value, `${file} line ${number}`);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError(
      `cannot read ${file}: ${code === "ENOENT" ? "there is no such file" : message}`,
    );
  } finally {
    input.destroy();
  }
}

async function* readDatabase(file: string, runId: string | null): AsyncGenerator<StreamEvent> {
  const bus = await openDatabase(file);
  try {
    const named = runId ?? (await bus.findRuns({ limit: 1 })).runs[0]?.run_id;
    if (named !== undefined) yield* bus.exportRun(named);
  } finally {
    await bus.close();
  }
}

function readLine(line: string, place: string): StreamEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new CliError(`${place}: this is not JSON`);
  }
  if (!isEvent(value)) throw new CliError(`${place}: this is not an event of Locus`);
  return value;
}

function isEvent(value: unknown): value is StreamEvent {
  if (typeof value !== "object" || value === null) return false;
  const { event_id, run_id, event_type, timestamp, data } = value as Record<string, unknown>;
  return typeof event_id === "string" && parseEventId(event_id) !== null &&
    (isRunId(run_id) || run_id === "*") &&
    (isEventType(event_type) || isControlEventType(event_type)) &&
    typeof timestamp === "string" && !Number.isNaN(Date.parse(timestamp)) &&
    typeof data === "object" && data !== null;
}
