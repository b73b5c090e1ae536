import type { EventSelect } from "../core/bus.ts";
import { checkCount, checkFunction, checkOptions, describe } from "../core/options.ts";
import { compileSelect } from "../core/select.ts";
import type { Envelope } from "../events/stream_event.ts";
import type { ClientError } from "./client_error.ts";
import type { FollowState } from "./follow_state.ts";
import { CLIENT_OPTIONS, type ClientOptions } from "./request.ts";

/** What is known when a connection was lost, or could not be had. */
export interface FollowFailure {
  /** Why. */
  readonly cause: ClientError;
  /** How many attempts failed in a row, this one included. */
  readonly failures: number;
  /**
   * What is proposed: as long as the server asks for (`Retry-After`, else `retry:`), and a random time on
   * top, up to 1 second, 2, 4 … 30.
   */
  readonly waitMs: number;
}

/** Options of {@linkcode followRun}. */
export interface FollowOptions extends ClientOptions {
  /** Begin after this `event_id`: what a follower's `state.lastEventId` was. */
  after?: string | null;
  /** Only these types: `agent.think`, `agent.tool.*`, or several. `bus.*` is always delivered. */
  select?: EventSelect;
  /**
   * Checks an event, and returns it; a throw says that it is invalid. `parseStreamEvent` of
   * `@locus/core/schemas` is made for it: it knows every payload of the catalogue, and lets other types pass.
   * It is not a part of this door, because it is twelve times as large.
   *
   * @default {only the five keys of an event, and its ids, are checked}
   */
  validate?: (value: unknown) => Envelope<string, unknown>;
  /**
   * Told of a message that is no valid event: it is skipped, and counted in `state.invalidEvents`.
   *
   * @default {the first of them ends the iteration with this error}
   */
  onInvalid?: (error: ClientError) => void;
  /** Told whenever the phase changes. What it throws is dropped. */
  onState?: (state: FollowState) => void;
  /**
   * Decides how long to wait before coming back, in milliseconds, or null to give up: the iteration then
   * throws the cause. It is not asked where coming back would not help.
   *
   * @default {what is proposed, for ever}
   */
  retry?: (failure: FollowFailure) => number | null;
  /**
   * After how long without a byte a connection counts as dead, in milliseconds. Locus servers send something
   * every 5 seconds.
   *
   * @default {30000}
   */
  idleTimeoutMs?: number;
  /**
   * How many characters one event may have on the wire, so that no server can exhaust the memory.
   *
   * @default {1048576}
   */
  maxBlockLength?: number;
}

/** The options that are not about requests, checked and complete. */
export interface FollowSettings {
  readonly after: string | null;
  readonly select: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly validate: ((value: unknown) => Envelope<string, unknown>) | undefined;
  readonly onInvalid: ((error: ClientError) => void) | undefined;
  readonly onState: (state: FollowState) => void;
  readonly retry: (failure: FollowFailure) => number | null;
  readonly idleTimeoutMs: number;
  readonly maxBlockLength: number;
}

/** Checks what a user hands in; what is about requests is checked where they are made. */
export function checkFollowOptions(owner: string, options: FollowOptions): FollowSettings {
  checkOptions(owner, options, [...CLIENT_OPTIONS, ...OWN_OPTIONS]);
  const { after = null, select, signal, onInvalid } = options;
  const { idleTimeoutMs = 30_000, maxBlockLength = 1024 * 1024 } = options;
  const { validate, onState = () => {}, retry = proposed } = options;
  if (after !== null && typeof after !== "string") {
    throw new TypeError(`${owner}: "after" must be an event_id or null, got ${describe(after)}`);
  }
  compileSelect(owner, select);
  checkFunction(owner, "validate", validate);
  checkFunction(owner, "onInvalid", onInvalid);
  checkFunction(owner, "onState", onState);
  checkFunction(owner, "retry", retry);
  checkCount(owner, "idleTimeoutMs", idleTimeoutMs, 1);
  checkCount(owner, "maxBlockLength", maxBlockLength, 1);
  return {
    after,
    select: select === undefined ? [] : [select].flat(),
    signal,
    validate,
    onInvalid,
    onState,
    retry,
    idleTimeoutMs,
    maxBlockLength,
  };
}

const OWN_OPTIONS = [
  "after",
  "select",
  "validate",
  "onInvalid",
  "onState",
  "retry",
  "idleTimeoutMs",
  "maxBlockLength",
];

function proposed({ waitMs }: FollowFailure): number {
  return waitMs;
}
