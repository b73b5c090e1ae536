// Letters, digits and a few marks that need no escaping in an SSE field, a log line, a Redis key or
// the path of a URL. A control character can therefore never reach a wire. `.` and `..` are out
// because URL parsers resolve them, percent-encoded or not: `/runs/../events` is another resource.
// A `.` does separate the tokens of a NATS subject, and a `+` is a space in a URL's query: escape
// those there.
const RUN_ID = /^(?!\.\.?$)[A-Za-z0-9_.:@~+=-]{1,128}$/;
const EVENT_TYPE = /^[A-Za-z0-9_.:-]{1,64}$/;

/** What a run id must be, in words for an error message. */
export const RUN_ID_RULE = "1 to 128 of A-Z a-z 0-9 _.:@~+=- but not . or ..";

/** What an event type must be, in words for an error message. */
export const EVENT_TYPE_RULE = "1 to 64 of A-Z a-z 0-9 _.:- but not open, error or bus.*";

/** Whether `value` can name a run: {@linkcode RUN_ID_RULE}. */
export function isRunId(value: unknown): value is string {
  return typeof value === "string" && RUN_ID.test(value);
}

/**
 * Whether `value` can be published as an event type: {@linkcode EVENT_TYPE_RULE}.
 *
 * `open` and `error` are events of the browser's `EventSource` itself, and `bus.*` is what the bus
 * says to a reader; a publisher must not be able to forge either.
 */
export function isEventType(value: unknown): value is string {
  return typeof value === "string" && EVENT_TYPE.test(value) && value !== "open" &&
    value !== "error" && !value.startsWith("bus.");
}

/**
 * Whether `value` is a name under `bus.`: what a reader gets from the bus itself and nobody can
 * publish. A newer bus may have names that this version does not know.
 */
export function isControlEventType(value: unknown): value is `bus.${string}` {
  return typeof value === "string" && value.startsWith("bus.") && EVENT_TYPE.test(value);
}

/** The two parts of an `event_id`. */
export interface EventCursor {
  /** The incarnation of the run's log. */
  readonly epoch: string;
  /** Position within it, from 1; 0 is before the first event. */
  readonly seq: number;
}

/** What an event id must be, in words for an error message. */
export const EVENT_ID_RULE =
  "`<epoch>-<seq>`: 1 to 32 letters and digits, a dash, a whole number without leading zeros";

const CURSOR = /^([A-Za-z0-9]{1,32})-(0|[1-9][0-9]{0,15})$/;

/** Joins a cursor to an `event_id`. Checks nothing: it is called for every event published. */
export function formatEventId(epoch: string, seq: number): string {
  return `${epoch}-${seq}`;
}

/** Reads an `event_id`; null if it is not one. Work is bounded, whatever the input. */
export function parseEventId(value: string): EventCursor | null {
  if (value.length > 49) return null;
  const match = CURSOR.exec(value);
  const seq = Number(match?.[2]);
  return Number.isSafeInteger(seq) ? { epoch: match![1]!, seq } : null;
}
