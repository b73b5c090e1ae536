/** Secrets that something before them announces, without an operator: a word of SQL, a flag of a program. */

import { before } from "./ends.ts";
import type { Needs } from "./names_in_text.ts";
import type { Opening } from "./place.ts";
import { type Finding, hidden } from "./secret.ts";
import { textBefore } from "./text_walk.ts";
import { valueAt } from "./values_in_text.ts";

// From a beginning to its value, with the name in a group if there is one.
const NEXT = /\w+[ \t]{1,8}(?=\S)/y;
const BY = /identified(?: with \S{1,64})? by[ \t]{1,8}(?=\S)/iy;
const FOR = /\w+ for [^\s=:]{1,64}(?: [^\s=:]{1,64})?\s?[=:]\s{0,4}(?=\S)/iy;
const NAMED =
  /#?[a-z]+(?: config)?(?: -{1,2}\w{1,8})? {1,4}([a-z]+[._][\w.-]{2,63})[ \t]{1,8}(?=\S)/iy;
const APART = / ?-\w+[ \t]{1,8}(?=[^\s<>-])/y;
const EITHER = / -\w[ \t]{0,8}(?=[^\s<>-])/y;
// `mysql -p shop` asks for the password, and names a database.
const JOINED = / -\w(?:[ \t]{1,8}(?=["']|[A-Za-z]{0,32}\d))?(?=[^\s<>-])/y;
const LONG = /--[a-z-]+(?:=|[ \t]{1,8})(?=\S)/y;
// What may become one of them with more text.
const PART = /^\s?\S*(?:[ \t]{1,8}\S*){0,4}$/;

const PASSWORDS = "password ,passwd ,passphrase ,pwd ,securestring ";
const SQL = /\b(?:create|alter)\s+(?:user|role|login)\b[^;]*$|\bgrant\b[^;]*$/i;
const NETRC = /\b(?:machine\s{1,8}\S{1,64}|default)\s{1,8}login\s{1,8}\S{1,64}\s{1,8}$/;
const ANYTHING = /$/;

/** Beginnings, in any case unless they have capitals; what has to stand before them; and their values. */
const ANNOUNCEMENTS:
  readonly (readonly [beginnings: string, before: RegExp, form: RegExp, needs: Needs | "user"])[] =
    [
      [PASSWORDS, SQL, NEXT, "quotes"],
      ["PASSWORD ", ANYTHING, NEXT, "quotes"],
      [PASSWORDS, NETRC, NEXT, "any"],
      [PASSWORDS, ANYTHING, NEXT, "string"],
      ["identified ", SQL, BY, "any"],
      ["IDENTIFIED ", ANYTHING, BY, "any"],
      ["password for ,passphrase for ", ANYTHING, FOR, "any"],
      ["requirepass ,masterauth ", ANYTHING, NEXT, "flag"],
      ["#define ", ANYTHING, NAMED, "string"],
      ["setenv ,env ,set ,git config ", ANYTHING, NAMED, "flag"],
      [" -p", /\bsshpass(?:\s+-\S+)*$/, EITHER, "any"],
      [
        " -p",
        /\b(?:mysql|mariadb)[\w-]*[^;&|\n]*$|\b(?:7z[ar]?|(?:un)?rar) [^;&|\n]*$/,
        JOINED,
        "any",
      ],
      [" -p", /\b(?:mongo\w*|cqlsh|cypher-shell|psexec\d*|login)\b[^;&|\n]*$/, APART, "any"],
      [" -P", /\b(?:sqlcmd|bcp|osql|(?:un)?zip)\b[^;&|\n]*$/, EITHER, "any"],
      [" -a", /\b(?:redis|valkey)-cli\b[^;&|\n]*$/, APART, "any"],
      [" -w", /\bldap(?:search|modify|add|delete|passwd|whoami)\b[^;&|\n]*$/, APART, "any"],
      [" -a", /\b(?:https?|xh)$/, EITHER, "user"],
      [" -u, -U", /\bcurl\b[^|\n]*$/, EITHER, "user"],
      [" -U", /\b(?:smb|rpc)client\b[^|\n]*$/, EITHER, "user"],
      ["-storepass ,-keypass ,-password ", ANYTHING, APART, "flag"],
      ["--user ,--user=,--proxy-user ,--proxy-user=", /\bcurl\b[^|\n]*$/, LONG, "user"],
    ];

/** The openings of all of them. */
export function announcementOpenings(): Opening[] {
  return ANNOUNCEMENTS.flatMap(([beginnings, before, form, needs]) =>
    beginnings.split(",").map((beginning): Opening => ({
      beginning,
      anyCase: beginning === beginning.toLowerCase() && !beginning.startsWith(" "),
      // `dbPassword "x"`
      isInside: beginning.startsWith("pass"),
      find(text, at, isWhole, names) {
        if (!before.test(textBefore(text, at, MAX_BEFORE))) return undefined;
        form.lastIndex = at;
        const match = form.exec(text);
        if (match === null) {
          return !isWhole && PART.test(text.slice(at, at + MAX_PART)) ? at : undefined;
        }
        const end = form.lastIndex;
        if (needs === "user") return userAt(text, end, isWhole);
        const word = match[1] ?? "PASSWORD";
        // The value of a flag ends as the one of a variable does, and its number is one of a port.
        const isFlag = beginning.startsWith(" ");
        const kind = isFlag ? "token" : names.keys.kindOf(word);
        if (kind === "open") return undefined;
        const name = { start: at + (isFlag ? 1 : 0), word, kind, isQuoted: false };
        const operator = { end, isEquals: isFlag, needs };
        const found = valueAt({ text, isWhole, names, name, operator });
        return typeof found === "number" ? at : found;
      },
    }))
  );
}

/** The password of `ada:hunter2`, or `ada%hunter2`. */
function userAt(text: string, at: number, isWhole: boolean): Finding {
  CREDENTIALS.lastIndex = at;
  const match = CREDENTIALS.exec(text);
  if (match === null) {
    return !isWhole && /^["']?[^\s"':%]*$/.test(text.slice(at, at + 66)) ? at : undefined;
  }
  const start = CREDENTIALS.lastIndex - match[2]!.length;
  if (!isWhole && CREDENTIALS.lastIndex === text.length) return at;
  return match[2] === "" ? undefined : hidden(start, start, match[1] === "" ? SPACE : QUOTE);
}

const MAX_BEFORE = 200;
const MAX_PART = 256;

const CREDENTIALS = /(["']?)[^\s"':%]{0,64}[:%]([^\s"']*)/y;
const SPACE = before(/[\s"']/g);
const QUOTE = before(/["']/g);
