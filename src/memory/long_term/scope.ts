/** Whose memory it is: scopes as keys that never meet. */

import { checkOptions, describe } from "../../core/options.ts";
import { isThreadId, THREAD_ID_RULE } from "../checks.ts";
import { nameKey } from "../storage_keys.ts";

/** Whose memory it is, and of what; at least one of them. Each combination is a memory of its own. */
export interface MemoryScope {
  /** The person. @default {nobody's} */
  readonly user?: string;
  /** The conversation. @default {of no conversation} */
  readonly thread?: string;
  /** What it is about, such as `preferences`. @default {nothing in particular} */
  readonly namespace?: string;
}

/** Names of scopes, in the order in which one lies within the other. */
export const SCOPES = ["user", "thread", "namespace"] as const;

/**
 * A copy of a scope.
 *
 * @throws {TypeError} If a part is not a name, or none is given. A part that is undefined is refused: a user whose id is missing by
 * mistake would get the memory of all such users.
 */
export function readScope(owner: string, scope: MemoryScope): MemoryScope {
  checkOptions(owner, scope, SCOPES);
  const given = SCOPES.filter((name) => name in scope);
  if (given.length === 0) {
    throw new TypeError(`${owner}: the scope must have a user, a thread or a namespace`);
  }
  for (const name of given) {
    if (isThreadId(scope[name])) continue;
    throw new TypeError(
      `${owner}: "${name}" must be ${THREAD_ID_RULE}, got ${describe(scope[name])}`,
    );
  }
  return Object.freeze(Object.fromEntries(given.map((name) => [name, scope[name]])));
}

/** What all keys of a scope begin with, those of the scopes within it included. */
export async function scopeKey(prefix: string, scope: MemoryScope): Promise<string> {
  let key = prefix;
  for (const name of SCOPES) {
    const value = scope[name];
    if (value !== undefined) key += `:${name[0]}-${await nameKey(value)}`;
  }
  return key;
}
