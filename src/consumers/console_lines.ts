import type { AnyBus } from "../core/bus/bus.ts";
import { checkFunction, checkOptions } from "../core/options.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { defaultRedactor } from "../redaction/default_redactor.ts";
import { fieldsOf } from "../view/payload.ts";
import { oneLine } from "../view/visible.ts";
import { levelOf, levelsFrom, type LogLevel } from "./levels.ts";
import { listen, type Listening, LISTENING_OPTIONS, type ListeningOptions } from "./listening.ts";

/** Options of {@linkcode consoleLines}. */
export interface ConsoleLinesOptions extends ListeningOptions {
  /** Leave out what matters less. @default {"info"} */
  level?: LogLevel;
  /** Takes each line. @default {the console's method for the level} */
  write?: (line: string, level: LogLevel) => void;
}

/**
 * Prints the events of a bus for a person: one line each, with its time, level, run, type and payload.
 *
 * Control characters are shown instead of obeyed, and secrets are taken out. For a picture that is drawn again as
 * a run goes on, use the command line's `tail`.
 *
 * @throws {TypeError} If the bus or an option is not valid.
 *
 * @example Watch all runs
 * ```ts
 * import { EventBus } from "@locus/core";
 * import { consoleLines } from "@locus/core/consumers";
 * import { assertMatch } from "@std/assert";
 *
 * const bus = new EventBus();
 * const lines: string[] = [];
 * const stop = consoleLines(bus, { write: (line) => lines.push(line) });
 *
 * bus.publish({ run_id: "r1", event_type: "shop.paid", data: { amount: 10 } });
 * stop();
 * await stop.done;
 * assertMatch(lines[0]!, /^\d\d:\d\d:\d\d\.\d{3} info  r1 shop\.paid  amount=10$/);
 * ```
 */
export function consoleLines(bus: AnyBus, options: ConsoleLinesOptions = {}): Listening {
  checkOptions(OWNER, options, [...LISTENING_OPTIONS, "level", "write"]);
  const { level = "info", write = toConsole, ...listening } = options;
  const shown = levelsFrom(OWNER, level);
  checkFunction(OWNER, "write", write);
  return listen(OWNER, bus, listening, {
    handle(events) {
      for (const event of events) {
        const level = levelOf(event);
        if (shown.has(level)) write(lineOf(event, level), level);
      }
      return Promise.resolve();
    },
    goesOn: () => true,
    release() {},
  });
}

const OWNER = "consoleLines()";

function lineOf(event: StreamEvent, level: LogLevel): string {
  const { run_id, event_type, timestamp } = event;
  const data = defaultRedactor().data(event.data) as Readonly<Record<string, unknown>>;
  const fields = oneLine(fieldsOf(data));
  const head = `${timestamp.slice(11, 23)} ${level.padEnd(5)} ${run_id} ${event_type}`;
  return fields === "" ? head : `${head}  ${fields}`;
}

function toConsole(line: string, level: LogLevel): void {
  // Not as the format, in which a percent sign would mean something.
  console[level]("%s", line);
}
