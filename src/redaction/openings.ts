/** Secrets that are known by how they begin: vendors' keys, key blocks, database URLs, `bearer …`, home folders. */

import { announcementOpenings } from "./announcements.ts";
import { afterEntity, afterPercent } from "./encoded_names.ts";
import { before, behind } from "./ends.ts";
import { type Finding, hidden, mask } from "./secret.ts";
import { isSecretText } from "./secret_values.ts";
import type { Names, Opening } from "./place.ts";
import { textBefore } from "./text_walk.ts";
import { valueAt } from "./values_in_text.ts";
import {
  INSIDE_FORMATS,
  SECRET_PATHS,
  TAIL_FORMATS,
  VENDOR_FORMATS,
  type VendorFormat,
} from "./vendor_formats.ts";

/** All kinds. */
export function openings(): Opening[] {
  return [
    ...["-----BEGIN", "----BEGIN", "---- BEGIN"].map((beginning) => ({
      beginning,
      find: keyBlock,
    })),
    { beginning: "PuTTY-User-Key-File-", find: puttyKey },
    ...VENDOR_FORMATS.flatMap((format) => vendorKeys(format, "at")),
    ...SECRET_PATHS.flatMap((format) => vendorKeys(format, "behind")),
    ...INSIDE_FORMATS.flatMap(([vendor, mark, body, rest, source, ahead]) =>
      vendorKeys([vendor, mark, body, rest, source], "at", ahead)
    ),
    ...TAIL_FORMATS.flatMap(([vendor, mark, body, rest, source, ahead]) =>
      vendorKeys([vendor, mark, body, rest, source], "ahead", ahead)
    ),
    ...DATABASES.map((beginning) => ({ beginning, anyCase: true, find: databaseUrl })),
    { beginning: "ocid1.", anyCase: true, find: cloudId },
    { beginning: "bearer", anyCase: true, find: bearer },
    ...["home/", "Users/", "users\\", "Users\\"].map((beginning) => ({
      beginning,
      find: homeFolder,
    })),
    ...Array.from("abcdefghijklmnopqrstuvwxyz", (letter) => ({
      beginning: `--${letter}`,
      anyCase: true,
      find: flag,
    })),
    ...announcementOpenings(),
    ...["%3d", "%3a"].map((beginning) => ({ beginning, anyCase: true, find: afterPercent })),
    { beginning: "&quot;:", find: afterEntity },
  ];
}

/** @param begins Where the secret begins: at its mark, behind it, or where `ahead` matches before it. */
function vendorKeys(
  [, prefixes, body, rest]: VendorFormat,
  begins: "at" | "behind" | "ahead",
  ahead?: RegExp,
): Opening[] {
  const least = new RegExp(body.replace("^", ""), "y");
  const isAlone = body.startsWith("^");
  const end = before(new RegExp(rest.replace("[", "[^"), "g"));
  return prefixes.split(" ").map((beginning) => ({
    beginning,
    isInside: ahead !== undefined,
    find(text, at, isWhole) {
      if (isAlone && !ALONE.test(text.slice(Math.max(0, at - 2), at))) return undefined;
      least.lastIndex = at + beginning.length;
      if (!least.test(text)) return !isWhole && mayGoOn(text, at) ? at : undefined;
      const from = least.lastIndex;
      if (begins === "behind") return hidden(at + beginning.length, from, end);
      if (ahead === undefined) return { start: at, from, end, show: mask };
      const head = ahead.exec(textBefore(text, at, MAX_HEAD));
      if (head === null) return undefined;
      return { start: begins === "ahead" ? at - head[0].length : at, from, end, show: mask };
    },
  }));
}

function keyBlock(text: string, at: number, isWhole: boolean): Finding {
  BLOCK.lastIndex = at;
  if (BLOCK.test(text)) return hidden(at, BLOCK.lastIndex, behind(BLOCK_END, 100));
  return isWhole || !PART_OF_BLOCK.test(text.slice(at, at + 80)) ? undefined : at;
}

function puttyKey(_text: string, at: number): Finding {
  return hidden(at, at, behind(/Private-(?:MAC|Hash): ?[0-9a-fA-F]+/g, 100));
}

/** The whole URL, as host and database name tell something, too. */
function databaseUrl(text: string, at: number, isWhole: boolean): Finding {
  DATABASE.lastIndex = at;
  if (DATABASE.test(text)) return hidden(at, DATABASE.lastIndex, URL_END);
  return !isWhole && PART_OF_DATABASE.test(text.slice(at, at + 40)) ? at : undefined;
}

function cloudId(_text: string, at: number): Finding {
  return hidden(at, at, CLOUD_ID_END);
}

/** Wherever it stands; in prose it is followed by a word. */
function bearer(text: string, at: number, isWhole: boolean): Finding {
  BEARER.lastIndex = at;
  const match = BEARER.exec(text);
  if (match === null) return !isWhole && /^\w*\s*$/.test(text.slice(at, at + 16)) ? at : undefined;
  const token = match[2]!;
  const start = BEARER.lastIndex - token.length;
  if (!isWhole && BEARER.lastIndex === text.length && token.length < 18) return start;
  if (token.length < 8 || !isSecretText("secret", token)) return undefined;
  if (token.length < 18 && /^[A-Z]?[a-z]+[.]?$/.test(token)) return undefined;
  return { start, from: start, end: TOKEN_END, show: mask };
}

/** `/home/ada`, `C:\Users\ada`: the name of a person. */
function homeFolder(text: string, at: number, isWhole: boolean): Finding {
  const root = HOME_ROOT.exec(text.slice(Math.max(0, at - 8), at))?.[0];
  HOME.lastIndex = at;
  if (root === undefined) return undefined;
  if (HOME.test(text)) return hidden(at - root.length, HOME.lastIndex, FOLDER_END);
  return !isWhole && /^(?:home|users)[/\\]*$/i.test(text.slice(at, at + 10)) ? at : undefined;
}

/** `--password hunter2` */
function flag(text: string, at: number, isWhole: boolean, names: Names): Finding {
  FLAG.lastIndex = at;
  const match = FLAG.exec(text);
  if (match === null) {
    return !isWhole && /^--[\w-]*[ \t]*$/.test(text.slice(at, at + 72)) ? at : undefined;
  }
  const [whole, word = ""] = match;
  const end = at + whole.length;
  const kind = names.keys.kindOf(word);
  if (kind === "open" || text[end] === "-") return undefined;
  const name = { start: at + 2, word, kind, isQuoted: false };
  const operator = { end, isEquals: false, needs: "flag" } as const;
  const found = valueAt({ text, isWhole, names, name, operator });
  // The name waits with its value, as it was not searched yet.
  return typeof found === "number" ? at : found;
}

/** Whether what begins here may become more than it is. */
function mayGoOn(text: string, at: number): boolean {
  if (text.length - at > MAX_UNDECIDED) return false;
  BREAK.lastIndex = at;
  return !BREAK.test(text);
}

const MAX_UNDECIDED = 1100;
const MAX_HEAD = 64;

// Behind the letter of `\\n` in a JSON string, a word begins as well.
const ALONE = /(?:^|[^\w-]|\\[nrt])$/;
const BREAK = /[\s"'<>`,;]/g;
const BLOCK =
  /-{4,5} ?BEGIN [A-Za-z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|Static key V1)(?:-----|[ ]?----)/y;
const BLOCK_END = /-----END [^-]{0,60}-----|---- END [^-]{0,60}----/g;
const PART_OF_BLOCK = /^-{4,5} ?[A-Za-z0-9 ]{0,70}-{0,5}$/;

const DATABASES = [
  ...["postgres", "mysql", "mariadb", "mongodb", "redis", "amqp", "oracle", "mssql", "sqlserver"],
  ...["nats", "clickhouse", "cockroachdb", "jdbc:"],
];
const DATABASE =
  /(?:(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|oracle|mssql|sqlserver|nats|clickhouse|cockroachdb)(?:\+\w{1,20})?:(?:\/\/|\\\/\\\/)|jdbc:)(?=[^\s"'<>`])/iy;
const PART_OF_DATABASE = /^[\w+]*:?[\\/]{0,4}$/;
const URL_END = before(/[\s"'<>`]/g);
const CLOUD_ID_END = before(/[^A-Za-z0-9.-]/g);

const BEARER = /(bearer\s{1,8})([\w.~+/=-]*)/iy;
const TOKEN_END = before(/[^\w.~+/=-]/g);

const HOME_ROOT = /[A-Za-z]:\\{1,4}$|\/$/;
const HOME = /(?:home\/|[Uu]sers(?:\/|\\{1,4}))(?=[^/\\\s:"'<>[])/y;
const FOLDER_END = before(/[/\\\s:"'<>]/g);

const FLAG = /--([a-z][\w-]{0,63})[ \t]{1,8}(?=\S)/iy;
