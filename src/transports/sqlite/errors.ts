import { isError } from "../../runtime/realm.ts";

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/database or disk is full|ENOSPC/i, "make room on the disk"],
  [/database is locked|database table is locked/i, "another process keeps it locked"],
  [/not a database|file is encrypted/i, "it is no SQLite database; give another path"],
  [/malformed/i, "stop the process, then move the file away or restore a copy"],
  [/readonly|read-only/i, "make the file and its folder writable"],
  [/unable to open/i, "look whether it is a file, and whether this process may write it"],
  [/disk I\/O error/i, "look whether the disk and the file are still there"],
  [/NotCapable|Requires .* access/i, "give Deno --allow-read and --allow-write for its folder"],
];

export function isDamage(error: unknown): boolean {
  return isError(error) && /malformed|not a database/i.test(error.message);
}

/** Why something failed, and what to do about it. */
export function reasonOf(error: unknown): string {
  const text = isError(error) ? error.message : String(error);
  const advice = ADVICE.find(([pattern]) => pattern.test(text))?.[1];
  return advice === undefined ? text : `${text} (${advice})`;
}
