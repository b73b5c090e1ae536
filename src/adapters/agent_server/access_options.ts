import type { Context } from "hono";
import { checkFlag } from "../../core/checks.ts";
import { checkFunction, describe } from "../../core/options.ts";
import { environmentVariable } from "../../runtime/environment.ts";

/** Who a server of agents answers. */
export interface AccessOptions {
  /**
   * The keys that are accepted as `Authorization: Bearer <key>`. Each is a principal of its own, and sees
   * only its own threads and runs.
   *
   * @default {the server's variable of the environment, such as LOCUS_SERVER_API_KEY, unless `authenticate` is set}
   */
  apiKeys?: readonly string[];
  /**
   * Returns the principal of a request, from a cookie for example, or null to answer 401. If it throws, or takes
   * longer than 5 seconds, the request is answered 500 and the error is reported.
   */
  authenticate?: (c: Context) => string | null | Promise<string | null>;
  /** Answers every request, all as the same principal. @default {false} */
  allowUnauthenticated?: boolean;
}

/** The same, checked and complete. */
export interface AccessConfig {
  readonly apiKeys: readonly string[];
  readonly authenticate: AccessOptions["authenticate"];
  readonly allowUnauthenticated: boolean;
}

/**
 * Checks who may ask.
 *
 * @param variable The variable of the environment that holds a key.
 * @throws {TypeError} If an option is of the wrong type, or they contradict each other.
 */
export function readAccessOptions(
  owner: string,
  options: AccessOptions,
  variable: string,
): AccessConfig {
  const { authenticate, allowUnauthenticated = false } = options;
  const apiKeys = options.apiKeys ?? keysOfEnvironment(owner, options, variable);
  checkKeys(owner, apiKeys);
  checkFunction(owner, "authenticate", authenticate);
  checkFlag(owner, "allowUnauthenticated", allowUnauthenticated);
  // Only one can be meant. A wrong guess could open a server that must be closed.
  if (
    [apiKeys.length > 0, authenticate !== undefined, allowUnauthenticated].filter((x) => x).length >
      1
  ) {
    throw new TypeError(
      `${owner}: only one of "apiKeys", "authenticate" and "allowUnauthenticated" can say who may ask`,
    );
  }
  return { apiKeys: [...apiKeys], authenticate, allowUnauthenticated };
}

function checkKeys(owner: string, keys: readonly unknown[]): void {
  if (!Array.isArray(keys)) {
    throw new TypeError(`${owner}: "apiKeys" must be an array of keys, got ${describe(keys)}`);
  }
  // An unset variable of the environment must not make a key that everybody has. The error names no key.
  const bad = keys.findIndex((key) => typeof key !== "string" || !KEY.test(key));
  if (bad === -1) return;
  const got = typeof keys[bad] === "string" ? "a string that is not" : describe(keys[bad]);
  throw new TypeError(
    `${owner}: "apiKeys" must hold strings of visible ASCII characters, at least one each, got ${got}`,
  );
}

const KEY = /^[\x21-\x7e]+$/;

/** The key of the environment, unless `authenticate` is set. Errors do not contain it. */
function keysOfEnvironment(
  owner: string,
  { authenticate, allowUnauthenticated }: AccessOptions,
  variable: string,
): string[] {
  const key = authenticate === undefined ? environmentVariable(variable) ?? "" : "";
  if (key === "") return [];
  if (!KEY.test(key)) {
    throw new TypeError(`${owner}: ${variable} must be a string of visible ASCII characters`);
  }
  // One closes the server and the other opens it.
  if (allowUnauthenticated) {
    throw new TypeError(
      `${owner}: ${variable} is set, and "allowUnauthenticated" lets in whoever has no key; say one of them`,
    );
  }
  return [key];
}
