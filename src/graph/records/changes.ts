import type { Channel } from "../channels.ts";
import type { Values } from "../definition.ts";
import type { Change } from "./record.ts";
import { isRecord } from "../../core/options.ts";

/** What has to be stored of the fields that differ. Changes are of values, so reading them needs no reducer. */
export function changesOf(
  channels: Readonly<Record<string, Channel<unknown, unknown>>>,
  before: Values,
  after: Values,
): Record<string, Change> {
  const changes: Record<string, Change> = {};
  for (const [field, channel] of Object.entries(channels)) {
    if (before[field] === after[field]) continue;
    changes[field] = changeOf(channel, before[field], after[field]);
  }
  return changes;
}

/** The values that changes make of others. */
export function applyChanges(values: Values, changes: Readonly<Record<string, Change>>): Values {
  const next: Record<string, unknown> = { ...values };
  for (const [field, change] of Object.entries(changes)) next[field] = apply(next[field], change);
  return next;
}

function changeOf(
  { merge, delta }: Channel<unknown, unknown>,
  before: unknown,
  after: unknown,
): Change {
  if (Array.isArray(before) && Array.isArray(after)) {
    // Such a list only grows, so nothing has to be compared.
    if (merge === "append") return { a: after.slice(before.length) };
    if (delta === "items") {
      const first = before.findIndex((item, i) => item !== after[i]);
      return first < 0 ? { a: after.slice(before.length) } : { a: after.slice(first), f: first };
    }
  }
  if (delta === "keys" && isRecord(before) && isRecord(after)) {
    const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
    const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
    return { k: Object.fromEntries(set), ...gone.length > 0 && { x: gone } };
  }
  return after === undefined ? {} : { s: after };
}

function apply(value: unknown, change: Change): unknown {
  if ("a" in change) {
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    return (change.f === undefined ? list : list.slice(0, change.f)).concat(change.a);
  }
  if ("k" in change) {
    const gone = new Set(change.x);
    const kept = Object.entries(isRecord(value) ? value : {}).filter(([key]) => !gone.has(key));
    return { ...Object.fromEntries(kept), ...change.k };
  }
  return change.s;
}
