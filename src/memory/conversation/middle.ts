/** What of a conversation a summary may stand for: the model's own words and rounds, never what a person said. */

import type { Message } from "../../events/message.ts";
import { isSaid, type Unit } from "./units.ts";

/** How much is to go. */
export interface MiddlePlan {
  /** How many tokens the conversation has. */
  readonly tokens: number;
  /** How many it shall have at most. */
  readonly limit: number;
  /** How many turns stay, for as long as there is room. */
  readonly keepTurns: number;
  count(message: Message): number;
  isProtected(message: Message): boolean;
}

/**
 * The units that a summary is to stand for, an earlier summary included; none if that is all there is. Outside of the last
 * turns first, then of fewer turns, then all but the last few units of a single long turn: no more than it takes.
 */
export function findMiddle(units: readonly Unit[], plan: MiddlePlan): readonly Unit[] {
  const { tokens, limit, keepTurns, count, isProtected } = plan;
  const lastTurn = units.at(-1)?.turn ?? 0;
  const own = units.filter(({ kind }) => kind === "assistant");
  const movable = units.filter(({ kind, messages }) =>
    (kind === "assistant" || kind === "summary") && !messages.some(isProtected)
  );
  let middle: readonly Unit[] = [];
  for (const isSafe of steps(own, lastTurn, keepTurns)) {
    middle = movable.filter((unit) => unit.kind === "summary" || !isSafe(unit));
    if (tokens + SUMMARY - sizeOf(middle, count) <= limit) break;
  }
  // A summary of less than itself gains nothing, and would be written again with each turn.
  const size = sizeOf(middle.filter(isSaid), count);
  return size > SUMMARY ? middle : [];
}

/** How many tokens units have. */
export function sizeOf(units: readonly Unit[], count: MiddlePlan["count"]): number {
  return units.reduce(
    (sum, { messages }) => messages.reduce((sum, message) => sum + count(message), sum),
    0,
  );
}

/** About how many tokens a summary has. */
const SUMMARY = 300;
/** How many units stay of a single long turn. */
const LAST_UNITS = [8, 3, 1];

/** What has to stay, step by step less. */
function* steps(
  own: readonly Unit[],
  lastTurn: number,
  keepTurns: number,
): Generator<(unit: Unit) => boolean> {
  for (let kept = keepTurns; kept > 0; kept--) {
    yield ({ turn }) => turn > lastTurn - kept;
  }
  for (const kept of LAST_UNITS) {
    const last = new Set(own.slice(-kept));
    yield (unit) => last.has(unit);
  }
}
