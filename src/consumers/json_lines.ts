import type { AnyBus } from "../core/bus/bus.ts";
import { checkFunction, checkOptions, describe } from "../core/options.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { defaultRedactor } from "../redaction/default_redactor.ts";
import type { Redactor } from "../redaction/redactor.ts";
import { visibleJson } from "../view/visible.ts";
import { levelOf as defaultLevelOf, levelsFrom, type LogLevel } from "./levels.ts";
import { type LineSink, type LineWriter, lineWriter } from "./line_writer.ts";
import { listen, type Listening, LISTENING_OPTIONS, type ListeningOptions } from "./listening.ts";

/** Options of {@linkcode jsonLines}. */
export interface JsonLinesOptions extends ListeningOptions {
  /** Leave out what matters less. @default {"debug": nothing} */
  level?: LogLevel;
  /** How much an event matters. @default {levelOf} */
  levelOf?: (event: StreamEvent) => LogLevel;
  /** Put into each line, in front: `{ service: "shop" }`. @default {nothing} */
  fields?: Readonly<Record<string, unknown>>;
  /** Takes secrets out of payloads; null leaves them in. @default {one that knows known secrets} */
  redactor?: Redactor | null;
}

/**
 * Writes the events of a bus as lines of JSON: the event's five keys, after its `level`.
 *
 * - **Slow sink:** what it cannot take waits in the bus, which is bounded; what it missed is said by a line of
 *   its own, the `bus.gap` event, with the exact count. Publishing never waits.
 * - **A sink that fails:** a function is called again with the next line; a stream is given up.
 * - **Injection:** an event is one line, whatever is in it: line ends of all kinds, other control characters
 *   and marks that change the reading order are escaped.
 * - **Files** that rotate are a matter of your logger: hand in a function that calls it.
 *
 * @throws {TypeError} If the bus, the sink or an option is not valid.
 *
 * @example Log every run
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { jsonLines } from "@locus/core/consumers";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const lines: string[] = [];
 * const stop = jsonLines(bus, (line) => void lines.push(line)); // or process.stdout
 *
 * bus.publish({ run_id: "r1", event_type: "shop.signed_in", data: { user: "ada", password: "x" } });
 * stop();
 * await stop.done;
 *
 * const { level, run_id, data } = JSON.parse(lines[0]!);
 * assertEquals([level, run_id], ["info", "r1"]);
 * assertEquals(data, { user: "ada", password: "[REDACTED]" });
 * ```
 */
export function jsonLines(bus: AnyBus, sink: LineSink, options: JsonLinesOptions = {}): Listening {
  checkOptions(OWNER, options, [...LISTENING_OPTIONS, "level", "levelOf", "fields", "redactor"]);
  const { level = "debug", levelOf = defaultLevelOf, fields = {}, ...more } = options;
  const { redactor = defaultRedactor(), ...listening } = more;
  const shown = levelsFrom(OWNER, level);
  checkFunction(OWNER, "levelOf", levelOf);
  const start = readFields(fields);
  if (redactor !== null && typeof (redactor as Partial<Redactor>)?.data !== "function") {
    throw new TypeError(
      `${OWNER}: "redactor" must be a redactor or null, got ${describe(redactor)}`,
    );
  }

  let writer: LineWriter | null = null;
  try {
    writer = lineWriter(OWNER, sink);
    return listen(OWNER, bus, listening, {
      handle: (events) => writeAll(writer!, events.flatMap(lineOf)),
      goesOn: () => !writer!.isStream,
      release: () => writer!.release(),
    });
  } catch (error) {
    writer?.release();
    throw error;
  }

  function lineOf(event: StreamEvent): string[] {
    const level = levelOf(event);
    if (!shown.has(level)) return [];
    const { event_id, run_id, event_type, timestamp, data } = event;
    const known = { level, ...start, event_id, run_id, event_type, timestamp };
    return [visibleJson({ ...known, data: redactor === null ? data : redactor.data(data) })];
  }
}

const OWNER = "jsonLines()";

/** Writes the lines, as many at a time as a stream should take. */
async function writeAll(writer: LineWriter, lines: readonly string[]): Promise<void> {
  let pending: string[] = [];
  let size = 0;
  for (const line of lines) {
    pending.push(line);
    size += line.length;
    if (size < MAX_CHARS) continue;
    await writer.write(pending);
    pending = [];
    size = 0;
  }
  if (pending.length > 0) await writer.write(pending);
}

const MAX_CHARS = 64 * 1024;

function readFields(fields: unknown): Record<string, unknown> {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new TypeError(`${OWNER}: "fields" must be an object, got ${describe(fields)}`);
  }
  try {
    return JSON.parse(JSON.stringify(fields));
  } catch (cause) {
    throw new TypeError(`${OWNER}: "fields" must be plain data`, { cause });
  }
}
