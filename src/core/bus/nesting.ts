/**
 * Publishes within publishes: a getter or a `toJSON` of a payload may publish in turn, a redactor may, and what
 * they publish may have getters of its own. Over all buses, so many may be made within one; without a bound
 * there would be no end to those that publish themselves.
 */
const MAX_NESTED = 100;

let depth = 0;
let nested = 0;

/** Begins a publish, unless too many were made within the one that goes on; {@linkcode leavePublish} ends it. */
export function enterPublish(): boolean {
  if (depth === 0) nested = 0;
  else if (++nested > MAX_NESTED) return false;
  depth++;
  return true;
}

export function leavePublish(): void {
  depth--;
}

export const NESTED_TOO_OFTEN = `more than ${MAX_NESTED} are published within one`;
