/**
 * Reducers for `channel.reduce()`, beside those that channels have of their own. Values are compared as JSON, as what is
 * loaded is equal and not the same.
 */

import { canonicalJson } from "../core/json.ts";
import { isRecord } from "../core/options.ts";

/** The larger one. */
export function maxValue(current: number, update: number): number {
  return Math.max(current, update);
}

/** The smaller one. */
export function minValue(current: number, update: number): number {
  return Math.min(current, update);
}

/** What was written first; `undefined` is nothing. */
export function firstValue<T>(current: T | undefined, update: T): T {
  return current === undefined ? update : current;
}

/** A list without what it has already: the union of two. Give it `{ delta: "items" }`. */
export function uniqueAppendList<T>(current: readonly T[], update: readonly T[]): readonly T[] {
  const seen = new Set(current.map(canonicalJson));
  const isNew = (item: T) => seen.size !== seen.add(canonicalJson(item)).size;
  return current.concat(update.filter(isNew));
}

/** What both lists have. */
export function setIntersection<T>(current: readonly T[], update: readonly T[]): readonly T[] {
  const kept = new Set(update.map(canonicalJson));
  return current.filter((item) => kept.has(canonicalJson(item)));
}

/** Keys of an object, and of the objects in it; everything else is replaced. Give it `{ delta: "keys" }`. */
export function deepMergeDict<T extends Readonly<Record<string, unknown>>>(
  current: T,
  update: Readonly<Record<string, unknown>>,
): T {
  const merged = Object.entries(update).map(([key, value]) => {
    const before = Object.hasOwn(current, key) ? current[key] : undefined;
    const isDeep = isObject(before) && isObject(value);
    return [key, isDeep ? deepMergeDict(before, value) : value];
  });
  return { ...current, ...Object.fromEntries(merged) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !Array.isArray(value);
}
