import type { EventSelect } from "../core/bus/bus.ts";
import { createConsoleReporter } from "../core/bus/event_bus_options.ts";
import { checkEvents } from "../core/checks.ts";
import { checkCount, checkFunction, checkOptions, describe } from "../core/options.ts";
import { compileSelect } from "../core/bus/select.ts";
import type { AnyEvents, Events } from "../events/own_events.ts";
import { parseOwnPayload } from "../events/own_payload.ts";
import type { Envelope, NoEvents } from "../events/stream_event.ts";
import { isLastEventId, LAST_EVENT_ID_RULE } from "../sse/last_event_id.ts";
import type { ClientError } from "./client_error.ts";
import type { FollowState } from "./follow_state.ts";
import { CLIENT_OPTIONS, type ClientOptions } from "./request.ts";

/** A failed attempt, as `retry` gets it. */
export interface FollowFailure {
  /** Why it failed. */
  readonly cause: ClientError;
  /** How many attempts failed in a row, this one included. */
  readonly failures: number;
  /**
   * The proposed wait: what the server asks for (`Retry-After`, else `retry:`) and a random time on top, up to 1
   * second, 2, 4 … 30.
   */
  readonly waitMs: number;
}

/** Options of {@linkcode followRun}. */
export interface FollowOptions<E extends object = NoEvents> extends ClientOptions {
  /** The cursor to resume after, such as another follower's `state.lastEventId`. */
  after?: string | null;
  /** Only these event types: `agent.think`, `agent.tool.*`, or a list. `bus.*` is always delivered. */
  select?: EventSelect;
  /**
   * Checks an event and returns it; a throw means that it is invalid. Use `parseStreamEvent` of
   * `@locus/core/schemas`: it checks every payload of the catalogue and lets other types pass. It is not part of
   * this module because it is ten times as large.
   *
   * @default {only the five keys of an event, and its ids, are checked}
   */
  validate?: (value: unknown) => Envelope<string, unknown>;
  /**
   * Event types of your own: the events are typed by them, and payloads are checked by their schemas. One that does
   * not fit is skipped and passed to `onError`.
   */
  events?: Events<E>;
  /**
   * Called with what a server sent and `followRun()` could not use: a message that is not a valid event or longer
   * than `maxBlockLength` (counted in `state.invalidEvents`), or an `id` that cannot be sent back. It is skipped,
   * and the iteration goes on. To end it, throw.
   *
   * @default {a handler that prints to the console, at most once a second}
   */
  onError?: (error: ClientError) => void;
  /** Called whenever the phase changes. What it throws is dropped. */
  onState?: (state: FollowState) => void;
  /**
   * Called once for each connection, when everything that the server had when it was opened has been delivered; not if the
   * run has ended by then. What it throws is dropped.
   */
  onCaughtUp?: () => void;
  /**
   * Returns how long to wait before the next attempt, in milliseconds, or null to give up: the iteration then
   * throws the cause. It is not called where another attempt would not help.
   *
   * @default {the proposed wait, forever}
   */
  retry?: (failure: FollowFailure) => number | null;
  /**
   * How long a connection may be silent before it is replaced, in milliseconds. Locus servers send something every
   * 5 seconds.
   *
   * @default {30000}
   */
  idleTimeoutMs?: number;
  /**
   * How many characters an event may have on the wire, so that no server can exhaust the memory. A longer event is
   * skipped. One that has no end after eight times as many ends the iteration.
   *
   * @default {1048576}
   */
  maxBlockLength?: number;
}

/** Options of {@linkcode followRuns}. */
export interface FollowRunsOptions<E extends object = NoEvents> extends FollowOptions<E> {
  /**
   * With `after`: those of the runs that are followed for the first time. Their history is delivered first, in the order in
   * which it was published; the others go on after the position.
   *
   * @default {[]}
   */
  joining?: readonly string[];
}

/** The options that are not about requests, checked and with their defaults. */
export type FollowSettings = ReturnType<typeof checkFollowOptions>;

/** Checks the options that are not about requests; `createTarget()` checks the others. */
export function checkFollowOptions<E extends object>(
  owner: string,
  options: FollowOptions<E>,
  more: readonly string[],
) {
  checkOptions(owner, options, [...CLIENT_OPTIONS, ...OWN_OPTIONS, ...more]);
  const { after = null, select, signal, onError = createConsoleReporter() } = options;
  const { idleTimeoutMs = 30_000, maxBlockLength = 1024 * 1024 } = options;
  const { validate, events, onState = () => {}, onCaughtUp = () => {} } = options;
  const { retry = proposed } = options;
  if (after !== null && typeof after !== "string") {
    throw new TypeError(`${owner}: "after" must be an event_id or null, got ${describe(after)}`);
  }
  if (after !== null && !isLastEventId(after)) {
    throw new TypeError(
      `${owner}: "after" must have ${LAST_EVENT_ID_RULE}, got ${describe(after)}`,
    );
  }
  compileSelect(owner, select);
  checkFunction(owner, "validate", validate);
  checkEvents(owner, events);
  checkFunction(owner, "onError", onError);
  checkFunction(owner, "onState", onState);
  checkFunction(owner, "onCaughtUp", onCaughtUp);
  checkFunction(owner, "retry", retry);
  checkCount(owner, "idleTimeoutMs", idleTimeoutMs, 1);
  checkCount(owner, "maxBlockLength", maxBlockLength, 1);
  return {
    /** The runs that are followed, if they are several. */
    runIds: null as readonly string[] | null,
    after,
    select: select === undefined ? [] : [select].flat() as readonly string[],
    signal,
    validate: events === undefined
      ? validate as Validate | undefined
      : withOwnPayload(events, validate),
    onError,
    onState,
    onCaughtUp,
    retry,
    idleTimeoutMs,
    maxBlockLength,
  };
}

const OWN_OPTIONS = [
  "after",
  "select",
  "validate",
  "events",
  "onError",
  "onState",
  "onCaughtUp",
  "retry",
  "idleTimeoutMs",
  "maxBlockLength",
];

type Validate = (value: unknown) => Envelope<string, unknown>;

/** Also checks the payloads of one's own events. */
function withOwnPayload(
  events: AnyEvents,
  validate: Validate = (value) => value as Envelope<string, unknown>,
): Validate {
  return (value) => {
    const event = validate(value);
    return { ...event, data: parseOwnPayload(events, event.event_type, event.data) };
  };
}

function proposed({ waitMs }: FollowFailure): number {
  return waitMs;
}
