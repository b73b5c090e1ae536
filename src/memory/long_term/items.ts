/** What is remembered in one scope, as it is stored: one text, so that recalling all of it is one read. */

import { isRecord } from "../../core/json.ts";
import { MemoryStoreError } from "../errors.ts";
import { type MemoryScope, SCOPES } from "./scope.ts";

/** Something that is remembered. */
export interface MemoryItem {
  /** By which it is found. */
  readonly key: string;
  /** What is remembered: plain JSON. */
  readonly value: unknown;
  /** What is known about it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When it was first put: ISO 8601 in UTC. */
  readonly created_at: string;
  /** When it was last put: ISO 8601 in UTC. */
  readonly updated_at: string;
  /** How often it was put. */
  readonly version: number;
}

/** How much a scope remembers. */
export interface MemoryBounds {
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number | null;
}

/**
 * The items of a scope, the one put last at the end.
 *
 * @throws {MemoryStoreError} If it is not what was written for that scope.
 */
export function readItems(stored: unknown, scope: MemoryScope): readonly MemoryItem[] {
  if (stored === null || stored === undefined) return [];
  const document = typeof stored === "string" ? parse(stored) : stored;
  // Its scope stands in it as well: whatever a storage does with keys, nobody reads what is another's.
  const isOurs = isRecord(document) && document.version === 1 && isRecord(document.scope) &&
    isSame(document.scope, scope) && Array.isArray(document.items) &&
    document.items.every(isItem);
  if (isOurs) return document.items as MemoryItem[];
  throw new MemoryStoreError(
    "store_unreadable",
    `Cannot read the memory of ${JSON.stringify(scope)}: it is stored in a form that is not ours`,
  );
}

/** The text of the items of a scope. */
export function writeItems(items: readonly MemoryItem[], scope: MemoryScope): string {
  return JSON.stringify({ version: 1, scope, items });
}

/** The items that are not too old. */
export function fresh(
  items: readonly MemoryItem[],
  { maxAgeMs }: Pick<MemoryBounds, "maxAgeMs">,
): readonly MemoryItem[] {
  if (maxAgeMs === null) return items;
  const since = Date.now() - maxAgeMs;
  return items.filter(({ updated_at }) => Date.parse(updated_at) >= since);
}

/** The last items that are within the bounds. @throws {MemoryStoreError} If the last alone is not. */
export function withinBounds(
  items: readonly MemoryItem[],
  { maxItems, maxBytes }: MemoryBounds,
): readonly MemoryItem[] {
  const encoder = new TextEncoder();
  let bytes = 0;
  let from = items.length;
  while (from > 0 && items.length - from < maxItems) {
    bytes += encoder.encode(JSON.stringify(items[from - 1])).length;
    if (bytes > maxBytes) break;
    from--;
  }
  if (from < items.length || items.length === 0) return items.slice(from);
  throw new MemoryStoreError(
    "item_too_large",
    `The item has ${bytes} bytes, and "maxBytes" is ${maxBytes}`,
  );
}

function isItem(value: unknown): value is MemoryItem {
  return isRecord(value) && typeof value.key === "string" && "value" in value &&
    isRecord(value.metadata) && typeof value.created_at === "string" &&
    typeof value.updated_at === "string" && typeof value.version === "number";
}

function isSame(stored: Record<string, unknown>, scope: MemoryScope): boolean {
  return SCOPES.every((name) => stored[name] === scope[name]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
