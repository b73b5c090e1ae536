import { createReadStream } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import type { StreamEvent } from "../events/stream_event.ts";
import { CliError } from "./exit_code.ts";
import { EVENTS_START, readEventLine } from "../workbench/run_file.ts";
import { isDatabase, openDatabase } from "./place.ts";

/**
 * The events of a recording, one line at a time, or of a run in a file of `sqliteBus()`: of its newest if none is named.
 *
 * @param file A path, or `-` for standard input. A page that was exported is read like the lines in it.
 * @param onInvalid Told of a line that is not an event, which is left out then.
 * @throws {CliError} If the file cannot be read, or a line is not an event.
 */
export async function* readRecording(
  file: string,
  runId: string | null = null,
  onInvalid?: (error: Error) => void,
): AsyncGenerator<StreamEvent> {
  if (isDatabase(file)) return yield* readDatabase(file, runId);
  const input = file === "-" ? process.stdin : createReadStream(file);
  const failure = new Promise<never>((_, reject) => input.once("error", reject));
  // It is listened to only while a line is awaited.
  failure.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  try {
    let isBefore = false;
    for (let number = 1;; number++) {
      const next = await Promise.race([lines.next(), failure]);
      if (next.done) return;
      if (number === 1) isBefore = next.value.startsWith("<!doctype html>");
      if (isBefore) {
        isBefore = next.value !== EVENTS_START.trim();
        continue;
      }
      // No event begins so.
      if (next.value.startsWith("</script>")) return;
      if (next.value.trim() === "") continue;
      let event: StreamEvent;
      try {
        event = readEventLine(next.value, `${file} line ${number}`);
      } catch (error) {
        if (onInvalid === undefined) throw error;
        onInvalid(error as Error);
        continue;
      }
      yield event;
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (error instanceof TypeError) throw new CliError(error.message);
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
