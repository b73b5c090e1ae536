/** Names and values that stand side by side: `["authorization", "…"]`, `{ name: "api_key", value: "…" }`. */

import { mapTexts } from "./map_texts.ts";
import { TITLES } from "./names_in_text.ts";
import type { SecretKeys } from "./secret_keys.ts";
import type { KeyKind } from "./secret_names.ts";
import { isSecretText } from "./secret_values.ts";
import { ENOUGH } from "./text_walk.ts";

/**
 * Whether the text that follows a name in a list is its value, and a secret. A second name is none, and what
 * follows the name of a header is always its value.
 */
export function isSecretOfPair(kind: KeyKind, name: string, second: string): boolean {
  if (!isSecretText(kind, second)) return false;
  if (kind === "authorization" || kind === "cookie" || /\w-/.test(name)) {
    return !HEADER.test(second);
  }
  return !NAME_OR_PROSE.test(second.slice(0, ENOUGH));
}

/** The list or object without the secrets that a part beside them names; the same if there are none. */
export function withoutPairs<T extends object>(
  owner: T,
  keys: SecretKeys,
  replace: (secret: string) => string,
): T {
  if (Array.isArray(owner)) return withoutListed(owner, keys, replace) as unknown[] & T;
  const parts = owner as Readonly<Record<string, unknown>>;
  const place = VALUES.find((one) => parts[one] !== undefined);
  if (place === undefined) return owner;
  for (const [title, said] of Object.entries(parts)) {
    if (typeof said !== "string" || !TITLES.has(title.toLowerCase()) || !NAME.test(said)) continue;
    const kind = keys.kindOf(said);
    if (kind === "open") continue;
    const value = mapTexts(parts[place], (text) => isSecretText(kind, text) ? replace(text) : text);
    return value === parts[place] ? owner : { ...owner, [place]: value };
  }
  return owner;
}

/** Pairs, and lists in which every other text is a name, such as the headers of Node. */
function withoutListed(
  items: readonly unknown[],
  keys: SecretKeys,
  replace: (secret: string) => string,
): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i + 1 < items.length; i++) {
    const name = items[i];
    const value = items[i + 1];
    if (typeof name !== "string" || typeof value !== "string" || !NAME.test(name)) continue;
    if (isSecretOfPair(keys.kindOf(name), name, value)) (copy ??= [...items])[++i] = replace(value);
  }
  return copy ?? items;
}

const VALUES = ["value", "Value", "values", "Values"];
// `user_name`, `userName`, `USER-NAME`, and whatever has a space.
const NAME_OR_PROSE = /^(?:(?:[a-z]*(?:[A-Z][a-z]{2,})*|[A-Z]+)(?:[_-]|$))+$|\s/;
const HEADER =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]+|api-?key|accept(?:-[a-z]+)?|content-[a-z]+|host|origin|referer|user-agent|date|etag|token|secret|password)$/i;
const NAME = /^[\w.-]{3,64}$/;
