/** Names and values in encoded texts: `token%3D…` in a parameter, `&quot;password&quot;:&quot;…` in HTML. */

import { before } from "./ends.ts";
import type { Names } from "./place.ts";
import { type Finding, hidden } from "./secret.ts";
import type { KeyKind } from "./secret_names.ts";
import { isSecretText } from "./secret_values.ts";
import { ENOUGH, wordBefore } from "./text_walk.ts";

/** Looks for a value behind `%3D` or `%3A`: an encoded `=` or `:`. */
export function afterPercent(text: string, at: number, isWhole: boolean, names: Names): Finding {
  // The last `@` counts, so all has to be there before one does.
  if (!isWhole && PART_OF_USER.test(text.slice(at, at + MAX_USER))) return at;
  USER.lastIndex = at;
  if (USER.test(text)) {
    const end = USER.lastIndex - 3;
    return text.slice(at + 9, end) === "git" ? undefined : hidden(at + 9, at + 9, end);
  }
  const kind = kindBefore(text, text.startsWith("%22", at - 3) ? at - 3 : at, names);
  if (kind === "open") return undefined;
  BLANK.lastIndex = at + 3;
  BLANK.test(text);
  return valueAt(text, BLANK.lastIndex, isWhole, kind, names, PERCENT_VALUE);
}

/** Looks for a value behind `&quot;:`. */
export function afterEntity(text: string, at: number, isWhole: boolean, names: Names): Finding {
  const kind = kindBefore(text, at, names);
  if (kind === "open") return undefined;
  ENTITY.lastIndex = at;
  if (ENTITY.test(text)) {
    return valueAt(text, ENTITY.lastIndex, isWhole, kind, names, ENTITY_VALUE);
  }
  return !isWhole && text.length - at < 16 ? at : undefined;
}

function kindBefore(text: string, end: number, { keys }: Names): KeyKind {
  return keys.kindOf(wordBefore(text, end));
}

function valueAt(
  text: string,
  at: number,
  isWhole: boolean,
  kind: KeyKind,
  { replace }: Names,
  value: RegExp,
): Finding {
  value.lastIndex = at;
  const [word] = value.exec(text)!;
  const end = at + word.length;
  // What is cut may be the beginning of an escape.
  if (!isWhole && text.length - end < 6 && word.length < ENOUGH) return at;
  if (!isSecretText(kind, word)) return undefined;
  return { start: at, from: at, end: word.length < ENOUGH ? end : LONG_END, show: replace };
}

const MAX_USER = 400;
// `://ada:secret@`
const USER = /%3A%2F%2F(?:[\w.~!*()+$-]|%(?!2[02F]|3[CEF]|23)[0-9A-F]{2}){1,128}%40/iy;
const PART_OF_USER =
  /^%3A(?:%2F(?:%2F(?:[\w.~!*()+$-]|%(?!2[02F]|3[CEF]|23)[0-9A-F]{2}){0,128})?)?(?:%.?)?$/i;
const BLANK = /(?:%20|\+)?(?:%22)?/y;
const ENTITY = /&quot;:\s?&quot;/y;
// Up to an encoded quote, space, comma, brace or ampersand.
const PERCENT_VALUE = /(?:[\w.~!*()+/=:@$-]|%(?!2[026Cc]|7[Dd]|3[Bb])[0-9A-Fa-f]{2}){0,64}/y;
const ENTITY_VALUE = /(?:[^&<>"\s]|&(?!quot;)){0,64}/y;
const LONG_END = before(/[\s"'<>&]/g);
