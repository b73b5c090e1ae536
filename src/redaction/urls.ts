/** User and password in URLs: `https://ada:secret@example.com`. */

import { before } from "./ends.ts";
import { type Finding, hidden, mask } from "./secret.ts";

/** Looks for them where `://` stands, or `:\/\/`, and ends there. */
export function userInfoAt(text: string, start: number, isWhole: boolean): Finding {
  let most = Math.min(text.length, start + MAX_USER_INFO);
  let at = -1;
  let password = -1;
  let end = start;
  let isAuthority = true;
  for (; end < most; end++) {
    const code = text.charCodeAt(end);
    if (code === AT) at = end;
    else if (code === COLON && password < 0) password = end + 1;
    else if (isUrlEnd(code)) break;
    else if (isAuthority && (code === SLASH || code === QUESTION || code === HASH)) {
      isAuthority = false;
      most = Math.min(most, end + MAX_SLASHED);
      // A port is a number. So this is a password with a slash in it, if the name of a host comes at all.
      if (at >= 0 || password < 0 || isPort(text, password, end)) break;
    }
  }
  if (end === text.length && !isWhole) return start;
  if (at <= start || text.slice(start, at) === "git") return undefined;
  return hidden(start, at, at);
}

/** A Telegram bot's token: its number, a colon, and what begins with `AA`. The number is not a secret. */
export function botTokenAt(text: string, colon: number, isWhole: boolean): Finding {
  if (!/(?:^|\D)\d{6,12}$/.test(text.slice(Math.max(0, colon - 13), colon))) return undefined;
  const start = colon + 1;
  BOT_TOKEN.lastIndex = start;
  if (BOT_TOKEN.test(text)) {
    return { start, from: BOT_TOKEN.lastIndex, end: BOT_TOKEN_END, show: mask };
  }
  return !isWhole && /^[\w-]*$/.test(text.slice(start, start + 32)) ? start : undefined;
}

function isPort(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

function isUrlEnd(code: number): boolean {
  return code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 92 ||
    code === 96;
}

const MAX_USER_INFO = 2048;
const MAX_SLASHED = 128;

const HASH = 35;
const SLASH = 47;
const COLON = 58;
const QUESTION = 63;
const AT = 64;

const BOT_TOKEN = /AA[\w-]{30}/y;
const BOT_TOKEN_END = before(/[^\w-]/g);
