/** Checks of the storage that something is kept in, and of what its keys begin with. */

import { describe, isRecord } from "../core/options.ts";

/** @throws {TypeError} If it lacks a method. */
export function checkStorage(owner: string, storage: unknown): void {
  for (const name of ["getItem", "setItem", "removeItem", "getKeys"]) {
    if (isRecord(storage) && typeof storage[name] === "function") continue;
    throw new TypeError(
      `${owner}: the storage must have ${name}(), as one of unstorage has; got ${
        describe(storage)
      }`,
    );
  }
}

/** @throws {TypeError} If keys cannot begin with it. */
export function checkPrefix(owner: string, prefix: unknown): string {
  if (typeof prefix === "string" && PREFIX.test(prefix)) return prefix;
  throw new TypeError(
    `${owner}: "prefix" must be letters, digits, "_" and "-", in parts joined by ":", got ${
      describe(prefix)
    }`,
  );
}

const PREFIX = /^[A-Za-z0-9_-]+(:[A-Za-z0-9_-]+)*$/;
