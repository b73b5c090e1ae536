import { checkFunction, checkOptions } from "../../../core/options.ts";
import { frozenCopy } from "../../../core/json.ts";
import { readFlag } from "../../../core/option_values.ts";
import { LoggingHook, type LoggingOptions } from "./logging.ts";

/** Options of a {@linkcode StructuredLoggingHook}. */
export interface StructuredLoggingOptions
  extends Pick<LoggingOptions, "level" | "extra" | "priority"> {
  /** Takes each line, without its line break. @default {console.log} */
  write?: (line: string) => void;
  /** Put the `timestamp` into each record. @default {true} */
  includeTimestamps?: boolean;
}

/**
 * Writes what {@linkcode LoggingHook} logs as one line of JSON a record, for machines:
 * `{ message, event, ...extra, ...fields, timestamp }`, where `event` is the message in snake_case.
 *
 * Never what tools are given or return.
 */
export class StructuredLoggingHook extends LoggingHook {
  /** Makes the hook. @throws {TypeError} If an option is unknown or of the wrong type. */
  constructor(options: StructuredLoggingOptions = {}) {
    checkOptions(OWNER, options, OPTION_NAMES);
    const { write = (line) => console.log(line), includeTimestamps = true, ...rest } = options;
    checkFunction(OWNER, "write", write);
    readFlag(OWNER, "includeTimestamps", includeTimestamps);
    super({
      ...rest,
      logger: (_level, message, fields) => {
        const event = message.toLowerCase().replaceAll(" ", "_");
        const timestamp = includeTimestamps ? { timestamp: new Date().toISOString() } : {};
        // A copy that JSON can carry: `extra` is the user's, and may hold anything.
        write(JSON.stringify(frozenCopy({ message, event, ...fields, ...timestamp })));
      },
    });
  }
}

const OWNER = "StructuredLoggingHook";

const OPTION_NAMES: readonly string[] = Object.keys(
  {
    write: 0,
    includeTimestamps: 0,
    level: 0,
    extra: 0,
    priority: 0,
  } satisfies Record<keyof StructuredLoggingOptions, 0>,
);
