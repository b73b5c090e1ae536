import { PermanentError } from "../remote/permanent_error.ts";
import { isError } from "../../runtime/realm.ts";

/**
 * An error of a client, as it may be reported: without the address, which can hold a password, and without the
 * command, which clients attach, and which can hold one too, or a payload. What only somebody else can change is
 * permanent, and says what to change.
 */
export function reportable(error: unknown): Error {
  if (error instanceof PermanentError) return error;
  const text = isError(error) ? error.message : "it gave no reason";
  const message = `Redis: ${text.replace(URL_LIKE, "$1…").slice(0, MAX_CHARS)}`;
  const advice = ADVICE.find(([pattern]) => pattern.test(text))?.[1];
  return advice === undefined ? new Error(message) : new PermanentError(`${message}; ${advice}`);
}

const URL_LIKE = /\b([a-z][a-z0-9+.-]*:\/\/)\S+/gi;
const MAX_CHARS = 500;

/** What servers and clients say of what stays so, and what helps. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /\bCROSSSLOT\b|\bMOVED\b|\bcluster support disabled\b/,
    'on a node of a cluster, give "prefix" a part in braces, as in "{locus}", and "client" the node that has its slot',
  ],
  [
    /\bNOAUTH\b|\bWRONGPASS\b|invalid (?:username-)?password/i,
    "give the client the right credentials",
  ],
  [
    /\bNOPERM\b|\bACL failure\b|user executing the script can't/,
    "the rights that a user needs are listed at redisBus()",
  ],
  [/unknown (?:redis )?(?:sub)?command/i, "redisBus() needs Redis 7.0 or later, or Valkey"],
];

/** What a command fails with when the client that carries it was closed for good. */
export function closedError(): PermanentError {
  return new PermanentError("Redis: the client was closed; a bus needs one that stays connected");
}
